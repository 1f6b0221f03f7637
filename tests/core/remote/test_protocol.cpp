#include <QTest>
#include <limits>

#include "core/base/random.hpp"
#include "core/remote/fields.hpp"
#include "core/remote/frame.hpp"
#include "core/remote/message.hpp"
#include "core/remote/problem_spec.hpp"
#include "core/remote/wire.hpp"
#include "tests/core/random_layers.hpp"
#include "tests/core/remote/mutate.hpp"

using namespace gyro;
using namespace gyro::remote;
using namespace gyro::testing;
using Json = nlohmann::json;
using Bytes = std::vector<std::uint8_t>;

namespace {

HinmShape shape_of_steps() {
  return make_shape(32, 48, 8, {2, 4}, {3, 4}).value();
}

SearchStep some_step(const HinmShape& shape) {
  SearchStep step;
  step.phase = 1;
  step.tile = 2;
  step.round = 3;
  step.sample = 4;
  step.stream = std::numeric_limits<std::uint64_t>::max() - 5;
  step.accepted = true;
  step.moved = 6;
  step.before = 0.1;
  step.after = 1.0 / 3;
  step.changes = {{-1, 31, 0}, {3, shape.kept - 1, 47}};
  step.snapshot = std::make_shared<const Permutation>(random_permutation(shape, 3));
  return step;
}

bool same(const SearchStep& a, const SearchStep& b) {
  return a.phase == b.phase && a.tile == b.tile && a.round == b.round && a.sample == b.sample &&
         a.stream == b.stream && a.accepted == b.accepted && a.moved == b.moved &&
         a.before == b.before && a.after == b.after && a.changes == b.changes &&
         (a.snapshot == b.snapshot || *a.snapshot == *b.snapshot);
}

}  // namespace

class TestProtocol : public QObject {
  Q_OBJECT

 private slots:
  void messagesSurviveAnyCutting() {
    const std::vector<Json> sent{request_of(1, "open", {{"path", "ä\n\"x\""}}),
                                 notification_of("heartbeat", Json::object()),
                                 answer_of(1, binary(std::vector<double>{1, -0.0, 1e300}))};
    Bytes stream;
    for (const auto& message : sent) {
      const auto frame = encode_frame(message).value();
      stream.insert(stream.end(), frame.begin(), frame.end());
    }
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
      FrameDecoder decoder;
      std::vector<Json> got;
      for (std::size_t at = 0; at < stream.size(); at += step) {
        decoder.feed(std::span(stream).subspan(at, std::min(step, stream.size() - at)));
        while (auto message = decoder.next().value()) got.push_back(*std::move(message));
      }
      QVERIFY(got == sent);
      QVERIFY(!decoder.inside_a_frame());
    }
  }

  void textIsNoFrame() {
    FrameDecoder decoder;
    const std::string text = "Last login: Tue\n";
    decoder.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    const auto message = decoder.next();
    QVERIFY(!message);
    QCOMPARE(message.error().code, ErrorCode::Malformed);
  }

  void deepOrEndlessCborIsRefused() {
    QVERIFY(!decode_cbor(Bytes(1 << 20, 0x81)));  // arrays in arrays
    QVERIFY(!decode_cbor(Bytes(1 << 20, 0x9f)));  // of unknown length
    QVERIFY(!decode_cbor(Bytes(1 << 20, 0x7f)));  // texts in texts
    QVERIFY(!decode_cbor(Bytes(1 << 20, 0xc1)));  // tags on tags
    QVERIFY(!decode_cbor(Bytes{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
    QVERIFY(!decode_cbor(Bytes{0x5b, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 1}));
    QVERIFY(!decode_cbor(Bytes{0xa1, 0x01, 0x02}));  // a key that is no text
    QVERIFY(!decode_cbor(Bytes{0x01, 0x01}));        // something behind it
    QVERIFY(!decode_cbor(Bytes{}));
    QVERIFY(decode_cbor(Bytes{0x83, 0x01, 0xf6, 0x41, 0xff}));
  }

  void messagesAreRecognised() {
    auto request = parse_message(request_of(5, "search", {{"a", 1}}));
    QVERIFY(request && request->kind == Message::Kind::Request && request->id == 5);
    const Error error{ErrorCode::TooLarge, "what", "where", "advice"};
    auto failure = parse_message(failure_of(6, error));
    QVERIFY(failure && failure->kind == Message::Kind::Failure && failure->id == 6);
    QCOMPARE(failure->error.text(), error.text());
    QVERIFY(failure->error.code == ErrorCode::TooLarge);
    QCOMPARE(parse_message(failure_of(-1, error))->id, -1);
    QVERIFY(!parse_message(Json::array()));
    QVERIFY(!parse_message({{"jsonrpc", "1.0"}, {"method", "x"}}));
    QVERIFY(!parse_message({{"jsonrpc", "2.0"}, {"method", 3}}));
    QVERIFY(!parse_message({{"jsonrpc", "2.0"}, {"method", "x"}, {"id", "text"}}));
    QVERIFY(!parse_message({{"jsonrpc", "2.0"}, {"method", "x"}, {"params", 1}}));
    QVERIFY(!parse_message({{"jsonrpc", "2.0"}, {"id", 1}}));
  }

  void stepsAndResultsComeBackAsTheyWere() {
    const HinmShape shape = shape_of_steps();
    SearchStep step = some_step(shape);
    auto again = step_from_json(to_json(step), shape);
    QVERIFY(again && same(step, *again));
    step.snapshot = nullptr;
    again = step_from_json(to_json(step), shape);
    QVERIFY(again && same(step, *again));

    SearchResult result{random_permutation(shape, 9), 0.375, 1LL << 40, 1.25, StopReason::Steps};
    const auto found = result_from_json(to_json(result), shape);
    QVERIFY(found && found->permutation == result.permutation && found->steps == result.steps);
    QVERIFY(found->stopped_by == StopReason::Steps && found->seconds == 1.25);

    ProblemSettings settings;
    settings.vector_size = 32;
    settings.nm = {4, 8};
    settings.sparsity = {7, 9};
    settings.saliency = {SaliencyKind::Ria, {"/a b:c", "x"}, {"/d", ""}, 0.25};
    QVERIFY(settings_from_json(to_json(settings)).value() == settings);

    RunRequest request;
    request.parameters = {{"patience", "3"}};
    request.seed = ~std::uint64_t{0};
    request.budget_seconds = 0.5;
    request.max_steps = 12;
    request.device = "cuda:1";
    request.device_memory = 7;
    request.start =
        std::make_shared<const SearchStart>(SearchStart{random_permutation(shape, 4), 1, 2, 0.25});
    const auto asked = request_from_json(to_json(request), shape);
    QVERIFY(asked && asked->parameters == request.parameters && asked->seed == request.seed);
    QVERIFY(asked->budget_seconds == request.budget_seconds && asked->device == request.device);
    QVERIFY(asked->max_steps == request.max_steps && asked->device_memory == 7U);
    QVERIFY(asked->start && asked->start->permutation == request.start->permutation);
    QVERIFY(asked->start->phase == 1 && asked->start->round == 2 && asked->start->share == 0.25);
  }

  void whatDoesNotFitTheShapeIsRefused() {
    const HinmShape shape = shape_of_steps();
    SearchStep step = some_step(shape);
    step.changes = {{-1, 32, 0}};
    QVERIFY(!step_from_json(to_json(step), shape));
    step = some_step(shape);
    step.before = std::numeric_limits<double>::quiet_NaN();
    QVERIFY(!step_from_json(to_json(step), shape));
    Permutation permutation = random_permutation(shape, 1);
    permutation.output_order[0] = permutation.output_order[1];
    QVERIFY(!permutation_from_json(to_json(permutation), shape));
    permutation = random_permutation(shape, 1);
    permutation.vector_index.pop_back();
    QVERIFY(!permutation_from_json(to_json(permutation), shape));
  }

  void mutatedFramesAreErrorsOrMessages() {
    const HinmShape shape = shape_of_steps();
    const Bytes good =
        encode_frame(
            notification_of("piece", {{"id", 1}, {"data", {{"step", to_json(some_step(shape))}}}}))
            .value();
    RandomStream random(5, 1);
    int decoded = 0;
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
      const Bytes bad = mutate(good, random);
      FrameDecoder decoder;
      decoder.feed(bad);
      auto message = decoder.next();
      if (!message || !*message) {
        ++refused;
        continue;
      }
      ++decoded;
      const auto parsed = parse_message(**message);
      if (!parsed) continue;
      Fields fields(parsed->body);
      const auto step = step_from_json(Fields(fields.part("data")).part("step"), shape);
      if (step) QVERIFY(step->tile < shape.tiles());
    }
    qInfo("%d decoded, %d refused", decoded, refused);
    QVERIFY(decoded > 100 && refused > 100);
  }

  void aFingerprintSeesEveryChange() {
    Matrix matrix = random_saliency(7, 13, 1);  // 364 bytes: not a multiple of the lanes
    const auto before = fingerprint(matrix);
    for (const Eigen::Index at : {Eigen::Index{0}, Eigen::Index{45}, matrix.size() - 1}) {
      Matrix other = matrix;
      other.data()[at] = std::nextafter(other.data()[at], 2.0F);
      QVERIFY(fingerprint(other) != before);
    }
    const Matrix turned = Eigen::Map<const Matrix>(matrix.data(), 13, 7);
    QVERIFY(fingerprint(turned) != before);
    QCOMPARE(fingerprint(Matrix(matrix)), before);
  }
};

QTEST_APPLESS_MAIN(TestProtocol)
#include "test_protocol.moc"
