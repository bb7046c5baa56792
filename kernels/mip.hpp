// Correlated Poisson trains by copying (multiple interaction process: Kuhn, Aertsen & Rotter 2003,
// doi:10.1162/089976603321043702; NEST mip_generator): all targets share a mother train, and each of its
// events reaches each of them with probability p_copy, independently.
#pragma once

#include <cstdint>

#include "kernels/philox.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave {

/// How events of the mother train are copied.
struct MipCopies {
  PhiloxKey key{};
  std::uint64_t threshold = 0;  ///< p_copy in units of 2^-32: a word below it copies the event
};

/// Draws of mip_count() in one step: a block of four words for four events.
inline constexpr std::uint64_t kMipDrawsPerStep = 256;
static_assert(kPoissonTableCapacity <= 4 * kMipDrawsPerStep);

/// Events of the mother train in `step` (> 0): word (step - 1) mod 4 of philox(key, 0, (step - 1) / 4).
SHARPWAVE_HD std::int32_t mip_mother_count(PhiloxKey mother_key, std::uint64_t step,
                                           const std::uint32_t* thresholds, std::int32_t n_thresholds) {
  const PhiloxBlock block = philox4x32_10(mother_key, 0, (step - 1) / 4);
  const std::uint32_t words[4] = {block.w0, block.w1, block.w2, block.w3};
  return poisson_count(words[(step - 1) % 4], thresholds, n_thresholds);
}

/// The draw that decides on events 4 * block to 4 * block + 3 of a step.
SHARPWAVE_HD std::uint64_t mip_draw(std::uint64_t step, std::uint32_t block) {
  return step * kMipDrawsPerStep + block;
}

/// How many of the step's `n_events` reach target `index`. Event e is decided by word e mod 4 of
/// philox(key, index, mip_draw(step, e / 4)).
SHARPWAVE_HD std::int32_t mip_count(const MipCopies& copies, std::uint32_t index, std::uint64_t step,
                                    std::int32_t n_events) {
  std::int32_t count = 0;
  for (std::int32_t first = 0; first < n_events; first += 4) {
    const PhiloxBlock block =
        philox4x32_10(copies.key, index, mip_draw(step, static_cast<std::uint32_t>(first) / 4));
    const std::int32_t left = n_events - first;
    count += block.w0 < copies.threshold ? 1 : 0;
    count += left > 1 && block.w1 < copies.threshold ? 1 : 0;
    count += left > 2 && block.w2 < copies.threshold ? 1 : 0;
    count += left > 3 && block.w3 < copies.threshold ? 1 : 0;
  }
  return count;
}

}  // namespace sharpwave
