#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace gyro {

/// Fails unless a result can be written to `path` (check_replaceable()) and it is none of `inputs`.
[[nodiscard]] Status check_output(const std::string& path, const std::vector<std::string>& inputs);

/// Fails unless there is nothing at `path`, an empty file, or one that `read` can read: no other
/// file of a person, an input named in whatever way among them, is replaced. `kind`: "a trace".
[[nodiscard]] Status check_replaced(const std::string& path, const std::string& kind,
                                    const std::function<Status(const std::string&)>& read);

/// Both for a permutation file, whose extension must be a known one.
[[nodiscard]] Status check_permutation_output(const std::string& path,
                                              const std::vector<std::string>& inputs);

/// Both for a trace.
[[nodiscard]] Status check_trace_output(const std::string& path,
                                        const std::vector<std::string>& inputs);

}  // namespace gyro
