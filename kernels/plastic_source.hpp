// Sources of plastic synapses, and what their spikes find: the same on every device.
#pragma once

#include <cstdint>

#include "kernels/portability.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

/// What a source has done until its last spike that has left.
struct PlasticSource {
  std::int64_t last = kNeverFired;  ///< its own step
  std::int64_t before_last = kNeverFired;
  std::int64_t since = kNeverFired;  ///< that its synapses are brought up to, but for spikes on the way
  float trace_at_last = 0;
  float n_at_last = 1;
  float slow_at_last = 0;
};

namespace detail {

/// What a spike finds, seen from the targets, at a synapse that has been brought up to date at the end of
/// step `scaled_at`, for a spike that would have arrived in the next.
SHARPWAVE_HD PreSpike since_scaling(const StdpConstants& c, PreSpike pre, std::int64_t scaled_at,
                                    std::int64_t delay) {
  if (scaled_at == kNeverFired) return pre;
  const std::int64_t origin = scaled_at + 1 - (c.axonal ? 0 : 2 * delay);
  if (origin > pre.since) pre.since = origin;
  return pre;
}

}  // namespace detail

/// What a spike in `step` finds of its source.
/// @param rate  as PreSpike has it.
SHARPWAVE_HD PreSpike following(const StdpConstants& c, const PlasticSource& source, std::int64_t step,
                                float rate) {
  PreSpike spike{.origin = step,
                 .last = source.last,
                 .before_last = source.before_last,
                 .since = source.since,
                 .trace_at_last = source.trace_at_last,
                 .n_at_last = source.n_at_last,
                 .rate = rate};
  if (source.last != kNeverFired)
    spike.slow = slow_pre_trace(c, source.slow_at_last, source.n_at_last, step - source.last);
  return spike;
}

/// Another one of the same source and step.
SHARPWAVE_HD PreSpike repeated(const PreSpike& first) {
  return {.origin = first.origin,
          .last = first.origin,
          .since = first.origin,
          .slow = first.slow,
          .rate = first.rate};
}

/// As the targets see it that are `delay` steps away.
/// @param scaled_at  end of the step in which homeostasis brought all synapses up to date last.
SHARPWAVE_HD PreSpike delayed(const StdpConstants& c, PreSpike spike, std::uint32_t delay,
                              std::int64_t scaled_at) {
  const std::int64_t shift = c.axonal ? std::int64_t{delay} : -std::int64_t{delay};
  spike.origin += shift;
  if (spike.last != kNeverFired) spike.last += shift;
  if (spike.before_last != kNeverFired) spike.before_last += shift;
  if (spike.since != kNeverFired) spike.since += shift;
  return detail::since_scaling(c, spike, scaled_at, delay);
}

}  // namespace sharpwave
