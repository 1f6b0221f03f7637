#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <span>
#include <string>

namespace gyro {

/// SHA-256 of bytes that come piece by piece (libcrypto).
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::span<const std::byte> bytes);
  /// Lower-case hex of all that came; ends the object's use. Empty if libcrypto failed.
  [[nodiscard]] std::string finish();

 private:
  EVP_MD_CTX* context_;
  bool good_;
};

}  // namespace gyro
