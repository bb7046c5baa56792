// The questions of gpu_limits: a file and a function each. They measure `repeats` times after once that does
// not count.
#pragma once

#include <stdexcept>

#include "benchmarks/gpu/figures.hpp"

namespace sharpwave::gpu_limits {

/// There is no GPU, or no driver for it.
class NoDevice : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The first device that is visible, made current.
/// @throws NoDevice; std::runtime_error with call and the runtime's words where anything else fails.
[[nodiscard]] Device open_device();

// All throw CheckFailed where the work was not done, std::runtime_error where CUDA fails.
[[nodiscard]] Answer measure_barriers(const Device& device, int repeats);
[[nodiscard]] Answer measure_kernels(const Device& device, int repeats);
[[nodiscard]] Answer measure_adds(const Device& device, int repeats);
[[nodiscard]] Answer measure_fetches(const Device& device, int repeats);
[[nodiscard]] Answer measure_copies(const Device& device, int repeats);

}  // namespace sharpwave::gpu_limits
