#include "benchmarks/gpu/copy.cuh"

#include <algorithm>

#include "benchmarks/gpu/device.cuh"
#include "benchmarks/gpu/questions.hpp"

namespace sharpwave::gpu_limits {
namespace {

constexpr std::uint64_t kMostBytes = 1ull << 30;
constexpr unsigned kBlocksPerSm = 2;

class Copies {
 public:
  Copies(const Device& device, std::uint64_t bytes)
      : n_blocks_(static_cast<unsigned>(device.n_sms) * kBlocksPerSm),
        from_(bytes / sizeof(uint4)),
        to_(bytes / sizeof(uint4)) {
    const std::size_t n_words = bytes / sizeof(unsigned);
    fill_words<<<n_blocks_, kBlockThreads, 0, stream_.get()>>>(reinterpret_cast<unsigned*>(from_.data()),
                                                               n_words);
    SHARPWAVE_CUDA(cudaGetLastError());
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
    for (std::size_t i = 0; i < n_words; ++i) expected_ += word_at(i);
  }

  double by_kernel() {
    return checked([&] {
      copy_words<<<n_blocks_, kBlockThreads, 0, stream_.get()>>>(from_.data(), to_.data(), from_.size());
    });
  }
  double by_runtime() {
    return checked([&] {
      SHARPWAVE_CUDA(cudaMemcpyAsync(to_.data(), from_.data(), from_.size() * sizeof(uint4),
                                     cudaMemcpyDeviceToDevice, stream_.get()));
    });
  }
  double read() { return seconds_to_sum(from_); }

 private:
  template <class Copy>
  double checked(const Copy& copy) {
    to_.clear();
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
    const double seconds = seconds_of(stream_, copy);
    seconds_to_sum(to_);
    return seconds;
  }

  double seconds_to_sum(const Buffer<uint4>& words) {
    Buffer<unsigned long long> sum(1);
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
    const double seconds = seconds_of(stream_, [&] {
      sum_words<<<n_blocks_, kBlockThreads, 0, stream_.get()>>>(words.data(), words.size(), sum.data());
    });
    expect_equal("sum of the words", sum.download()[0], expected_);
    return seconds;
  }

  unsigned n_blocks_;
  Stream stream_;
  Buffer<uint4> from_, to_;
  std::uint64_t expected_ = 0;
};

}  // namespace

Answer measure_copies(const Device& device, int repeats) {
  Answer answer{
      "copy", "how many bytes a second does the memory move (a copy's are read and written)?", {}, {}};
  const std::uint64_t bytes = std::min(kMostBytes, device.free_bytes / 4) / sizeof(uint4) * sizeof(uint4);
  Copies copies(device, bytes);
  const auto add = [&](const char* name, double moved, const std::vector<double>& seconds) {
    answer.figures.push_back({name,
                              {{"bytes", static_cast<std::int64_t>(bytes)}},
                              "GB/s",
                              spread_of(rates(seconds, 1e-9 * moved))});
  };
  const auto once = static_cast<double>(bytes);
  add("copy, by a kernel", 2 * once, repeated(repeats, [&](unsigned) { return copies.by_kernel(); }));
  add("copy, by the runtime", 2 * once, repeated(repeats, [&](unsigned) { return copies.by_runtime(); }));
  add("read", once, repeated(repeats, [&](unsigned) { return copies.read(); }));
  return answer;
}

}  // namespace sharpwave::gpu_limits
