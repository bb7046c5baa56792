// Poisson counts on the device: the same words as on the CPU, from whole words instead of halves.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave::device {

/// Count of the stream's element `index` in `step`.
__device__ inline std::uint32_t count_in_step(const PoissonRate& rate, std::uint64_t index,
                                              std::uint64_t step) {
  std::uint32_t piece = 0;  // the last one that has begun
  for (std::uint32_t end = rate.n_pieces; end - piece > 1;) {
    const std::uint32_t middle = piece + (end - piece) / 2;
    if (rate.first_step[middle] <= step)
      piece = middle;
    else
      end = middle;
  }
  const std::uint32_t first = rate.first_threshold[piece];
  const std::uint32_t n = rate.first_threshold[piece + 1] - first;
  if (n == 0) return 0;
  const PhiloxBlock words = philox4x32_10(rate.key, index, (step - 1) / 4);
  const auto which = static_cast<std::uint32_t>((step - 1) % 4);
  const std::uint32_t word = which < 2 ? (which == 0 ? words.w0 : words.w1) : (which == 2 ? words.w2 : words.w3);
  return static_cast<std::uint32_t>(poisson_count(word, rate.thresholds + first, static_cast<std::int32_t>(n)));
}

}  // namespace sharpwave::device
