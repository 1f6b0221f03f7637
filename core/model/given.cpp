#include "core/model/given.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/io/orders_file.hpp"
#include "core/io/permutation_file.hpp"

namespace gyro {
namespace {

constexpr std::size_t kNamed = 8;  // layers that an error lists

tl::unexpected<Error> no_such_layer(std::vector<std::string> known) {
  const bool more = known.size() > kNamed;
  known.resize(std::min(known.size(), kNamed));
  return fail(ErrorCode::NotFound, "holds no permutation of this layer", {},
              fmt::format("It holds {}{}.", fmt::join(known, ", "), more ? ", …" : ""));
}

std::string text_of(const HinmShape& shape) {
  return fmt::format("{}×{}, V = {}, {}, {} vectors a tile", shape.rows, shape.cols,
                     shape.vector_size, shape.nm.text(), shape.kept);
}

Result<GivenOrder> stored(const std::string& path, const Problem& problem) {
  GYRO_TRY(auto records, read_permutations(path));
  const auto found = std::find_if(records.begin(), records.end(), [&](const auto& record) {
    return record.tensor == problem.layer.info.name;
  });
  if (found == records.end()) {
    std::vector<std::string> known;
    known.reserve(records.size());
    for (const auto& record : records) known.push_back(record.tensor);
    return no_such_layer(std::move(known));
  }
  if (!(found->shape == problem.shape)) {
    return fail(ErrorCode::Mismatch,
                fmt::format("was made for {}, but the layer is searched with {}",
                            text_of(found->shape), text_of(problem.shape)),
                {}, "Give the settings that it was made with.");
  }
  GivenOrder out{std::move(found->permutation), {}};
  if (found->mask_rule == "imported") out.mask = std::move(found->mask);
  return out;
}

Result<Permutation> permutation_of(WrittenOrders orders, const Problem& problem) {
  const HinmShape& shape = problem.shape;
  Permutation out{std::move(orders.output_order), {}};
  if (orders.vector_index.empty()) {
    out.vector_index = problem.identity.vector_index;  // any that is valid, to check the rows
    GYRO_CHECK(validate(out, shape));
    return with_default_vectors(view_of(*problem.saliency), shape, std::move(out.output_order));
  }
  for (const auto& vectors : orders.vector_index) {
    if (static_cast<int>(vectors.size()) == shape.kept) {
      out.vector_index.insert(out.vector_index.end(), vectors.begin(), vectors.end());
      continue;
    }
    return fail(ErrorCode::Mismatch,
                fmt::format("a tile of vector_index has {} columns, but {} are kept ({})",
                            vectors.size(), shape.kept, text_of(shape)));
  }
  GYRO_CHECK(validate(out, shape));
  return out;
}

Result<GivenOrder> written(const std::string& path, const Problem& problem) {
  GYRO_TRY(auto layers, read_orders(path));
  const auto found = layers.find(problem.layer.info.name);
  if (found == layers.end()) {
    std::vector<std::string> known;
    known.reserve(layers.size());
    for (const auto& [name, orders] : layers) known.push_back(name);
    return no_such_layer(std::move(known));
  }
  GYRO_TRY(Permutation permutation, permutation_of(std::move(found->second), problem));
  return GivenOrder{std::move(permutation), {}};
}

}  // namespace

Result<GivenOrder> read_given(const std::string& path, const Problem& problem) {
  auto given = path.ends_with(".json") ? written(path, problem) : stored(path, problem);
  if (!given) return fail(given.error().at(path));
  return given;
}

}  // namespace gyro
