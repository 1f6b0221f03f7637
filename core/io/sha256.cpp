#include "core/io/sha256.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "core/io/permutation_file.hpp"

namespace gyro {
namespace {

struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

tl::unexpected<Error> unreadable(const std::string& path, int reason) {
  const auto code = reason == ENOENT ? ErrorCode::NotFound : ErrorCode::Unreadable;
  return fail(
      code,
      fmt::format("cannot be read: {}", std::error_code(reason, std::generic_category()).message()),
      path, "Check the path, and the permissions of the file and its folders.");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()), good_(context_ != nullptr) {
  good_ = good_ && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1;
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
}

void Sha256::update(std::span<const std::byte> bytes) {
  good_ = good_ && EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1;
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  good_ = good_ && EVP_DigestFinal_ex(context_, digest.data(), &length) == 1;
  std::string hex;
  for (unsigned int i = 0; good_ && i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  good_ = false;
  return hex;
}

Result<std::string> sha256_of_file(const std::string& path, Progress* progress) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.value < 0) return unreadable(path, errno);
  struct stat info {};
  if (::fstat(file.value, &info) != 0) return unreadable(path, errno);
  if (!S_ISREG(info.st_mode))
    return fail(ErrorCode::Unreadable, "is not a plain file", path,
                "Copy its content to a file first.");
  if (progress != nullptr) progress->begin("checksum", info.st_size);
  Sha256 sum;
  std::vector<std::byte> buffer(std::size_t{1} << 20);
  while (true) {
    const auto count = ::read(file.value, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(path, errno);
    if (count == 0) break;
    sum.update(std::span(buffer).first(static_cast<std::size_t>(count)));
    if (progress != nullptr && !progress->advance(count)) {
      return fail(ErrorCode::Cancelled, "the checksum was stopped", path);
    }
  }
  std::string hex = sum.finish();
  if (hex.empty())
    return fail(ErrorCode::Internal, "libcrypto gave no checksum", path,
                "Install Gyroscope and OpenSSL again.");
  return hex;
}

}  // namespace gyro
