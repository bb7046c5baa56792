// Spikes of Poisson sources and inputs in a step: the random words of the CPU, and so the same counts.
#pragma once

#include "kernels/bisection.hpp"
#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

struct Thresholds {
  const std::uint32_t* values;
  std::int32_t n;  ///< 0: nothing ever fires
};

__device__ inline Thresholds thresholds_of(const std::uint32_t* thresholds, const std::uint64_t* table_begin,
                                           std::uint32_t table) {
  const std::uint64_t first = table_begin[table];
  return {thresholds + first, static_cast<std::int32_t>(table_begin[table + 1] - first)};
}

/// Those of the piece that `step` lies in.
__device__ inline Thresholds thresholds_at(const PoissonRate& rate, std::uint64_t step) {
  const std::uint32_t piece = count_up_to(rate.first_step, rate.n_pieces, step) - 1;
  return thresholds_of(rate.thresholds, rate.table_begin, rate.table[piece]);
}

/// Count of the stream's element `index` in `step`.
__device__ inline std::uint32_t count_in_step(PhiloxKey key, const Thresholds& thresholds,
                                              std::uint64_t index, std::uint64_t step) {
  if (thresholds.n == 0) return 0;
  const PhiloxBlock words = philox4x32_10(key, index, (step - 1) / 4);
  const auto which = static_cast<std::uint32_t>((step - 1) % 4);
  const std::uint32_t low = which == 0 ? words.w0 : words.w1;
  const std::uint32_t high = which == 2 ? words.w2 : words.w3;
  return static_cast<std::uint32_t>(poisson_count(which < 2 ? low : high, thresholds.values, thresholds.n));
}

__device__ inline std::uint32_t count_in_step(const PoissonRate& rate, std::uint64_t index,
                                              std::uint64_t step) {
  return count_in_step(rate.key, thresholds_at(rate, step), index, step);
}

/// Count of Poisson source `index` in `step`.
__device__ inline std::uint32_t count_in_step(const Population& p, std::uint32_t index, std::uint64_t step) {
  const PresentedRates& own = p.presented;
  if (own.table == nullptr) return count_in_step(p.rate, index, step);
  return count_in_step(p.rate.key, thresholds_of(own.thresholds, own.table_begin, own.table[index]), index,
                       step);
}

/// Count of target `index` in `step`.
__device__ inline std::uint32_t count_in_step(const SpikeInput& input, std::uint32_t index,
                                              std::uint64_t step) {
  if (!input.is_copied) return count_in_step(input.rate, index, step);
  const Thresholds thresholds = thresholds_at(input.rate, step);
  const std::int32_t n_events = mip_mother_count(input.rate.key, step, thresholds.values, thresholds.n);
  return static_cast<std::uint32_t>(mip_count(input.copies, index, step, n_events));
}

}  // namespace sharpwave::device
