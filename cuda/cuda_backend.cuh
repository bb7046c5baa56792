// Memory, copies, launches and graphs of the CUDA runtime, on one stream.
#pragma once

#include <cuda_runtime.h>

#include <span>
#include <type_traits>
#include <utility>

#include "cuda/executor_on.hpp"

namespace sharpwave::device {

/// @throws RuntimeError with the call, file, line and the runtime's words, unless `status` is cudaSuccess.
void check(cudaError_t status, const char* call, const char* file, int line);
#define SHARPWAVE_CUDA(call) ::sharpwave::device::check((call), #call, __FILE__, __LINE__)

/// Device memory of `n` elements; moves, does not copy.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(std::size_t n, cudaStream_t stream) : n_(n), stream_(stream) {
    if (n > 0) SHARPWAVE_CUDA(cudaMallocAsync(reinterpret_cast<void**>(&data_), bytes(), stream_));
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    DeviceBuffer old(std::move(other));
    swap(old);
    return *this;
  }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  // A destructor cannot report; what fails here has failed before.
  ~DeviceBuffer() {
    if (data_ != nullptr) static_cast<void>(cudaFreeAsync(data_, stream_));
  }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return n_; }
  [[nodiscard]] std::size_t bytes() const { return n_ * sizeof(T); }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(n_, other.n_);
    std::swap(stream_, other.stream_);
  }

  T* data_ = nullptr;
  std::size_t n_ = 0;
  cudaStream_t stream_ = nullptr;
};

class CudaBackend {
 public:
  static constexpr std::uint32_t kBlockThreads = 128;
  static constexpr std::uint32_t kSharesOfARow = 4;  ///< thread blocks among which a row is dealt out
  static constexpr std::uint32_t kOwnerThreads = device::kOwnerThreads;
  static constexpr std::uint32_t kPlasticBlocks = 2048;  ///< that deliver a step's spikes: a large GPU full

  template <class T>
  using Buffer = DeviceBuffer<T>;

  class Graph {
   public:
    Graph() = default;
    explicit Graph(cudaGraphExec_t graph) : graph_(graph) {}
    Graph(Graph&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
    Graph& operator=(Graph&& other) noexcept {
      std::swap(graph_, other.graph_);
      return *this;
    }
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    ~Graph() {
      if (graph_ != nullptr) static_cast<void>(cudaGraphExecDestroy(graph_));
    }
    [[nodiscard]] cudaGraphExec_t get() const { return graph_; }

   private:
    cudaGraphExec_t graph_ = nullptr;
  };

  CudaBackend();
  ~CudaBackend();
  CudaBackend(const CudaBackend&) = delete;
  CudaBackend& operator=(const CudaBackend&) = delete;

  /// Bytes that were allocated, all in all.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  /// Zeroed.
  template <class T>
  [[nodiscard]] DeviceBuffer<T> allocate(std::size_t n) {
    DeviceBuffer<T> buffer(n, stream_);
    bytes_ += buffer.bytes();
    if (n > 0) SHARPWAVE_CUDA(cudaMemsetAsync(buffer.data(), 0, buffer.bytes(), stream_));
    return buffer;
  }
  template <class T>
  [[nodiscard]] DeviceBuffer<T> upload(std::span<const T> values) {
    DeviceBuffer<T> buffer(values.size(), stream_);
    bytes_ += buffer.bytes();
    if (!values.empty()) {
      SHARPWAVE_CUDA(
          cudaMemcpyAsync(buffer.data(), values.data(), buffer.bytes(), cudaMemcpyHostToDevice, stream_));
      wait();  // the source may go
    }
    return buffer;
  }
  /// Into elements of `buffer` from `first` on; waits.
  template <class T>
  void write(const DeviceBuffer<T>& buffer, std::size_t first, std::span<const T> values) {
    if (values.empty()) return;
    SHARPWAVE_CUDA(cudaMemcpyAsync(buffer.data() + first, values.data(), values.size_bytes(),
                                   cudaMemcpyHostToDevice, stream_));
    wait();  // the source may go
  }
  /// Sets n elements of `buffer` from `first` on to 0.
  template <class T>
  void clear(const DeviceBuffer<T>& buffer, std::size_t first, std::size_t n) {
    if (n > 0) SHARPWAVE_CUDA(cudaMemsetAsync(buffer.data() + first, 0, n * sizeof(T), stream_));
  }
  /// Elements of `buffer` from `first` on; waits.
  template <class T>
  void download(std::span<T> values, const DeviceBuffer<T>& buffer, std::size_t first) {
    if (values.empty()) return;
    SHARPWAVE_CUDA(cudaMemcpyAsync(values.data(), buffer.data() + first, values.size_bytes(),
                                   cudaMemcpyDeviceToHost, stream_));
    wait();
  }

  /// Nothing where the grid is empty.
  template <class... Parameters, class... Arguments>
  void launch(const char* name, void (*kernel)(Parameters...), Grid grid, Arguments... arguments) {
    if (grid.x == 0 || grid.y == 0) return;
    kernel<<<dim3(grid.x, grid.y, grid.z), kBlockThreads, 0, stream_>>>(arguments...);
    check(cudaGetLastError(), name, __FILE__, __LINE__);
  }

  /// Blocks that run at once, and may wait for each other.
  template <class... Parameters>
  void launch_together(const char* name, void (*kernel)(Parameters...), std::uint32_t n_blocks,
                       std::size_t shared_bytes, std::type_identity_t<Parameters>... arguments) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared_bytes)),
          name, __FILE__, __LINE__);
    void* pointers[] = {const_cast<void*>(static_cast<const void*>(&arguments))...};
    check(cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(kernel), dim3(n_blocks),
                                      dim3(kOwnerThreads), pointers, shared_bytes, stream_),
          name, __FILE__, __LINE__);
  }

  /// first[i] = set bits in words[0 .. i), i <= n.
  void count_bits(const std::uint32_t* words, std::uint64_t n, std::uint32_t* first);

  /// first[i] = the sum of counts[0 .. i), i <= n.
  void sum_up(const std::uint32_t* counts, std::uint64_t n, std::uint64_t* first);

  /// Ascending, of which the lowest `n_bits` alone differ.
  void sort_up(const std::uint64_t* keys, std::uint64_t n, std::uint32_t n_bits, std::uint64_t* sorted);

  /// What `enqueue` launches, to be launched again as a whole. Nothing runs meanwhile.
  template <class Enqueue>
  [[nodiscard]] Graph capture(Enqueue&& enqueue) {
    SHARPWAVE_CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
    try {
      enqueue();
    } catch (...) {
      cudaGraph_t unfinished = nullptr;
      static_cast<void>(cudaStreamEndCapture(stream_, &unfinished));
      if (unfinished != nullptr) static_cast<void>(cudaGraphDestroy(unfinished));
      throw;
    }
    return end_capture();
  }
  void replay(const Graph& graph) { SHARPWAVE_CUDA(cudaGraphLaunch(graph.get(), stream_)); }
  void wait() { SHARPWAVE_CUDA(cudaStreamSynchronize(stream_)); }

 private:
  [[nodiscard]] Graph end_capture();
  template <class Input, class Sum>
  void exclusive_sum(Input input, std::uint64_t n, Sum* sums);

  cudaStream_t stream_ = nullptr;
  std::uint64_t bytes_ = 0;
  DeviceBuffer<std::byte> scratch_;  ///< of CUB
};

}  // namespace sharpwave::device
