#include "gpu/spmm/select.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gyro::cuda {
namespace {

std::vector<const SpmmPath*> all_paths() {
  std::vector<const SpmmPath*> out;
  for (const auto paths : {sm90_paths(), sm80_paths(), general_paths()}) {
    for (const SpmmPath& path : paths) out.push_back(&path);
  }
  return out;
}

std::string names_of(const std::vector<const SpmmPath*>& paths) {
  std::string out;
  for (const SpmmPath* path : paths) out += (out.empty() ? "" : ", ") + std::string(path->name);
  return out;
}

}  // namespace

Result<const SpmmPath*> select_path(const gyro_context& context, const HinmShape& shape,
                                    std::int64_t tokens, const char* name,
                                    const SpmmPath* without) {
  std::vector<const SpmmPath*> fitting;
  const SpmmPath* best = nullptr;
  bool known = name == nullptr;
  for (const SpmmPath* path : all_paths()) {
    const bool wanted = name == nullptr || std::string_view(name) == path->name;
    if (name != nullptr && wanted) known = true;
    if (path == without || !path->fits(context, shape)) continue;
    fitting.push_back(path);
    if (!wanted) continue;
    if (best == nullptr ||
        path->cost_us(context, shape, tokens) < best->cost_us(context, shape, tokens)) {
      best = path;
    }
  }
  if (best != nullptr) return best;
  const std::string advice = "Kernels for this layer on this card: " + names_of(fitting) + ".";
  if (!known) return fail(ErrorCode::InvalidArgument, "no such kernel", name, advice);
  return fail(ErrorCode::Unsupported, "the kernel cannot run this layer on this card",
              name == nullptr ? "" : name, advice);
}

}  // namespace gyro::cuda
