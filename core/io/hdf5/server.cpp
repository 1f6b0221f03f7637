#include "core/io/hdf5/server.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/advice.hpp"
#include "core/io/error_json.hpp"
#include "core/io/hdf5/attributes.hpp"
#include "core/io/hdf5/dataset.hpp"
#include "core/io/hdf5/protocol.hpp"
#include "core/io/hdf5/walk.hpp"

namespace gyro::hdf5 {
namespace {

using Json = nlohmann::json;

/// Address space for libhdf5 itself, beyond what a file's length justifies.
constexpr std::uint64_t kOwnMemory = std::uint64_t{256} << 20;

/// The program may end while libhdf5 hangs, so the socket is watched from a thread of its own.
/// (PR_SET_PDEATHSIG would also fire when the mere thread that started the helper ends.)
void end_with_the_program() {
  std::thread([] {
    pollfd watched{kSocket, POLLRDHUP, 0};
    while (::poll(&watched, 1, -1) < 0 ||
           (watched.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0) {
    }
    ::_exit(0);
  }).detach();
}

std::uint64_t address_space_in_use() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Bounds the address space; only where no sanitizer needs terabytes of it.
void limit_memory([[maybe_unused]] std::uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__)
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

/// Anonymous memory that is filled here and then handed over, sealed.
class SharedBuffer {
 public:
  explicit SharedBuffer(std::size_t bytes)
      : bytes_(bytes), file_(::memfd_create("gyro-tensor", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    if (file_.get() < 0 || ::ftruncate(file_.get(), static_cast<off_t>(bytes)) != 0) return;
    data_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  }
  SharedBuffer(const SharedBuffer&) = delete;
  SharedBuffer& operator=(const SharedBuffer&) = delete;
  ~SharedBuffer() { unmap(); }

  explicit operator bool() const { return data_ != MAP_FAILED; }
  [[nodiscard]] std::span<std::byte> bytes() { return {static_cast<std::byte*>(data_), bytes_}; }
  [[nodiscard]] int sealed() {
    unmap();
    constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    return ::fcntl(file_.get(), F_ADD_SEALS, kSeals) == 0 ? file_.get() : -1;
  }

 private:
  void unmap() {
    if (data_ != MAP_FAILED) ::munmap(data_, bytes_);
    data_ = MAP_FAILED;
  }
  std::size_t bytes_;
  Descriptor file_;
  void* data_ = MAP_FAILED;
};

class Server {
 public:
  explicit Server(std::uint64_t file_size)
      : file_size_(file_size), memory_(address_space_in_use() + kOwnMemory + 4 * file_size) {}

  bool answer(const Json& request) {
    limit_memory(memory_);
    auto status = request.contains("list")         ? list()
                  : request.contains("attributes") ? attributes(request.value("attributes", ""))
                                                   : read(request.value("read", ""));
    return status || send_message(kSocket, {{"error", to_json(status.error())}});
  }

 private:
  Status open() {
    if (file_) return {};
    GYRO_TRY(file_, open_file("/proc/self/fd/" + std::to_string(kFile)));
    return {};
  }

  Status list() {
    GYRO_CHECK(open());
    const Findings findings{[](const TensorInfo& info) {
                              return send_message(kSocket, {{"tensor", to_json(info)}});
                            },
                            [](const Error& error) {
                              return send_message(kSocket, {{"skipped", to_json(error)}});
                            }};
    GYRO_CHECK(walk(file_.get(), file_size_, findings));
    send_message(kSocket, {{"done", true}});
    return {};
  }

  Status attributes(const std::string& object) {
    GYRO_CHECK(open());
    GYRO_CHECK(
        read_attributes(file_.get(), object, [](const std::string& name, const std::string& text) {
          const Json answer{{"attribute", name}, {"text", text}};
          const auto packet = answer.dump(-1, ' ', false, Json::error_handler_t::replace);
          // What is longer than a packet is left out; what is no UTF-8 arrives with U+FFFD.
          return packet.size() > kLongestMessage || send_message(kSocket, Json::parse(packet));
        }));
    send_message(kSocket, {{"done", true}});
    return {};
  }

  Status read(const std::string& name) {
    GYRO_CHECK(open());
    GYRO_TRY(const Dataset dataset, open_dataset(file_.get(), name, file_size_));
    const auto bytes = static_cast<std::uint64_t>(dataset.info.bytes());
    limit_memory(memory_ + bytes + 4 * static_cast<std::uint64_t>(dataset.chunk_bytes));
    SharedBuffer buffer(static_cast<std::size_t>(bytes));
    if (!buffer)
      return fail(ErrorCode::TooLarge, "there is not enough memory to read it", {},
                  advice::kMemory);
    GYRO_CHECK(read_dataset(dataset, buffer.bytes(), [](std::int64_t advanced) {
      send_message(kSocket, {{"advanced", advanced}});
    }));
    const int sealed = buffer.sealed();
    if (sealed < 0)
      return fail(ErrorCode::Internal, "shared memory cannot be sealed", {}, advice::kDefect);
    send_message(kSocket, {{"tensor", to_json(dataset.info)}}, sealed);
    return {};
  }

  std::uint64_t file_size_;
  std::uint64_t memory_;
  Handle file_;
};

}  // namespace

int serve() {
  struct stat socket {};
  struct stat file {};
  if (::fstat(kSocket, &socket) != 0 || !S_ISSOCK(socket.st_mode) || ::fstat(kFile, &file) != 0) {
    return 2;
  }
  ::mallopt(M_ARENA_MAX, 1);
  ::setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
  ::setenv("HDF5_PLUGIN_PRELOAD", "::", 1);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  end_with_the_program();
  Server server(static_cast<std::uint64_t>(file.st_size));
  while (const auto message = receive_message(kSocket)) {
    const auto request = Json::parse(message->text, nullptr, false);
    if (!request.is_object() || !server.answer(request)) break;
  }
  ::_exit(0);  // a damaged file may also crash libhdf5's closing
}

}  // namespace gyro::hdf5
