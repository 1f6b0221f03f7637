#include <filesystem>

#include "core/io/npy_header.hpp"
#include "core/io/readers.hpp"

namespace gyro {
namespace {

class NpyFile final : public ListedFile {
 public:
  NpyFile(const InputFile& file, NpyHeader header) : ListedFile(file), header_(std::move(header)) {
    header_.info.name = std::filesystem::path(file.path()).stem().string();
    tensors_.push_back(header_.info);
  }

  [[nodiscard]] std::string_view format() const override { return "npy"; }

  [[nodiscard]] Result<Tensor> read(const std::string& name, Progress* progress) const override {
    GYRO_CHECK(index_of(name));
    GYRO_TRY(Tensor stored, read_range(file_, header_.info, header_.data_start, progress));
    auto arranged = arrange_npy(header_, std::move(stored));
    if (!arranged) return fail(arranged.error().at(place(name)));
    return arranged;
  }

 private:
  NpyHeader header_;
};

}  // namespace

OpenedFile open_npy(const InputFile& file) {
  std::uint64_t at = 0;
  const auto source = [&](std::span<std::byte> to) {
    at += to.size();
    return file.read_at(at - to.size(), to);
  };
  auto header = read_npy_header(source, file.size());
  if (!header) {
    Error error = header.error();
    if (error.where.empty()) error.where = file.path();
    return fail(std::move(error));
  }
  return std::make_unique<NpyFile>(file, *std::move(header));
}

}  // namespace gyro
