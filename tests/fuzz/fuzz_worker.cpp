// What comes from the other side of a worker's connection: frames, messages, and the values that
// are in them.
#include <cstdlib>
#include <span>

#include "core/remote/fields.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/message.hpp"
#include "core/remote/problem_spec.hpp"
#include "core/remote/wire.hpp"

using namespace gyro;
using namespace gyro::remote;
using Json = nlohmann::json;

namespace {

/// What was taken once is taken again.
void read_step(const Json& json, const HinmShape& shape) {
  const auto step = step_from_json(json, shape);
  if (step && !step_from_json(to_json(*step), shape)) std::abort();
}

void read_result(const Json& json, const HinmShape& shape) {
  const auto result = result_from_json(json, shape);
  if (result && !validate(result->permutation, shape)) std::abort();
}

void read_values(const Json& body, const HinmShape& shape) {
  Fields fields(body);
  const auto spec = spec_from_json(fields.part("problem"));
  if (spec && !spec_from_json(to_json(*spec))) std::abort();
  (void)request_from_json(fields.part("request"), shape);
  (void)permutation_from_json(fields.part("permutation"), shape);
  (void)placement_from_json(fields.part("placement"));
  (void)pruning_error_from_json(body, shape.rows);
  read_result(fields.part("result"), shape);
  for (const auto& device : fields.part("devices")) (void)device_from_json(device);
  Fields data(fields.part("data"));
  for (const auto& item : data.part("steps")) {
    Fields either(item);
    read_step(either.part("step"), shape);
    (void)permutation_from_json(either.part("start"), shape, false);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const HinmShape shape = make_shape(8, 20, 4, {2, 4}, {3, 4}).value();
  FrameDecoder decoder;
  decoder.feed({data, size});
  while (true) {
    auto message = decoder.next();
    if (!message || !*message) return 0;
    const auto parsed = parse_message(*std::move(*message));
    if (parsed) read_values(parsed->body, shape);
  }
}
