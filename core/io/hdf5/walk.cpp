#include "core/io/hdf5/walk.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/advice.hpp"
#include "core/io/hdf5/dataset.hpp"

namespace gyro::hdf5 {
namespace {

constexpr std::size_t kLongestName = 4096;

struct Link {
  std::string name;
  H5L_type_t type = H5L_TYPE_ERROR;
};

struct LinkList {
  std::vector<Link> links;
  std::uint64_t most = 0;
};

herr_t collect(hid_t /*group*/, const char* name, const H5L_info_t* info, void* user) noexcept {
  auto& list = *static_cast<LinkList*>(user);
  if (list.links.size() >= list.most) return 1;
  list.links.push_back({name, info->type});
  return 0;
}

bool is_text(const std::string& name) {
  try {
    (void)nlohmann::json(name).dump();
  } catch (const nlohmann::json::exception&) {
    return false;  // not UTF-8
  }
  return true;
}

class Walk {
 public:
  Walk(hid_t file, std::uint64_t file_size, const Findings& findings)
      : file_(file), file_size_(file_size), findings_(findings) {}

  Status run() {
    H5O_info_t info;
    if (H5Oget_info(file_, &info) < 0) {
      return fail(ErrorCode::Malformed, "its root group cannot be read", "", advice::kCutOff);
    }
    visited_.insert(info.addr);
    groups_.emplace_back();
    while (!groups_.empty() && going_) {
      const std::string group = std::move(groups_.back());
      groups_.pop_back();
      visit_group(group);
    }
    for (const auto& path : soft_links_) {
      if (!going_) break;
      visit_soft_link(path);
    }
    return {};
  }

 private:
  void skip(ErrorCode code, const std::string& path, std::string what, std::string advice = {}) {
    if (going_) going_ = findings_.skipped({code, std::move(what), path, std::move(advice)});
  }

  void visit_group(const std::string& path) {
    LinkList list{{}, file_size_};  // a link needs more than a byte
    const Handle group(H5Gopen2(file_, path.empty() ? "/" : path.c_str(), H5P_DEFAULT), H5Gclose);
    hsize_t at = 0;
    if (!group || H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, &at, collect, &list) != 0) {
      skip(ErrorCode::Malformed, path.empty() ? "/" : path, "the group is damaged");
    }
    std::vector<std::string> inner;
    for (const auto& link : list.links) {
      if (!going_) return;
      visit_link(path.empty() ? link.name : path + "/" + link.name, link.type, inner);
    }
    groups_.insert(groups_.end(), inner.rbegin(), inner.rend());
  }

  void visit_link(const std::string& path, H5L_type_t type, std::vector<std::string>& groups) {
    if (path.size() > kLongestName || !is_text(path)) {
      return skip(ErrorCode::Unsupported, path.substr(0, 100), "its name is too long or not UTF-8");
    }
    if (type == H5L_TYPE_SOFT) {
      soft_links_.push_back(path);
    } else if (type == H5L_TYPE_EXTERNAL) {
      skip(ErrorCode::Unsupported, path, "an external link is not followed",
           "Open the file that it points to.");
    } else if (type != H5L_TYPE_HARD) {
      skip(ErrorCode::Unsupported, path, "a link of an unknown kind is not followed");
    } else {
      visit_object(path, groups);
    }
  }

  void visit_object(const std::string& path, std::vector<std::string>& groups) {
    H5O_info_t info;
    if (H5Oget_info_by_name(file_, path.c_str(), &info, H5P_DEFAULT) < 0) {
      return skip(ErrorCode::Malformed, path, "its description is damaged");
    }
    if (info.type == H5O_TYPE_DATASET) {
      report(path);
    } else if (info.type == H5O_TYPE_GROUP && visited_.insert(info.addr).second) {
      groups.push_back(path);
    }
  }

  void visit_soft_link(const std::string& path) {
    H5O_info_t info;
    if (H5Oget_info_by_name(file_, path.c_str(), &info, H5P_DEFAULT) < 0) {
      return skip(ErrorCode::NotFound, path, "the soft link leads to nothing in this file");
    }
    if (info.type == H5O_TYPE_DATASET) return report(path);
    if (info.type == H5O_TYPE_GROUP) {
      skip(ErrorCode::Unsupported, path,
           "the soft link leads to a group, whose tensors are listed at their own place");
    }
  }

  void report(const std::string& path) {
    auto dataset = open_dataset(file_, path, file_size_);
    if (!dataset) {
      const auto& error = dataset.error();
      return skip(error.code, path, error.what, error.advice);
    }
    dataset->info.transposed = is_keras_kernel(file_, path) && dataset->info.shape.size() >= 2;
    if (going_) going_ = findings_.tensor(dataset->info);
  }

  hid_t file_;
  std::uint64_t file_size_;
  const Findings& findings_;
  bool going_ = true;
  std::set<haddr_t> visited_;
  std::vector<std::string> groups_;  ///< the next one last
  std::vector<std::string> soft_links_;
};

bool has_keras_attribute(hid_t file) {
  for (const char* group : {"/", "/model_weights"}) {
    if (group[1] != '\0' && H5Lexists(file, group, H5P_DEFAULT) <= 0) continue;
    for (const char* name : {"keras_version", "layer_names"}) {
      if (H5Aexists_by_name(file, group, name, H5P_DEFAULT) > 0) return true;
    }
  }
  return false;
}

}  // namespace

Result<Handle> open_file(const std::string& path) {
  H5open();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
  H5Lunregister(H5L_TYPE_EXTERNAL);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_driver(access.get(), H5FD_SEC2, nullptr);
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (!file) {
    return fail(ErrorCode::Malformed, "it begins like an HDF5 file but cannot be opened", "",
                advice::kCutOff);
  }
  return file;
}

Status walk(hid_t file, std::uint64_t file_size, const Findings& findings) {
  return Walk(file, file_size, findings).run();
}

bool is_keras_kernel(hid_t file, const std::string& name) {
  if (name.ends_with("kernel:0")) return true;
  return (name == "kernel" || name.ends_with("/kernel")) && has_keras_attribute(file);
}

}  // namespace gyro::hdf5
