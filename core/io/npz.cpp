#include <fmt/format.h>

#include <algorithm>

#include "core/base/advice.hpp"
#include "core/io/npy_header.hpp"
#include "core/io/readers.hpp"
#include "core/io/zip_source.hpp"

namespace gyro {
namespace {

constexpr std::uint64_t kDeflateRatio = 1032;  // the most that one deflated byte can become
constexpr std::size_t kBlock = std::size_t{4} << 20;

struct Member {
  zip_uint64_t index = 0;
  std::uint64_t size = 0;
  NpyHeader header;
};

tl::unexpected<Error> damaged(const std::string& what) {
  return fail(ErrorCode::Malformed, what, "", advice::kDamaged);
}

Status read_member(zip_file_t* member, std::span<std::byte> to) {
  while (!to.empty()) {
    const auto got = zip_fread(member, to.data(), to.size());
    if (got < 0) {
      return damaged(std::string("its data cannot be unpacked: ") + zip_file_strerror(member));
    }
    if (got == 0) return damaged("its data is cut off");
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

/// Runs to the end of the member, where libzip compares the checksum.
Status check_end(zip_file_t* member, std::uint64_t left) {
  std::vector<std::byte> spare(static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock)));
  for (; left > 0; left -= std::min<std::uint64_t>(left, spare.size())) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left, spare.size()));
    GYRO_CHECK(read_member(member, std::span(spare).first(part)));
  }
  std::byte beyond{};
  const auto got = zip_fread(member, &beyond, 1);
  if (got == 0) return {};
  return damaged(got < 0 ? std::string("its data is damaged: ") + zip_file_strerror(member)
                         : "it holds more data than it announces");
}

Status check_member(const zip_stat_t& status, std::uint64_t file_size) {
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((status.valid & kNeeded) != kNeeded) return damaged("its entry is not complete");
  if (status.encryption_method != ZIP_EM_NONE) {
    return fail(ErrorCode::Unsupported, "it is encrypted", "", "Save it without a password.");
  }
  const bool stored = status.comp_method == ZIP_CM_STORE;
  if (!stored && status.comp_method != ZIP_CM_DEFLATE) {
    return fail(ErrorCode::Unsupported,
                fmt::format("it is packed by zip method {}", status.comp_method), "",
                "Save it with numpy.savez or numpy.savez_compressed.");
  }
  const bool fits =
      status.comp_size <= file_size &&
      (stored ? status.size == status.comp_size : status.size / kDeflateRatio <= status.comp_size);
  return fits ? Status{} : damaged("its size cannot be true for the length of the file");
}

ZipMember open_member(zip_t* archive, zip_uint64_t index) {
  return ZipMember(zip_fopen_index(archive, index, 0));
}

Result<Member> inspect_member(zip_t* archive, const zip_stat_t& status, std::uint64_t file_size) {
  GYRO_CHECK(check_member(status, file_size));
  const auto opened = open_member(archive, status.index);
  if (!opened) return damaged(std::string("it cannot be opened: ") + zip_strerror(archive));
  const auto source = [&](std::span<std::byte> to) { return read_member(opened.get(), to); };
  GYRO_TRY(NpyHeader header, read_npy_header(source, status.size));
  return Member{status.index, status.size, std::move(header)};
}

class NpzFile final : public ListedFile {
 public:
  explicit NpzFile(const InputFile& file) : ListedFile(file) {}

  [[nodiscard]] std::string_view format() const override { return "npz"; }

  Status load(Progress* progress) {
    GYRO_TRY(const ZipArchive archive, open_archive(file_));
    const auto count = zip_get_num_entries(archive.get(), 0);
    if (progress != nullptr) progress->begin("opening", count);
    for (zip_int64_t i = 0; i < count; ++i) {
      GYRO_CHECK(add(archive.get(), static_cast<zip_uint64_t>(i)));
      if (progress != nullptr && !progress->advance()) {
        return fail(ErrorCode::Cancelled, "opening was stopped", file_.path());
      }
    }
    if (packed_ > file_.size()) {
      return damaged_file("its members overlap: together they are longer than the file");
    }
    if (tensors_.empty() && skipped_.empty()) {
      return fail(ErrorCode::Unsupported, "it is a zip archive without NumPy arrays", file_.path(),
                  "Save the weights as .safetensors, .h5 or .npz.");
    }
    return {};
  }

  [[nodiscard]] Result<Tensor> read(const std::string& name, Progress* progress) const override {
    GYRO_TRY(const std::size_t index, index_of(name));
    auto tensor = unpack(members_[index], progress);
    if (!tensor) return fail(tensor.error().at(place(name)));
    return tensor;
  }

 private:
  [[nodiscard]] Status damaged_file(const std::string& what) const {
    return fail(damaged(what).value().at(file_.path()));
  }

  Status add(zip_t* archive, zip_uint64_t index) {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & ZIP_STAT_NAME) == 0) {
      return damaged_file(std::string("a member cannot be read: ") + zip_strerror(archive));
    }
    std::string name = status.name;
    if (name == "data.pkl" || name.ends_with("/data.pkl")) {
      return fail(ErrorCode::Unsupported, "PyTorch files are not yet supported", file_.path(),
                  "Convert it to safetensors: safetensors.torch.save_file(state_dict, path).");
    }
    if (!name.ends_with(".npy")) return {};
    name.resize(name.size() - 4);
    if (!names_.insert(name).second) {
      return damaged_file(fmt::format("it has two members named “{}”", name));
    }
    auto member = inspect_member(archive, status, file_.size());
    if ((status.valid & ZIP_STAT_COMP_SIZE) != 0) {
      packed_ += std::min(status.comp_size, file_.size() + 1);
    }
    if (!member) {
      skipped_.push_back(member.error().at(name));
      return {};
    }
    member->header.info.name = name;
    tensors_.push_back(member->header.info);
    members_.push_back(*std::move(member));
    return {};
  }

  [[nodiscard]] Result<Tensor> unpack(const Member& member, Progress* progress) const {
    const auto& info = member.header.info;
    GYRO_TRY(const ZipArchive archive, open_archive(file_));
    const auto opened = open_member(archive.get(), member.index);
    if (!opened) return damaged(std::string("it cannot be opened: ") + zip_strerror(archive.get()));
    std::vector<std::byte> head(static_cast<std::size_t>(member.header.data_start));
    GYRO_CHECK(read_member(opened.get(), head));
    GYRO_TRY(auto buffer, make_buffer(info.bytes()));
    const std::span<std::byte> all(buffer.get(), static_cast<std::size_t>(info.bytes()));
    if (progress != nullptr) progress->begin("reading", info.bytes());
    for (std::size_t done = 0; done < all.size(); done += kBlock) {
      const auto part = all.subspan(done, std::min(kBlock, all.size() - done));
      GYRO_CHECK(read_member(opened.get(), part));
      if (progress != nullptr && !progress->advance(static_cast<std::int64_t>(part.size()))) {
        return fail(ErrorCode::Cancelled, "reading was stopped");
      }
    }
    GYRO_CHECK(check_end(opened.get(), member.size - member.header.data_start - all.size()));
    return arrange_npy(member.header, Tensor{info, std::move(buffer), all});
  }

  std::vector<Member> members_;
  std::unordered_set<std::string> names_;
  std::uint64_t packed_ = 0;
};

}  // namespace

OpenedFile open_zip(const InputFile& file, Progress* progress) {
  auto out = std::make_unique<NpzFile>(file);
  GYRO_CHECK(out->load(progress));
  return out;
}

}  // namespace gyro
