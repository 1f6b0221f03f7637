#include "core/io/packed_record.hpp"

#include <algorithm>
#include <utility>

#include "core/base/advice.hpp"
#include "core/sparsity/packed.hpp"

namespace gyro {
namespace {

Status check_pattern(const HinmShape& shape) {
  if (shape.nm == NmPattern{2, 4}) return {};
  return fail(ErrorCode::Unsupported, "only 2:4 layers are written in packed form", {},
              "Write the masked weight instead.");
}

}  // namespace

Result<PackedRecord> pack_record(MatrixView weight, ScalarType type, const Mask& mask,
                                 const HinmShape& shape, const Permutation& permutation) {
  GYRO_CHECK(check_pattern(shape));
  GYRO_TRY(PackedLayer packed, pack(weight, mask, shape, permutation));
  const auto& floats = std::get<std::vector<float>>(packed.values);
  PackedRecord out;
  out.metadata = std::move(packed.metadata);
  out.values.info = {"packed/values", type, {shape.rows, shape.kept_per_row()}, false};
  auto bytes =
      std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(out.values.info.bytes()));
  convert_from_float(type, floats.data(), static_cast<std::int64_t>(floats.size()), bytes->data());
  out.values.data = *bytes;
  out.values.owner = std::move(bytes);
  return out;
}

Status validate(const PackedRecord& packed, const Mask& mask, const HinmShape& shape,
                const Permutation& permutation) {
  GYRO_CHECK(check_pattern(shape));
  const TensorInfo& info = packed.values.info;
  if (!is_floating(info.type) ||
      info.shape != std::vector<std::int64_t>{shape.rows, shape.kept_per_row()} ||
      packed.values.data.size() != static_cast<std::size_t>(info.bytes())) {
    return fail(ErrorCode::Mismatch, "the packed values have not the layer's shape", {},
                advice::kChanged);
  }
  const PackedLayer places{shape, permutation,
                           std::vector<float>(static_cast<std::size_t>(info.count())),
                           packed.metadata};
  GYRO_TRY(const Mask kept, mask_of(places));
  if (kept == mask) return {};
  return fail(ErrorCode::Mismatch, "the packed layer keeps other weights than the mask", {},
              advice::kChanged);
}

bool same(const std::optional<PackedRecord>& a, const std::optional<PackedRecord>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->values.info.type == b->values.info.type &&
         a->values.info.shape == b->values.info.shape &&
         std::ranges::equal(a->values.data, b->values.data) && a->metadata == b->metadata;
}

}  // namespace gyro
