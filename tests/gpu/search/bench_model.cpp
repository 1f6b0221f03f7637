// The permutation search of all linear layers of a 7B-shaped model, made up on the device:
//   bench_model SECONDS [V] [blocks] [FOLDER]
// SECONDS: for all layers together. FOLDER: one layer of each shape is written there as float32.
#include <cuda_runtime_api.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "device.hpp"
#include "gpu/search/gyroscope.hpp"
#include "synthetic.hpp"

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

  Status run(const std::string& folder) {
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
    const double all = now() - start;
    for (std::size_t s = 0; s < kShapes.size(); ++s) print(kShapes[s], sums_[s]);
    std::printf("all layers: %.2f s, of which %.2f s made the weights\n", all, making_);
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

  static void print(const Shape& shape, const Sum& sum) {
    const double n = sum.layers;
    std::printf(
        "%5dx%-5d %3d layers: %.3f s each, %.0f sweeps, retained %.5f, least %.5f, first %.5f\n",
        shape.rows, shape.cols, sum.layers, sum.seconds / n, sum.sweeps / n, sum.kept / n,
        sum.least, sum.first);
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
  if (argc < 2) {
    std::printf("bench_model SECONDS [V] [blocks] [FOLDER]\n");
    return 2;
  }
  const gyro_context context = gyro::gpu_test::open_device();
  gyro::gpu_test::Model model(context, std::atof(argv[1]), argc > 2 ? std::atoi(argv[2]) : 64,
                              argc > 3 ? std::atoi(argv[3]) : 32);
  if (const auto done = model.run(argc > 4 ? argv[4] : ""); !done) {
    std::printf("%s\n", done.error().text().c_str());
    return 1;
  }
  return 0;
}
