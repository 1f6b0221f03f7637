// The permutation search of all linear layers of a 7B-shaped model, made up on the device:
//   bench_model [--seconds S] [--vector-size V] [--blocks B] [--at-once N] [--write FOLDER]
//               [--json FILE]
// S seconds for all layers together, N of them at a time; one layer of each shape is written to
// FOLDER as float32.
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
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
  double making = 0;
  double kept = 0;
  double least = 1;
  double sweeps = 0;
  int layers = 0;
  double first = 0;  ///< retained of the layer that is written

  void add(double of_search, double of_making, const cuda::SearchOutcome& found) {
    add({of_search, of_making, found.retained, found.retained, double(found.steps), 1, 0});
  }
  void add(const Sum& other) {
    seconds += other.seconds;
    making += other.making;
    kept += other.kept;
    least = std::min(least, other.least);
    sweeps += other.sweeps;
    layers += other.layers;
  }
};

/// A layer of the model.
struct Task {
  std::size_t shape;  ///< of kShapes
  std::uint32_t seed;
};

/// Of the layer of a shape that is written.
std::uint32_t first_seed(std::size_t shape) {
  return static_cast<std::uint32_t>(shape) * 4;
}

/// Searches layers one after the other on a stream of its own.
class Worker {
 public:
  explicit Worker(int height) : context_(open_device()), height_(height) {}

  Status prepare() {
    GYRO_TRY(device_, cuda::DeviceArray<float>::make(std::size_t{11008} * 4096));
    GYRO_TRY(scratch_, cuda::DeviceArray<cuda::SaliencySums>::make(cuda::kSumBlocks));
    return search({0, 999}, 0.05, nullptr);  // loads the kernels
  }

  Status make(const Task& task) {
    const Shape& shape = kShapes[task.shape];
    GYRO_CHECK(
        cuda::check(make_layer(device_.data(), shape.rows, shape.cols, task.seed, context_.stream),
                    "making a layer"));
    return cuda::check(cudaStreamSynchronize(context_.stream), "making a layer");
  }

  Status search(const Task& task, double seconds, Sum* sum) {
    const Shape& shape = kShapes[task.shape];
    const double begun = now();
    GYRO_CHECK(make(task));
    const double made = now();
    const cuda::SearchTime clock;
    const auto size = std::size_t(shape.rows) * std::size_t(shape.cols);
    GYRO_TRY(const auto sums,
             cuda::sum_saliency(device_.data(), size, scratch_.data(), context_.stream));
    const gyro_shape layer{shape.rows, shape.cols, height_, 2, 4, shape.cols / 8 * 4};
    const gyro_search ask{"gyroscope", "{}",    task.seed, seconds - (made - begun),
                          -1,          nullptr, nullptr};
    GYRO_TRY(const auto found,
             cuda::search_gyroscope(context_, device_.data(), sums, layer, ask, clock, nullptr));
    if (sum != nullptr) sum->add(clock.seconds(), made - begun, found);
    return {};
  }

  Status write(const std::string& folder) {
    for (std::size_t s = 0; s < kShapes.size(); ++s) {
      GYRO_CHECK(make({s, first_seed(s)}));
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

 private:
  gyro_context context_;
  int height_;
  cuda::DeviceArray<float> device_;
  cuda::DeviceArray<cuda::SaliencySums> scratch_;
};

class Model {
 public:
  Model(double seconds, int height, int blocks, int at_once) : blocks_(blocks) {
    double weights = 0;
    for (int block = 0; block < blocks; ++block) {
      for (std::size_t s = 0; s < kShapes.size(); ++s) {
        for (int k = 0; k < kShapes[s].number; ++k) {
          tasks_.push_back({s, static_cast<std::uint32_t>(block * 16 + int(s) * 4 + k)});
          weights += double(kShapes[s].rows) * kShapes[s].cols;
        }
      }
    }
    per_weight_ = seconds * at_once / weights;
    for (int i = 0; i < at_once; ++i) workers_.push_back(std::make_unique<Worker>(height));
  }

  Status run(Report& report, const std::string& folder) {
    for (auto& worker : workers_) GYRO_CHECK(worker->prepare());
    const double start = now();
    std::vector<Status> ended(workers_.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < workers_.size(); ++i) {
        threads.emplace_back([this, i, &ended] { ended[i] = work(*workers_[i]); });
      }
    }
    for (auto& status : ended) GYRO_CHECK(std::move(status));
    report.figure(
        fmt::format("all linear layers of {} blocks, {} at once", blocks_, workers_.size()),
        now() - start, "s");
    for (std::size_t s = 0; s < kShapes.size(); ++s) tell(report, kShapes[s], sums_[s]);
    return folder.empty() ? Status{} : workers_[0]->write(folder);
  }

 private:
  Status work(Worker& worker) {
    for (std::size_t i = next_++; i < tasks_.size(); i = next_++) {
      const Shape& shape = kShapes[tasks_[i].shape];
      Sum own;
      GYRO_CHECK(worker.search(tasks_[i], per_weight_ * shape.rows * shape.cols, &own));
      const std::lock_guard lock(mutex_);
      Sum& sum = sums_[tasks_[i].shape];
      sum.add(own);
      if (tasks_[i].seed == first_seed(tasks_[i].shape)) sum.first = own.kept;
    }
    return {};
  }

  static void tell(Report& report, const Shape& shape, const Sum& sum) {
    const auto name = fmt::format("{}×{}, ", shape.rows, shape.cols);
    report.figure(name + "a search", sum.seconds / sum.layers, "s");
    report.figure(name + "of which made the weights", sum.making / sum.layers, "s");
    report.figure(name + "sweeps", sum.sweeps / sum.layers, "");
    report.figure(name + "mean", sum.kept / sum.layers, "retained");
    report.figure(name + "least", sum.least, "retained");
    report.figure(name + "the written one", sum.first, "retained");
  }

  int blocks_;
  double per_weight_ = 0;
  std::vector<Task> tasks_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
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
  int at_once = 1;
  std::string folder;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--seconds") seconds = std::atof(argv[i + 1]);
    if (option == "--vector-size") height = std::atoi(argv[i + 1]);
    if (option == "--blocks") blocks = std::atoi(argv[i + 1]);
    if (option == "--at-once") at_once = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--write") folder = argv[i + 1];
  }
  report.group("a 7B-shaped model");
  const auto done = Model(seconds, height, blocks, at_once).run(report, folder);
  report.expect(bool(done), done ? "" : done.error().text());
  return report.finish();
}
