#include "cuda/cuda_backend.cuh"

#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>
#include <string>

namespace sharpwave::device {

extern template class ExecutorOn<CudaBackend, float, std::int32_t>;
extern template class ExecutorOn<CudaBackend, float, std::int64_t>;
extern template class ExecutorOn<CudaBackend, double, std::int64_t>;

namespace {

constexpr int kLeastMajor = 8;  // of the architectures in cmake/SharpwaveCuda.cmake

/// Set bits of word i; 0 for the one beyond the last.
struct BitsOf {
  const std::uint32_t* words;
  std::uint64_t n;
  __device__ std::uint32_t operator()(std::uint64_t i) const {
    return i < n ? static_cast<std::uint32_t>(__popc(words[i])) : 0;
  }
};

/// Count i, as wide as their sum; 0 for the one beyond the last.
struct CountAt {
  const std::uint32_t* counts;
  std::uint64_t n;
  __device__ std::uint64_t operator()(std::uint64_t i) const { return i < n ? counts[i] : 0; }
};

template <class Function>
auto each_of(Function function) {
  return thrust::make_transform_iterator(thrust::counting_iterator<std::uint64_t>(0), function);
}

}  // namespace

void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // else the next launch of this thread would be told of it
  throw RuntimeError(std::string(file) + ":" + std::to_string(line) + ": " + call + ": " +
                         cudaGetErrorName(status) + ", " + cudaGetErrorString(status),
                     status == cudaErrorMemoryAllocation);
}

CudaBackend::CudaBackend() {
  SHARPWAVE_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

CudaBackend::~CudaBackend() {
  scratch_ = {};
  static_cast<void>(cudaStreamDestroy(stream_));
}

CudaBackend::Graph CudaBackend::end_capture() {
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  SHARPWAVE_CUDA(cudaStreamEndCapture(stream_, &graph));
  const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
  static_cast<void>(cudaGraphDestroy(graph));
  check(status, "cudaGraphInstantiate", __FILE__, __LINE__);
  return Graph(executable);
}

template <class Input, class Sum>
void CudaBackend::exclusive_sum(Input input, std::uint64_t n, Sum* sums) {
  std::size_t needed = 0;
  SHARPWAVE_CUDA(cub::DeviceScan::ExclusiveSum(nullptr, needed, input, sums, n, stream_));
  if (needed > scratch_.size()) {
    scratch_ = {};
    scratch_ = DeviceBuffer<std::byte>(needed, stream_);
  }
  SHARPWAVE_CUDA(cub::DeviceScan::ExclusiveSum(scratch_.data(), needed, input, sums, n, stream_));
}

void CudaBackend::count_bits(const std::uint32_t* words, std::uint64_t n, std::uint32_t* first) {
  exclusive_sum(each_of(BitsOf{words, n}), n + 1, first);
}

void CudaBackend::sum_up(const std::uint32_t* counts, std::uint64_t n, std::uint64_t* first) {
  exclusive_sum(each_of(CountAt{counts, n}), n + 1, first);
}

void CudaBackend::sort_up(const std::uint64_t* keys, std::uint64_t n, std::uint32_t n_bits,
                          std::uint64_t* sorted) {
  const auto end_bit = static_cast<int>(n_bits);
  std::size_t needed = 0;
  SHARPWAVE_CUDA(cub::DeviceRadixSort::SortKeys(nullptr, needed, keys, sorted, n, 0, end_bit, stream_));
  const DeviceBuffer<std::byte> scratch(needed, stream_);  // as large as the keys: it is not kept
  SHARPWAVE_CUDA(
      cub::DeviceRadixSort::SortKeys(scratch.data(), needed, keys, sorted, n, 0, end_bit, stream_));
}

const bool kHasCuda = true;

namespace {

// Of device 0.
OwnerLimits owner_limits(int n_multiprocessors) {
  int can_wait = 0;
  int shared_bytes = 0;
  SHARPWAVE_CUDA(cudaDeviceGetAttribute(&can_wait, cudaDevAttrCooperativeLaunch, 0));
  SHARPWAVE_CUDA(cudaDeviceGetAttribute(&shared_bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0));
  if (can_wait == 0) return {};
  return {.n_owners = static_cast<std::uint32_t>(n_multiprocessors),
          .shared_bytes = static_cast<std::uint64_t>(shared_bytes)};
}

}  // namespace

DeviceInfo find_device() {
  DeviceInfo info;
  int n_devices = 0;
  cudaError_t status = cudaGetDeviceCount(&n_devices);  // does not write the count where it fails
  cudaDeviceProp properties{};
  if (status == cudaSuccess && n_devices == 0) status = cudaErrorNoDevice;
  if (status == cudaSuccess) status = cudaGetDeviceProperties(&properties, 0);
  std::size_t free = 0;
  std::size_t total = 0;
  if (status == cudaSuccess) status = cudaMemGetInfo(&free, &total);
  if (status != cudaSuccess) {
    info.reason = cudaGetErrorString(status);
    return info;
  }
  info.name = properties.name;
  info.free_bytes = free;
  info.available = properties.major >= kLeastMajor;
  if (info.available) info.owners = owner_limits(properties.multiProcessorCount);
  if (!info.available)
    info.reason = info.name + " has compute capability " + std::to_string(properties.major) + "." +
                  std::to_string(properties.minor) + ", this needs " + std::to_string(kLeastMajor) + ".0";
  return info;
}

std::unique_ptr<Executor> make_executor(const NetworkModel& network, std::uint32_t n_seats) {
  return make_executor_on<CudaBackend>(network, n_seats);
}

}  // namespace sharpwave::device
