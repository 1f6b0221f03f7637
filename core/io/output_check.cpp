#include "core/io/output_check.hpp"

#include <filesystem>

#include "core/io/permutation_file.hpp"
#include "core/io/safe_write.hpp"
#include "core/io/tensor.hpp"
#include "core/io/trace_file.hpp"

namespace gyro {
namespace {

namespace fs = std::filesystem;

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored) ||
         fs::absolute(a, ignored).lexically_normal() == fs::absolute(b, ignored).lexically_normal();
}

bool is_empty_or_absent(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  return status.type() == fs::file_type::not_found ||
         (fs::is_regular_file(status) && fs::file_size(path, error) == 0);
}

}  // namespace

Status check_output(const std::string& path, const std::vector<std::string>& inputs) {
  for (const auto& input : inputs) {
    if (!same_file(path, input)) continue;
    return fail(ErrorCode::InvalidArgument, "the result would replace another file of this command",
                path, "Choose another name for the result.");
  }
  return check_replaceable(path);
}

Status check_replaced(const std::string& path, const std::string& kind,
                      const std::function<Status(const std::string&)>& read) {
  if (is_empty_or_absent(path) || read(path)) return {};
  // Once more: another command may have replaced the file while it was read.
  const auto again = read(path);
  if (again) return {};
  return fail(ErrorCode::WriteFailed,
              "this file exists and is not " + kind + " (" + again.error().what + ")", path,
              "Choose another name for the result, or remove the file.");
}

Status check_permutation_output(const std::string& path, const std::vector<std::string>& inputs) {
  if (const auto format = permutation_format(path); !format) return fail(format.error());
  GYRO_CHECK(check_output(path, inputs));
  return check_replaced(path, "a permutation file", [](const std::string& file) -> Status {
    if (const auto read = read_permutations(file); !read) return fail(read.error());
    return {};
  });
}

Status check_trace_output(const std::string& path, const std::vector<std::string>& inputs) {
  GYRO_CHECK(check_output(path, inputs));
  return check_replaced(path, "a trace", [](const std::string& name) -> Status {
    GYRO_TRY(const auto file, TensorFile::open(name));
    GYRO_TRY(const auto attributes, file->attributes(""));
    if (attributes.contains(kTraceMark)) return {};
    return fail(ErrorCode::Malformed, "no search is recorded in it");
  });
}

}  // namespace gyro
