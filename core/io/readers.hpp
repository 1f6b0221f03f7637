#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/progress.hpp"
#include "core/base/result.hpp"
#include "core/io/input_file.hpp"
#include "core/io/tensor.hpp"

namespace gyro {

using OpenedFile = Result<std::unique_ptr<TensorFile>>;

// One function a format; each is given a file whose first bytes look like that format.
[[nodiscard]] OpenedFile open_safetensors(const InputFile& file);
[[nodiscard]] OpenedFile open_safetensors_index(const InputFile& file, Progress* progress);
[[nodiscard]] OpenedFile open_npy(const InputFile& file);
[[nodiscard]] OpenedFile open_zip(const InputFile& file, Progress* progress);

/// What all readers keep: the file, what is in it, and what was left out.
class ListedFile : public TensorFile {
 public:
  [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::vector<Error>& skipped() const override { return skipped_; }

 protected:
  explicit ListedFile(InputFile file) : file_(std::move(file)) {}

  /// The place of `name` in tensors(); the error names the file.
  [[nodiscard]] Result<std::size_t> index_of(const std::string& name) const;
  /// "file: tensor".
  [[nodiscard]] std::string place(const std::string& name) const {
    return file_.path() + ": " + name;
  }

  InputFile file_;
  std::vector<TensorInfo> tensors_;
  std::vector<Error> skipped_;
};

}  // namespace gyro
