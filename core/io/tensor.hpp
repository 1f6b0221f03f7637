#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/matrix.hpp"
#include "core/base/progress.hpp"
#include "core/base/result.hpp"

namespace gyro {

/// How a tensor's entries are stored; all little-endian once read.
enum class ScalarType { F16, BF16, F32, F64, I8, U8, I16, U16, I32, U32, I64, U64, Bool };

[[nodiscard]] std::string_view name_of(ScalarType type);  ///< "float16", "bfloat16", …
[[nodiscard]] std::size_t size_of(ScalarType type);       ///< bytes of one entry
[[nodiscard]] bool is_floating(ScalarType type);

/// What a file says of a tensor without reading it.
struct TensorInfo {
  std::string name;  ///< full name, "/"-separated in HDF5
  ScalarType type = ScalarType::F32;
  std::vector<std::int64_t> shape;  ///< empty: a scalar
  bool transposed = false;          ///< stored in × out (Keras kernels): as_matrix() turns it

  [[nodiscard]] std::int64_t count() const;  ///< entries; shapes are checked so that it fits
  [[nodiscard]] std::int64_t bytes() const;
};

/// A tensor that was read: its entries in C order, in the file's own type.
struct Tensor {
  TensorInfo info;
  std::shared_ptr<const void> owner;  ///< keeps `data` alive: a buffer or a mapping of the file
  std::span<const std::byte> data;    ///< info.bytes() bytes, not necessarily aligned
};

/// A file of tensors, open for reading. Opening reads names, shapes and types only; read() brings
/// one tensor. Nothing in the file can crash, hang or make it allocate beyond what the file's own
/// length justifies; every failure names file and tensor. May be used from several threads.
class TensorFile {
 public:
  /// Opens by content, not by extension: HDF5, safetensors, its .index.json, npy, npz.
  [[nodiscard]] static Result<std::unique_ptr<TensorFile>> open(const std::string& path,
                                                                Progress* progress = nullptr);

  TensorFile() = default;
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;
  virtual ~TensorFile() = default;

  [[nodiscard]] virtual std::string_view format() const = 0;  ///< "HDF5", "safetensors", …
  [[nodiscard]] virtual const std::vector<TensorInfo>& tensors() const = 0;
  /// Entries that were left out, each with the reason ("an external link is not followed").
  [[nodiscard]] virtual const std::vector<Error>& skipped() const = 0;
  [[nodiscard]] virtual Result<Tensor> read(const std::string& name,
                                            Progress* progress = nullptr) const = 0;
  /// The attributes of a tensor or group by its full name, "" or "/" for the file's own, as text:
  /// strings as they are, numbers in the shortest form that reads back to the same, arrays as JSON
  /// ("[384,1536]"). In safetensors the file's own are `__metadata__`. Formats without attributes
  /// have none; those of other types are left out.
  [[nodiscard]] virtual Result<std::map<std::string, std::string>> attributes(
      const std::string& /*object*/) const {
    return std::map<std::string, std::string>{};
  }

  /// The tensor of that full name; an error suggests near ones.
  [[nodiscard]] Result<TensorInfo> find(const std::string& name) const;
};

/// How a stored tensor is read as out × in: "2-D as it is", "O × (I·kh·kw)", "transposed".
/// Fails for shapes that are not a weight: scalars, vectors, an empty extent, integers.
struct MatrixShape {
  int rows = 0;
  int cols = 0;
  std::string view;  ///< "out×in", "O×(I·kh·kw)", "transposed in×out"
};
[[nodiscard]] Result<MatrixShape> matrix_shape(const TensorInfo& info);

/// The entries as float, out × in. float64 beyond float's range becomes infinity (and is counted by
/// count_nonfinite()).
[[nodiscard]] Result<Matrix> as_matrix(const Tensor& tensor, int threads = 0);

/// `count` entries of `type` at `from` (any alignment) to float. Integers and bool are allowed.
void convert_to_float(ScalarType type, const std::byte* from, std::int64_t count, float* to);
/// Float to the stored type, round to nearest even; only floating types.
void convert_from_float(ScalarType type, const float* from, std::int64_t count, std::byte* to);

}  // namespace gyro
