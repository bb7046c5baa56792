// What regions of neuromodulators listen to.
#pragma once

#include <algorithm>
#include <cstdint>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// Does a region listen to this population, or to one of its neurons?
[[nodiscard]] inline bool drives_a_region(const ModelSpec& spec, std::uint32_t population) {
  const auto is_it = [&](const Slice& slice) { return slice.population == population; };
  return std::ranges::any_of(spec.regions, [&](const RegionSpec& region) {
    return std::ranges::any_of(region.volumes, [&](const VolumeSpec& v) { return is_it(v.source); }) ||
           std::ranges::any_of(region.triggers,
                               [&](const TriggerSpec& t) { return is_it(t.source) || is_it(t.target); });
  });
}

/// Steps after a spike, at most, that it releases the modulator; 0: none does.
[[nodiscard]] inline std::uint64_t longest_release(const RegionSpec& region, Modulator modulator) {
  std::uint64_t longest = 0;
  for (const VolumeSpec& volume : region.volumes)
    if (volume.modulator == modulator) longest = std::max(longest, volume.delay_steps);
  for (const TriggerSpec& trigger : region.triggers)
    if (trigger.modulator == modulator) longest = std::max(longest, trigger.most_delay_steps);
  return longest;
}

/// Bytes of what is on its way to be released: for each modulator that spikes release as many steps as the
/// longest takes.
[[nodiscard]] inline double release_bytes(const RegionSpec& region) {
  double longest = 0;
  double n_released = 0;
  for (int m = 0; m < kModulators; ++m) {
    const std::uint64_t steps = longest_release(region, static_cast<Modulator>(m));
    longest = std::max(longest, static_cast<double>(steps));
    n_released += steps > 0 ? 1 : 0;
  }
  return sizeof(double) * n_released * (longest + 1);
}

}  // namespace sharpwave
