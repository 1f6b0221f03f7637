#include "core/io/hdf5/client.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/base/advice.hpp"
#include "core/io/error_json.hpp"

namespace gyro {
namespace {

using std::chrono::milliseconds;

/// A slow drive gets a second more for each 5 MB of a tensor.
milliseconds allowance(std::int64_t bytes) {
  return milliseconds(bytes / 5000);
}

tl::unexpected<Error> senseless() {
  return fail(ErrorCode::Unavailable, "the helper that reads HDF5 files gave a senseless answer",
              "", "The file is probably damaged: download or copy it again.");
}

/// Sealed memory cannot shrink under the mapping.
Result<Tensor> map_shared(const TensorInfo& info, const Descriptor& memory) {
  struct stat status {};
  const int seals = ::fcntl(memory.get(), F_GET_SEALS);
  const bool sealed = seals >= 0 && (seals & F_SEAL_SHRINK) != 0 && (seals & F_SEAL_WRITE) != 0;
  if (!sealed || ::fstat(memory.get(), &status) != 0 || status.st_size != info.bytes()) {
    return senseless();
  }
  const auto bytes = static_cast<std::size_t>(info.bytes());
  void* data = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, memory.get(), 0);
  if (data == MAP_FAILED)
    return fail(ErrorCode::TooLarge, "there is not enough memory to read it", {}, advice::kMemory);
  std::shared_ptr<const void> owner(
      data, [bytes](const void* mapped) { ::munmap(const_cast<void*>(mapped), bytes); });
  return Tensor{info, std::move(owner), {static_cast<const std::byte*>(data), bytes}};
}

}  // namespace

Result<std::unique_ptr<Hdf5File>> Hdf5File::open(const InputFile& file, Progress* progress,
                                                 milliseconds patience) {
  std::unique_ptr<Hdf5File> out(new Hdf5File(file, patience));
  auto status = out->list(progress);
  if (!status) return fail(status.error().at(file.path()));
  return out;
}

Status Hdf5File::list(Progress* progress) {
  if (progress != nullptr) progress->begin("opening");
  GYRO_CHECK(ensure_helper());
  GYRO_CHECK(helper_->ask({{"list", true}}, patience_, progress,
                          [&](const nlohmann::json& answer, const Descriptor&) {
                            if (progress != nullptr) progress->advance();
                            return add(answer);
                          }));
  return {};
}

Result<bool> Hdf5File::add(const nlohmann::json& answer) {
  if (answer.contains("done")) return true;
  // A damaged index can make the library find the same entries for ever.
  if (tensors_.size() + skipped_.size() > file_.size()) {
    return fail(ErrorCode::Malformed, "it claims more entries than it can hold", {},
                advice::kDamaged);
  }
  if (answer.contains("tensor")) {
    auto info = hdf5::tensor_from_json(answer["tensor"]);
    if (!info) return senseless();
    if (names_.insert(info->name).second) {
      tensors_.push_back(*std::move(info));
    } else {
      skipped_.push_back(
          {ErrorCode::Malformed, "the name is there twice", info->name, advice::kDamaged});
    }
  } else if (answer.contains("skipped")) {
    auto error = error_from_json(answer["skipped"]);
    if (!error) return senseless();
    skipped_.push_back(*std::move(error));
  }
  return false;
}

Status Hdf5File::ensure_helper() const {
  if (helper_ && helper_->running()) return {};
  helper_.reset();
  GYRO_TRY(helper_, hdf5::Helper::start(file_.descriptor()));
  return {};
}

Result<Tensor> Hdf5File::read(const std::string& name, Progress* progress) const {
  GYRO_TRY(const std::size_t index, index_of(name));
  const auto& info = tensors_[index];
  if (info.bytes() == 0) return Tensor{info, nullptr, {}};
  if (progress != nullptr) progress->begin("reading", info.bytes());
  std::unique_lock lock(busy_, std::defer_lock);
  while (!lock.try_lock_for(milliseconds(50))) {
    if (progress != nullptr && progress->cancelled()) {
      return fail(ErrorCode::Cancelled, "reading was stopped", place(name));
    }
  }
  auto tensor = receive(info, progress);
  if (!tensor) return fail(tensor.error().at(place(name)));
  return tensor;
}

Result<Tensor> Hdf5File::receive(const TensorInfo& info, Progress* progress) const {
  GYRO_CHECK(ensure_helper());
  Result<Tensor> out = senseless();
  const auto on_answer = [&](const nlohmann::json& answer,
                             const Descriptor& memory) -> Result<bool> {
    if (answer.contains("advanced")) {
      if (progress != nullptr && answer["advanced"].is_number_integer()) {
        progress->advance(answer["advanced"].get<std::int64_t>());
      }
      return false;
    }
    const auto found = hdf5::tensor_from_json(answer.value("tensor", nlohmann::json()));
    if (!found || found->type != info.type || found->shape != info.shape) return senseless();
    GYRO_TRY(out, map_shared(info, memory));
    return true;
  };
  GYRO_CHECK(helper_->ask({{"read", info.name}}, patience_ + allowance(info.bytes()), progress,
                          on_answer));
  return out;
}

Result<std::map<std::string, std::string>> Hdf5File::attributes(const std::string& object) const {
  std::map<std::string, std::string> out;
  const auto on_answer = [&](const nlohmann::json& answer, const Descriptor&) -> Result<bool> {
    if (answer.contains("done")) return true;
    const auto name = answer.find("attribute");
    const auto text = answer.find("text");
    if (name == answer.end() || !name->is_string() || text == answer.end() || !text->is_string() ||
        out.size() > file_.size()) {
      return senseless();
    }
    out[name->get<std::string>()] = text->get<std::string>();
    return false;
  };
  const std::lock_guard lock(busy_);
  auto status = ensure_helper();
  if (status) status = helper_->ask({{"attributes", object}}, patience_, nullptr, on_answer);
  if (!status) return fail(status.error().at(object.empty() ? file_.path() : place(object)));
  return out;
}

pid_t Hdf5File::helper_pid() const {
  const std::lock_guard lock(busy_);
  return helper_ ? helper_->pid() : -1;
}

OpenedFile open_hdf5(const InputFile& file, Progress* progress) {
  GYRO_TRY(auto out, Hdf5File::open(file, progress));
  return out;
}

}  // namespace gyro
