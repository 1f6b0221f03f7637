#include "core/io/input_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/base/advice.hpp"

namespace gyro {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kBlock = std::size_t{8} << 20;

tl::unexpected<Error> system_failure(const std::string& path, int number) {
  if (number == ENOENT || number == ENOTDIR) {
    return fail(ErrorCode::NotFound, "there is no such file", path, "Check the path.");
  }
  const bool denied = number == EACCES || number == EPERM;
  return fail(ErrorCode::Unreadable,
              "the system does not let it be read: " + std::string(std::strerror(number)), path,
              denied ? "Check the permissions of the file and its folders."
                     : "Check the path, and the disk or network that it lies on.");
}

Status check_kind(const struct stat& status, const std::string& path) {
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::Unreadable, "it is a folder", path, "Name a file inside it.");
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::Unreadable, "it is not a regular file but a pipe, socket or device",
                path, "Copy its content to a file first.");
  }
  if (status.st_size == 0) {
    return fail(ErrorCode::Malformed, "the file is empty", path, advice::kCutOff);
  }
  return {};
}

}  // namespace

Result<InputFile> InputFile::open(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_failure(path, errno);
  GYRO_CHECK(check_kind(status, path));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return system_failure(path, errno);
  InputFile file;
  file.descriptor_ = std::shared_ptr<const int>(new int(descriptor), [](const int* owned) {
    ::close(*owned);
    delete owned;
  });
  if (::fstat(descriptor, &status) != 0) return system_failure(path, errno);
  GYRO_CHECK(check_kind(status, path));
  file.path_ = path;
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

Status InputFile::read_at(std::uint64_t offset, std::span<std::byte> to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const auto got = ::pread(*descriptor_, to.data() + done, to.size() - done,
                             static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(path_, errno);
    if (got == 0) {
      return fail(ErrorCode::Malformed, "the file ends before the data that it announces", path_,
                  advice::kCutOff);
    }
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::shared_ptr<std::byte>> make_buffer(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
  const std::size_t alignment = size >= kBlock ? kLargePage : 64;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
  if (memory == nullptr) {
    return fail(ErrorCode::TooLarge,
                "there is not enough memory for " + std::to_string(bytes) + " bytes", {},
                advice::kMemory);
  }
  advise_large_pages(memory, size);
  return std::shared_ptr<std::byte>(memory, [](std::byte* owned) { std::free(owned); });
}

void advise_large_pages(void* from, std::size_t bytes) {
  void* begin = from;
  if (std::align(kPage, kBlock, begin, bytes) == nullptr) return;
  ::madvise(begin, bytes / kPage * kPage, MADV_HUGEPAGE);  // a hint: may fail
}

Result<Tensor> read_range(const InputFile& file, const TensorInfo& info, std::uint64_t offset,
                          Progress* progress) {
  const auto place = file.path() + ": " + info.name;
  auto buffer = make_buffer(info.bytes());
  if (!buffer) return fail(buffer.error().at(place));
  const std::span<std::byte> all(buffer->get(), static_cast<std::size_t>(info.bytes()));
  if (progress != nullptr) progress->begin("reading", info.bytes());
  for (std::size_t done = 0; done < all.size();) {
    const auto part = all.subspan(done, std::min(kBlock, all.size() - done));
    GYRO_CHECK(file.read_at(offset + done, part));
    done += part.size();
    if (progress != nullptr && !progress->advance(static_cast<std::int64_t>(part.size()))) {
      return fail(ErrorCode::Cancelled, "reading was stopped", place);
    }
  }
  return Tensor{info, *buffer, all};
}

}  // namespace gyro
