// The permutation search of all linear layers of a 7B-shaped model, made up on the device:
//   bench_model [--seconds S] [--vector-size V] [--blocks B] [--write FOLDER] [--json FILE]
// S seconds for all layers together; one layer of each shape is written to FOLDER as float32.
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gpu/search/gyroscope.hpp"
#include "tests/gpu/report.hpp"
#include "tests/gpu/search/measuring.hpp"
#include "tests/gpu/search/synthetic.hpp"

namespace gyro::gpu_test {
namespace {

struct Shape {
  int rows;
  int cols;
  int number;  ///< in each block of the model
};

constexpr std::array<Shape, 3> kShapes{{{4096, 4096, 4}, {11008, 4096, 2}, {4096, 11008, 1}}};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Sum {
  double seconds = 0;
  double kept = 0;
  double least = 1;
  double first = 0;  ///< retained of the first layer, the one that is written
  double sweeps = 0;
  int layers = 0;
};

class Model {
 public:
  Model(const gyro_context& context, double seconds, int height, int blocks)
      : context_(context), height_(height), blocks_(blocks) {
    double weights = 0;
    for (const auto& s : kShapes) weights += double(s.rows) * s.cols * s.number * blocks;
    per_weight_ = seconds / weights;
  }

  Status run(Report& report, const std::string& folder) {
    GYRO_TRY(device_, cuda::DeviceArray<float>::make(std::size_t{11008} * 4096));
    GYRO_TRY(scratch_, cuda::DeviceArray<cuda::SaliencySums>::make(cuda::kSumBlocks));
    GYRO_CHECK(search(kShapes[0], 999, nullptr));  // loads the kernels
    const double start = now();
    for (int block = 0; block < blocks_; ++block) {
      for (std::size_t s = 0; s < kShapes.size(); ++s) {
        for (int k = 0; k < kShapes[s].number; ++k) {
          GYRO_CHECK(search(kShapes[s], static_cast<std::uint32_t>(block * 16 + int(s) * 4 + k),
                            &sums_[s]));
        }
      }
    }
    report.figure(fmt::format("all linear layers of {} blocks, V{}", blocks_, height_),
                  now() - start, "s");
    report.figure("of which made the weights", making_, "s");
    for (std::size_t s = 0; s < kShapes.size(); ++s) tell(report, kShapes[s], sums_[s]);
    return folder.empty() ? Status{} : write(folder);
  }

 private:
  Status make(const Shape& shape, std::uint32_t seed) {
    GYRO_CHECK(
        cuda::check(make_layer(device_.data(), shape.rows, shape.cols, seed, context_.stream),
                    "making a layer"));
    return cuda::check(cudaStreamSynchronize(context_.stream), "making a layer");
  }

  Status search(const Shape& shape, std::uint32_t seed, Sum* sum) {
    const double begun = now();
    GYRO_CHECK(make(shape, seed));
    making_ += sum != nullptr ? now() - begun : 0;
    const cuda::SearchTime clock;
    const auto size = std::size_t(shape.rows) * std::size_t(shape.cols);
    GYRO_TRY(const auto sums,
             cuda::sum_saliency(device_.data(), size, scratch_.data(), context_.stream));
    const gyro_shape layer{shape.rows, shape.cols, height_, 2, 4, shape.cols / 8 * 4};
    const gyro_search ask{
        "gyroscope", "{}",    seed,   per_weight_ * double(size) - (now() - begun),
        -1,          nullptr, nullptr};
    GYRO_TRY(const auto found,
             cuda::search_gyroscope(context_, device_.data(), sums, layer, ask, clock, nullptr));
    if (sum == nullptr) return {};
    sum->seconds += clock.seconds();
    if (sum->layers == 0) sum->first = found.retained;
    sum->kept += found.retained;
    sum->least = std::min(sum->least, found.retained);
    sum->sweeps += double(found.steps);
    ++sum->layers;
    return {};
  }

  static void tell(Report& report, const Shape& shape, const Sum& sum) {
    const auto name = fmt::format("{}×{}, ", shape.rows, shape.cols);
    report.figure(name + "a search", sum.seconds / sum.layers, "s");
    report.figure(name + "sweeps", sum.sweeps / sum.layers, "");
    report.figure(name + "mean", sum.kept / sum.layers, "retained");
    report.figure(name + "least", sum.least, "retained");
    report.figure(name + "first layer", sum.first, "retained");
  }

  Status write(const std::string& folder) {
    for (std::size_t s = 0; s < kShapes.size(); ++s) {
      GYRO_CHECK(make(kShapes[s], static_cast<std::uint32_t>(s) * 4));
      std::vector<float> host(std::size_t(kShapes[s].rows) * std::size_t(kShapes[s].cols));
      GYRO_CHECK(cuda::check(cudaMemcpy(host.data(), device_.data(), host.size() * sizeof(float),
                                        cudaMemcpyDeviceToHost),
                             "copying a layer"));
      const std::string name = folder + "/" + std::to_string(kShapes[s].rows) + "x" +
                               std::to_string(kShapes[s].cols) + ".f32";
      std::ofstream(name, std::ios::binary)
          .write(reinterpret_cast<const char*>(host.data()),
                 static_cast<std::streamsize>(host.size() * sizeof(float)));
    }
    return {};
  }

  const gyro_context& context_;
  int height_;
  int blocks_;
  double per_weight_ = 0;
  double making_ = 0;
  cuda::DeviceArray<float> device_;
  cuda::DeviceArray<cuda::SaliencySums> scratch_;
  std::array<Sum, kShapes.size()> sums_;
};

}  // namespace
}  // namespace gyro::gpu_test

int main(int argc, char** argv) {
  using namespace gyro::gpu_test;
  Report report("bench_model", argc, argv);
  double seconds = 29;
  int height = 64;
  int blocks = 32;
  std::string folder;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--seconds") seconds = std::atof(argv[i + 1]);
    if (option == "--vector-size") height = std::atoi(argv[i + 1]);
    if (option == "--blocks") blocks = std::atoi(argv[i + 1]);
    if (option == "--write") folder = argv[i + 1];
  }
  const gyro_context context = open_device();
  report.group("a 7B-shaped model");
  const auto done = Model(context, seconds, height, blocks).run(report, folder);
  report.expect(bool(done), done ? "" : done.error().text());
  return report.finish();
}
