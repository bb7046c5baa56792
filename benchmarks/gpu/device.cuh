// What the questions need of the CUDA runtime.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace sharpwave::gpu_limits {

/// As many as a block may have: what is measured with one block an SM then has every lane.
inline constexpr unsigned kBlockThreads = 1024;
inline constexpr unsigned kWarp = 32;

/// @throws std::runtime_error with the call, file, line and the runtime's words, unless `status` is
/// cudaSuccess.
inline void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + call + ": " +
                           cudaGetErrorName(status) + ", " + cudaGetErrorString(status));
}
#define SHARPWAVE_CUDA(call) ::sharpwave::gpu_limits::check((call), #call, __FILE__, __LINE__)

/// Device memory of `n` elements, zeroed.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t n) : n_(n) {
    SHARPWAVE_CUDA(cudaMalloc(reinterpret_cast<void**>(&data_), n * sizeof(T)));
    clear();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { static_cast<void>(cudaFree(data_)); }  // what fails here has failed before

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return n_; }
  void clear() { SHARPWAVE_CUDA(cudaMemset(data_, 0, n_ * sizeof(T))); }
  [[nodiscard]] std::vector<T> download() const {
    std::vector<T> values(n_);
    SHARPWAVE_CUDA(cudaMemcpy(values.data(), data_, n_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  std::size_t n_ = 0;
};

class Event {
 public:
  Event() { SHARPWAVE_CUDA(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { static_cast<void>(cudaEventDestroy(event_)); }
  [[nodiscard]] cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

class Stream {
 public:
  Stream() { SHARPWAVE_CUDA(cudaStreamCreate(&stream_)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { static_cast<void>(cudaStreamDestroy(stream_)); }
  [[nodiscard]] cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Seconds on the device from before what `work` puts into the stream until after it.
template <class Work>
double seconds_of(const Stream& stream, const Work& work) {
  const Event begin;
  const Event end;
  SHARPWAVE_CUDA(cudaEventRecord(begin.get(), stream.get()));
  work();
  SHARPWAVE_CUDA(cudaGetLastError());
  SHARPWAVE_CUDA(cudaEventRecord(end.get(), stream.get()));
  SHARPWAVE_CUDA(cudaEventSynchronize(end.get()));
  float ms = 0;
  SHARPWAVE_CUDA(cudaEventElapsedTime(&ms, begin.get(), end.get()));
  return 1e-3 * static_cast<double>(ms);
}

/// one_repeat(i) of i = 0 (which does not count), 1, ..., repeats: seconds, its work checked.
template <class OneRepeat>
std::vector<double> repeated(int repeats, const OneRepeat& one_repeat) {
  std::vector<double> seconds;
  for (int i = 0; i <= repeats; ++i) {
    const double taken = one_repeat(static_cast<unsigned>(i));
    if (i > 0) seconds.push_back(taken);
  }
  return seconds;
}

/// `amount` over each of the times.
inline std::vector<double> rates(std::vector<double> seconds, double amount) {
  for (double& value : seconds) value = amount / value;
  return seconds;
}

/// Each of the times over `amount`.
inline std::vector<double> shares(std::vector<double> seconds, double amount) {
  for (double& value : seconds) value /= amount;
  return seconds;
}

}  // namespace sharpwave::gpu_limits
