#pragma once

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <optional>

#include "core/io/hdf5/helper.hpp"
#include "core/io/readers.hpp"

namespace gyro {

/// An HDF5 file seen through a helper process, so that no file can crash or hang the program. The
/// helper lives as long as this object and is started anew when it was lost.
class Hdf5File final : public ListedFile {
 public:
  /// How long the helper may be silent. It reports every few MB that it unpacks.
  static constexpr std::chrono::milliseconds kPatience{20'000};

  [[nodiscard]] static Result<std::unique_ptr<Hdf5File>> open(
      const InputFile& file, Progress* progress, std::chrono::milliseconds patience = kPatience);

  [[nodiscard]] std::string_view format() const override { return "HDF5"; }
  [[nodiscard]] Result<Tensor> read(const std::string& name, Progress* progress) const override;
  [[nodiscard]] Result<std::map<std::string, std::string>> attributes(
      const std::string& object) const override;

  /// The helper's process, −1 if there is none now.
  [[nodiscard]] pid_t helper_pid() const;

 private:
  Hdf5File(const InputFile& file, std::chrono::milliseconds patience)
      : ListedFile(file), patience_(patience) {}
  [[nodiscard]] Status list(Progress* progress);
  [[nodiscard]] Result<bool> add(const nlohmann::json& answer);
  [[nodiscard]] Status ensure_helper() const;
  [[nodiscard]] Result<Tensor> receive(const TensorInfo& info, Progress* progress) const;

  std::chrono::milliseconds patience_;
  std::unordered_set<std::string> names_;
  mutable std::timed_mutex busy_;
  mutable std::optional<hdf5::Helper> helper_;
};

[[nodiscard]] OpenedFile open_hdf5(const InputFile& file, Progress* progress);

}  // namespace gyro
