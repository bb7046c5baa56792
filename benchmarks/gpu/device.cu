#include "benchmarks/gpu/device.cuh"
#include "benchmarks/gpu/questions.hpp"

namespace sharpwave::gpu_limits {
namespace {

constexpr int kLeastMajor = 8;  // __reduce_add_sync

__device__ unsigned long long nanoseconds_now() {
  unsigned long long now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

/// Clocks of an SM and nanoseconds that pass between the same two instants, 20 ms apart.
__global__ void count_clocks(long long* clocks, unsigned long long* nanoseconds) {
  constexpr unsigned long long kNanoseconds = 20'000'000;
  const unsigned long long begin = nanoseconds_now();
  const long long first = clock64();
  unsigned long long now = begin;
  while (now - begin < kNanoseconds) now = nanoseconds_now();
  *clocks = clock64() - first;
  *nanoseconds = now - begin;
}

int attribute(cudaDeviceAttr which) {
  int value = 0;
  SHARPWAVE_CUDA(cudaDeviceGetAttribute(&value, which, 0));
  return value;
}

double sm_clock_MHz() {
  const Buffer<long long> clocks(1);
  const Buffer<unsigned long long> nanoseconds(1);
  for (int twice = 0; twice < 2; ++twice) {  // it is slower at first
    count_clocks<<<1, 1>>>(clocks.data(), nanoseconds.data());
    SHARPWAVE_CUDA(cudaGetLastError());
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
  }
  return 1e3 * static_cast<double>(clocks.download()[0]) / static_cast<double>(nanoseconds.download()[0]);
}

void require_device() {
  int n_devices = 0;
  const cudaError_t status = cudaGetDeviceCount(&n_devices);
  if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver ||
      (status == cudaSuccess && n_devices == 0))
    throw NoDevice(status == cudaSuccess ? "no device is visible" : cudaGetErrorString(status));
  SHARPWAVE_CUDA(status);
}

}  // namespace

Device open_device() {
  require_device();
  SHARPWAVE_CUDA(cudaSetDevice(0));
  cudaDeviceProp properties{};
  SHARPWAVE_CUDA(cudaGetDeviceProperties(&properties, 0));
  Device device;
  device.name = properties.name;
  device.compute_capability = properties.major * 10 + properties.minor;
  if (properties.major < kLeastMajor)
    throw std::runtime_error(device.name + " has compute capability " + std::to_string(properties.major) +
                             "." + std::to_string(properties.minor) + ", expected 8.0 or more");
  if (attribute(cudaDevAttrCooperativeLaunch) == 0)
    throw std::runtime_error(device.name + " launches no cooperative kernels here");
  device.n_sms = properties.multiProcessorCount;
  device.sm_clock_most_MHz = 1e-3 * attribute(cudaDevAttrClockRate);
  device.memory_clock_MHz = 1e-3 * attribute(cudaDevAttrMemoryClockRate);
  device.l2_bytes = static_cast<std::uint64_t>(properties.l2CacheSize);
  device.shared_bytes = static_cast<std::uint32_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
  SHARPWAVE_CUDA(cudaDriverGetVersion(&device.driver_version));
  SHARPWAVE_CUDA(cudaRuntimeGetVersion(&device.runtime_version));
  std::size_t free_bytes = 0;
  std::size_t memory_bytes = 0;
  SHARPWAVE_CUDA(cudaMemGetInfo(&free_bytes, &memory_bytes));
  device.free_bytes = free_bytes;
  device.memory_bytes = memory_bytes;
  device.sm_clock_MHz = sm_clock_MHz();
  return device;
}

}  // namespace sharpwave::gpu_limits
