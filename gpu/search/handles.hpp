#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <utility>

#include "gpu/module/context.hpp"

namespace gyro::cuda {

/// A value in page-locked host memory, that copies to and from the device overlap with work.
template <class T>
class Pinned {
 public:
  Pinned() = default;
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { cudaFreeHost(data_); }

  [[nodiscard]] Status take(std::size_t count) {
    return check(cudaMallocHost(reinterpret_cast<void**>(&data_), count * sizeof(T)),
                 "taking page-locked memory");
  }
  [[nodiscard]] T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }

 private:
  T* data_ = nullptr;
};

/// An event that waits asleep on nothing: no timing.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() {
    if (event_ != nullptr) cudaEventDestroy(event_);
  }

  [[nodiscard]] Status record(cudaStream_t stream) {
    if (event_ == nullptr) {
      GYRO_CHECK(
          check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "making an event"));
    }
    return check(cudaEventRecord(event_, stream), "recording an event");
  }
  [[nodiscard]] Status wait() const {
    return check(cudaEventSynchronize(event_), "waiting for the device");
  }

 private:
  cudaEvent_t event_ = nullptr;
};

/// A recorded piece of work that is launched as a whole.
class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
  }

  /// Records what `body` (returning a Status) launches on the stream.
  template <class Body>
  [[nodiscard]] Status record(cudaStream_t stream, const Body& body) {
    GYRO_CHECK(check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
                     "recording a graph"));
    Status done = body();
    cudaGraph_t graph = nullptr;
    Status ended = check(cudaStreamEndCapture(stream, &graph), "recording a graph");
    if (done && ended)
      ended = check(cudaGraphInstantiate(&executable_, graph, 0), "making a graph");
    if (graph != nullptr) cudaGraphDestroy(graph);
    return done ? ended : done;
  }
  [[nodiscard]] bool recorded() const { return executable_ != nullptr; }
  [[nodiscard]] Status launch(cudaStream_t stream) const {
    return check(cudaGraphLaunch(executable_, stream), "launching a graph");
  }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace gyro::cuda
