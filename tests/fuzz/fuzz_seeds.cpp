// Writes the first inputs of every fuzz target into FOLDER/TARGET.
#include <fcntl.h>

#include <cstdio>
#include <filesystem>

#include "core/io/readers.hpp"
#include "core/io/safetensors_writer.hpp"
#include "core/io/trace_file.hpp"
#include "core/remote/fields.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/message.hpp"
#include "core/remote/problem_spec.hpp"
#include "core/remote/wire.hpp"
#include "tests/core/io/fixtures.hpp"
#include "tests/core/io/random_trace.hpp"
#include "tests/core/io/records.hpp"

namespace gyro::test {
namespace {

namespace fs = std::filesystem;
using namespace gyro::testing;
using Json = nlohmann::json;

const std::string kFloats(24 * sizeof(float), '\x3f');

class Seeds {
 public:
  explicit Seeds(fs::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::string path(const std::string& target, const std::string& name) const {
    fs::create_directories(folder_ / target);
    return (folder_ / target / name).string();
  }
  void write(const std::string& target, const std::string& name, const std::string& bytes) const {
    std::ofstream(path(target, name), std::ios::binary) << bytes;
  }

 private:
  fs::path folder_;
};

HinmShape small_shape() {
  return make_shape(8, 20, 4, {2, 4}, {3, 4}).value();
}

void add_tensors(const Seeds& seeds) {
  seeds.write("safetensors", "two",
              safetensors(R"({"a":{"dtype":"F32","shape":[4,4],"data_offsets":[0,64]},)"
                          R"("b":{"dtype":"BF16","shape":[2,2,2,2],"data_offsets":[64,96]},)"
                          R"("__metadata__":{"format":"pt"}})",
                          kFloats));
  seeds.write("npy", "c", npy("<f4", false, "(4, 6)", kFloats));
  seeds.write("npy", "fortran", npy(">f2", true, "(2, 3, 8)", kFloats));
  const std::vector<std::pair<std::string, std::string>> members{
      {"a.npy", npy("<f4", false, "(4, 6)", kFloats)},
      {"folder/b.npy", npy(">f2", true, "(6, 8)", kFloats)}};
  write_zip(seeds.path("npz", "deflated"), members);
  write_zip(seeds.path("npz", "stored"), members, ZIP_CM_STORE);
  seeds.write("index", "one",
              R"({"metadata":{"total_size":24},"weight_map":{"a":"900","b":"900"}})");
  seeds.write("index", "lost", R"({"weight_map":{"a":"900","c":"900","d":"../x","e":"none"}})");
}

/// A safetensors file as fuzz_stored takes it.
std::string without_length(const std::string& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  return file.substr(8, length) + "\n" + file.substr(8 + length);
}

void add_permutations(const Seeds& seeds) {
  const Folder folder;
  const HinmShape shape = small_shape();
  LayerRecord plain = random_record("block.0/weight", shape, 1);
  LayerRecord full = random_record("b", shape, 2);
  const Matrix weight = random_saliency(shape.rows, shape.cols, 3);
  full.weight = masked_weight(weight, full.mask, ScalarType::F16);
  full.packed =
      pack_record(view_of(weight), ScalarType::BF16, full.mask, shape, full.permutation).value();
  const std::vector<std::vector<LayerRecord>> files{{plain}, {full}, {plain, full}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string path = folder.path("orders.safetensors");
    if (!write_permutations(path, files[i])) std::abort();
    seeds.write("permutations", std::to_string(i), without_length(content_of(path)));
  }
}

/// The sets and attributes of an HDF5 file as a safetensors file.
std::string as_safetensors(const std::string& path) {
  const auto file = TensorFile::open(path).value();
  SafetensorsWriter writer;
  const auto attributes = file->attributes("").value();
  for (const auto& [name, value] : attributes) writer.metadata(name, value);
  std::vector<Tensor> tensors;
  for (const auto& info : file->tensors()) {
    tensors.push_back(file->read(info.name).value());
    writer.tensor(info.name, info.type, info.shape, tensors.back().data);
  }
  const std::string out = path + ".safetensors";
  const auto keep = [](const std::string&) -> Status { return {}; };
  if (!replace_file(
          out, [&](FileSink& sink) { return writer.write(sink); }, keep))
    std::abort();
  return content_of(out);
}

void add_traces(const Seeds& seeds) {
  const Folder folder;
  for (const std::size_t steps : {std::size_t{0}, std::size_t{3}, std::size_t{12}}) {
    const std::string path = folder.path("a.trace");
    if (!write_trace(path, random_trace(small_shape(), steps, steps + 1))) std::abort();
    seeds.write("trace", std::to_string(steps), without_length(as_safetensors(path)));
  }
}

remote::ProblemSpec some_spec() {
  remote::ProblemSpec out;
  out.path = "/models/a.safetensors";
  out.layer = "block.0.weight";
  out.settings.saliency = {SaliencyKind::Ria, {"/models/inputs.npy", "x"}, {}, 0.25};
  out.weight = ~std::uint64_t{5};
  return out;
}

Json search_parameters(const HinmShape& shape) {
  RunRequest request;
  request.strategy = "gyro";
  request.parameters = {{"patience", "3"}};
  request.budget_seconds = 0.5;
  request.start =
      std::make_shared<const SearchStart>(SearchStart{random_permutation(shape, 4), 1, 2, 0.25});
  return {{"problem", remote::to_json(some_spec())},
          {"request", remote::to_json(request)},
          {"permutation", remote::to_json(random_permutation(shape, 7))},
          {"observe", true},
          {"each", false}};
}

Json steps_of(const HinmShape& shape) {
  const Trace trace = random_trace(shape, 6, 9);
  Json items = Json::array();
  items.push_back({{"start", remote::to_json(trace.start)}});
  for (const auto& step : trace.steps) items.push_back({{"step", remote::to_json(step)}});
  return {{"steps", std::move(items)}};
}

PruningError some_error(const HinmShape& shape) {
  PruningError out;
  const std::vector<double> rows(static_cast<std::size_t>(shape.rows), 0.5);
  out.errors.weight = {rows, rows};
  out.references = {{"unstructured", "Unstructured", 0.5, 0.25}};
  out.device = "cpu";
  return out;
}

void add_messages(const Seeds& seeds) {
  using namespace remote;
  const HinmShape shape = small_shape();
  const SearchResult result{random_permutation(shape, 9), 0.375, 12, 1.25, StopReason::Steps};
  DeviceInfo device;
  device.id = "cuda:0";
  const std::vector<std::pair<std::string, Json>> messages{
      {"hello", request_of(1, "hello", {{"protocol", kProtocol}, {"version", "0.1.0"}})},
      {"search", request_of(2, "search", search_parameters(shape))},
      {"progress",
       notification_of("progress", {{"id", 2}, {"phase", "x"}, {"total", 9}, {"done", 1}})},
      {"piece", notification_of("piece", {{"id", 2}, {"data", steps_of(shape)}})},
      {"found",
       answer_of(2, {{"result", to_json(result)}, {"placement", to_json(Placement{"cpu", ""})}})},
      {"error", answer_of(3, to_json(some_error(shape)))},
      {"devices", answer_of(4, {{"devices", Json::array({to_json(device)})}})},
      {"failure", failure_of(5, {ErrorCode::TooLarge, "what", "where", "advice"})}};
  std::string all;
  for (const auto& [name, message] : messages) {
    const std::string frame = bytes_of(encode_frame(message).value());
    seeds.write("worker", name, frame);
    all += frame;
  }
  seeds.write("worker", "all", all);
}

}  // namespace
}  // namespace gyro::test

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: fuzz_seeds FOLDER\n", stderr);
    return 2;
  }
  const gyro::test::Seeds seeds(arguments[1]);
  gyro::test::add_tensors(seeds);
  gyro::test::add_permutations(seeds);
  gyro::test::add_traces(seeds);
  gyro::test::add_messages(seeds);
  return 0;
}
