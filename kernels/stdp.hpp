// Spike-timing-dependent plasticity of pairs (Morrison, Diesmann & Gerstner 2008,
// doi:10.1007/s00422-008-0233-1), event-driven: a synapse is brought up to date when a spike reaches it, from
// what its source and its target have done since the one before. Both sides keep traces; of a synapse itself
// there is only its weight, and with the presynaptic pairing a trace.
//
// Times are steps on the clock of the target's spikes. Seen from there a spike of the source acts at its
// `origin`: its own step minus the delay where the delay is dendritic, plus the delay where it is axonal.
// Spikes of both sides at one time are no pair.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "kernels/fixed_point.hpp"
#include "kernels/homeostasis.hpp"
#include "kernels/math.hpp"
#include "kernels/portability.hpp"
#include "kernels/stdp_pairing.hpp"

namespace sharpwave {

/// What is left of 1 after so many steps: 2^(-steps (high + low)), with rounding that is the same wherever it
/// is done, and can be done without a table. Relative error below 2e-7, up to 2^22 steps and 2^-126.
struct DecayRate {
  float high = 0;
  float low = 0;

  static DecayRate of(double dt_over_tau) {
    const double octaves = dt_over_tau * 1.4426950408889634;  // log2 e
    const auto high = static_cast<float>(octaves);
    return {high, static_cast<float>(octaves - static_cast<double>(high))};
  }
  [[nodiscard]] float after(std::int32_t steps) const {
    constexpr float kRound =
        0x1.8p23f;  // adding it rounds to an integer, which then stands in the lowest bits
    const auto k = static_cast<float>(steps);
    const float rounded = std::fma(k, -high, kRound);
    const float whole = rounded - kRound;
    const float r = std::fma(k, -low, std::fma(k, -high, -whole));
    // 2^r - 1 over r for |r| <= 1/2, with the least relative error of 2^r.
    float sum = kExp2[4];
    for (int i = 4; i-- > 0;) sum = std::fma(sum, r, kExp2[i]);
    sum = std::fma(sum, r, 1.0f);
    const auto exponent = __builtin_bit_cast(std::uint32_t, rounded) << 23;
    return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, sum) + exponent);
  }
  static constexpr float kExp2[] = {0x1.62e42ap-1f, 0x1.ebf9bcp-3f, 0x1.c6b752p-5f, 0x1.3cea88p-7f,
                                    0x1.5bba14p-10f};
};

/// e^(-k dt/tau) for k steps; beyond the end of the table there is nothing left.
struct DecayTable {
  const float* values = nullptr;  ///< [size] rate.after(0), ...
  std::int64_t size = 0;
  DecayRate rate;  ///< for those that compute the values instead

  SHARPWAVE_HD float after(std::int64_t steps) const { return steps < size ? values[steps] : 0.0f; }
};

/// When synapses learn: the step is of the spike that would change them.
struct LearningTimes {
  const std::int64_t* switches = nullptr;  ///< ascending: on, off, on, ...; before the first it is off
  std::int64_t n = 0;

  SHARPWAVE_HD bool includes(std::int64_t step) const {
    bool is_on = false;
    for (std::int64_t k = 0; k < n && switches[k] <= step; ++k) is_on = !is_on;
    return is_on;
  }
  /// As of a PostSpike where nothing else gates what it teaches.
  SHARPWAVE_HD float rate_at(std::int64_t step) const { return includes(step) ? 1.0f : 0.0f; }
};

/// Weights are magnitudes: of inhibitory synapses, too.
struct StdpConstants {
  StdpPairing pairing = StdpPairing::all_to_all;
  bool axonal = false;
  bool power_law = false;   ///< potentiation goes with (w/w_max)^mu_plus, not with the room that is left
  float plus = 0;           ///< change of the weight per unit of trace, before its own factor
  float minus = 0;          ///< likewise, of depression; below 0 a spike of the source strengthens, too
  float triplet_plus = 0;   ///< added to `plus` per unit of the target's slow trace
  float triplet_minus = 0;  ///< to `minus`, of the source's
  float per_pre = 0;        ///< by which each spike of the source weakens
  float mu_plus = 0;
  float mu_minus = 0;
  float w_min = 0;
  float w_max = 1;
  DecayTable decay_plus;
  DecayTable decay_minus;
  DecayTable decay_slow_plus;   ///< of the sources' slow traces
  DecayTable decay_slow_minus;  ///< of the targets'
  LearningTimes learning;       ///< by the steps of the spikes, on the clock of their own side
  HomeostasisConstants homeostasis;
};

inline constexpr std::int64_t kNeverFired = INT64_MIN / 4;

/// A spike of a target, and its trace: 1 more than what was left of it.
struct PostSpike {
  std::int64_t step = kNeverFired;
  float trace = 0;
  float slow = 0;  ///< what it found of the slow one
  float rate = 1;  ///< by which what it changes is multiplied; 0: it teaches nothing
};

/// What a spike of a source finds: its two predecessors, and what was left of the source's trace when the
/// last of them came.
struct PreSpike {
  std::int64_t origin = 0;
  std::int64_t last = kNeverFired;
  std::int64_t before_last = kNeverFired;
  std::int64_t since = kNeverFired;  ///< as of then the synapse is, where that is later than the last one
  float trace_at_last = 0;
  float n_at_last = 1;  ///< so many spikes came then
  float slow = 0;       ///< what it finds of the source's slow trace
  float rate = 1;       ///< as of a PostSpike
};

/// What spikes have done to synapses. Sums of integers: the same in whatever order they are made.
struct StdpCounts {
  std::int64_t updates = 0;        ///< spikes of a source that reached a synapse
  std::int64_t potentiations = 0;  ///< spikes of a target that raised a weight
  std::int64_t depressions = 0;    ///< spikes of a source that lowered one
  std::int64_t raised = 0;         ///< by these together, in units of stdp_units_per_weight()
  std::int64_t lowered = 0;        ///< by those, likewise
  std::int64_t steps_plus = 0;     ///< over the potentiations, from the source's spike to the target's
  std::int64_t steps_minus = 0;    ///< over the depressions, from the target's to the source's
  bool operator==(const StdpCounts&) const = default;
};

/// Of StdpCounts::raised and lowered: w_max is 2^24 of them.
SHARPWAVE_HD float stdp_units_per_weight(const StdpConstants& c) {
  return 0x1p24f / c.w_max;
}

/// All of them, in the order of files.
inline constexpr std::array kStdpCounts = {
    &StdpCounts::updates, &StdpCounts::potentiations, &StdpCounts::depressions, &StdpCounts::raised,
    &StdpCounts::lowered, &StdpCounts::steps_plus,    &StdpCounts::steps_minus};

namespace detail {

/// To the nearest unit, ties to even; once for each arrival.
SHARPWAVE_HD std::int32_t to_count_units(const StdpConstants& c, float change) {
  return static_cast<std::int32_t>(round_to_even(static_cast<double>(change * stdp_units_per_weight(c))));
}

SHARPWAVE_HD float to_power(float x, float mu) {
  if (mu == 0.0f) return 1.0f;
  const float positive = x > 0.0f ? x : 0.0f;
  return mu == 1.0f ? positive : static_cast<float>(math::pow(positive, mu));
}

SHARPWAVE_HD float potentiated(const StdpConstants& c, float w, float trace, const PostSpike& post) {
  const float amplitude = c.plus + c.triplet_plus * post.slow;
  const float share = w / c.w_max;
  const float factor = to_power(c.power_law ? share : 1.0f - share, c.mu_plus);
  const float changed = w + amplitude * factor * (trace * post.rate);
  return changed < c.w_max ? changed : c.w_max;
}

/// By a spike of the source.
SHARPWAVE_HD float depressed(const StdpConstants& c, float w, float trace, const PreSpike& pre) {
  const float amplitude = c.minus + c.triplet_minus * pre.slow;
  const float changed =
      w - amplitude * to_power(w / c.w_max, c.mu_minus) * (trace * pre.rate) - c.per_pre * pre.rate;
  const float bounded = changed > c.w_min ? changed : c.w_min;
  return bounded < c.w_max ? bounded : c.w_max;
}

/// What is left of a trace `steps` after `n` spikes that found `before` of it.
SHARPWAVE_HD float pre_trace_after(const StdpConstants& c, float before, float n, std::int64_t steps) {
  return (c.pairing == StdpPairing::all_to_all ? before + n : 1.0f) * c.decay_plus.after(steps);
}

/// The last step of the target of which a spike of this origin takes notice: of one at its own time a
/// dendritic delay lets it know, an axonal one leaves it to the next.
SHARPWAVE_HD std::int64_t end_of(const StdpConstants& c, std::int64_t origin) {
  return c.axonal ? origin - 1 : origin;
}

template <class Posts>
SHARPWAVE_HD const PostSpike* newest_until(const Posts& posts, std::int64_t step) {
  const PostSpike* spike = posts.newest();
  while (spike != nullptr && spike->step > step) spike = posts.before(spike, kNeverFired);
  return spike;
}

/// As of when a synapse is that this spike reaches; there is a last one.
SHARPWAVE_HD std::int64_t begin_of(const PreSpike& pre) {
  return pre.since > pre.last ? pre.since : pre.last;
}

/// Calls visit(spike) for `newest` and all before it that are later than `after`, in the order of time.
template <class Posts, class Visit>
SHARPWAVE_HD void for_each_between(const Posts& posts, std::int64_t after, const PostSpike* newest,
                                   const Visit& visit) {
  std::int32_t n = 0;
  for (const PostSpike* s = newest; s != nullptr && s->step > after; s = posts.before(s, after)) ++n;
  constexpr std::int32_t kAtOnce = 8;
  const PostSpike* spikes[kAtOnce];
  for (std::int32_t left = n; left > 0;) {
    const std::int32_t count = left < kAtOnce ? left : kAtOnce;
    const PostSpike* s = newest;
    for (std::int32_t k = left - count; k > 0; --k) s = posts.before(s, after);
    for (std::int32_t k = 0; k < count; ++k, s = posts.before(s, after)) spikes[k] = s;
    for (std::int32_t k = count; k-- > 0;) visit(*spikes[k]);
    left -= count;
  }
}

/// From the spike of the source with which one of the target makes a pair. One at the time of the last has
/// that before it.
SHARPWAVE_HD std::int64_t steps_to(const PreSpike& pre, const PostSpike& post) {
  const std::int64_t steps = post.step - pre.last;
  return steps != 0 ? steps : pre.last - pre.before_last;
}

}  // namespace detail

/// Of a target's spikes at `step` the trace, from that of the one before it.
SHARPWAVE_HD float post_trace(const StdpConstants& c, const PostSpike& last, std::int64_t step) {
  return last.trace * c.decay_minus.after(step - last.step) + 1.0f;
}

/// What such a spike finds of the slow trace.
SHARPWAVE_HD float slow_post_trace(const StdpConstants& c, const PostSpike& last, std::int64_t step) {
  const float before = c.pairing == StdpPairing::all_to_all ? last.slow : 0.0f;
  return (before + 1.0f) * c.decay_slow_minus.after(step - last.step);
}

/// What a spike of a source finds of its slow trace.
/// @param found, n  what the last one did, and how many came with it.
SHARPWAVE_HD float slow_pre_trace(const StdpConstants& c, float found, float n, std::int64_t steps) {
  return (c.pairing == StdpPairing::all_to_all ? found + n : 1.0f) * c.decay_slow_plus.after(steps);
}

/// What a spike finds of its source's trace: the next one's PreSpike::trace_at_last.
SHARPWAVE_HD float pre_trace(const StdpConstants& c, const PreSpike& spike) {
  if (spike.last == kNeverFired) return 0.0f;
  return detail::pre_trace_after(c, spike.trace_at_last, spike.n_at_last, spike.origin - spike.last);
}

/// A synapse of one source and target up to a time.
/// @tparam Posts  the target's spikes, newest first: `const PostSpike* newest()`, and
///                `const PostSpike* before(const PostSpike*, std::int64_t step)`, the one before if it is of
///                a later step than that; null where there is none.
template <class Posts>
class StdpSynapse {
 public:
  SHARPWAVE_HD StdpSynapse(const StdpConstants& c, const Posts& posts) : c_(c), posts_(posts) {}

  /// All that the target has done before `pre` acts, then `pre` itself. Returns the weight with which it is
  /// delivered.
  /// @param trace  of the synapse's own; only the presynaptic pairing reads and changes it.
  SHARPWAVE_HD float on_pre(const PreSpike& pre, float w, float& trace, StdpCounts& counts) const {
    const PostSpike* spike = detail::newest_until(posts_, detail::end_of(c_, pre.origin));
    bool alone = !has_met(pre);
    w = potentiate(pre, spike, w, trace, alone, counts);
    ++counts.updates;
    if (c_.pairing == StdpPairing::presynaptic && pre.last != kNeverFired && pre.last != pre.origin)
      trace = alone ? (trace + 1.0f) * c_.decay_plus.after(pre.origin - pre.last) : 0.0f;
    if (pre.rate == 0.0f) return w;
    if (spike != nullptr && spike->step == pre.origin) spike = posts_.before(spike, kNeverFired);
    if (spike != nullptr && c_.pairing == StdpPairing::restricted && spike->step < pre.last) spike = nullptr;
    const std::int64_t steps = spike != nullptr ? pre.origin - spike->step : 0;
    float left = 0.0f;
    if (spike != nullptr) left = c_.decay_minus.after(steps);
    if (spike != nullptr && c_.pairing == StdpPairing::all_to_all) left = spike->trace * left;
    const float changed = detail::depressed(c_, w, left, pre);
    count_own(w, changed, steps, counts);
    return changed;
  }

  /// The weight at `time`, without any spike of the source that is not in it: the first half of on_pre(),
  /// which goes on from here where its `since` is this time.
  /// @param pre  as for a spike at `time`.
  SHARPWAVE_HD float at(const PreSpike& pre, float w, float& trace, StdpCounts& counts) const {
    const PostSpike* spike = detail::newest_until(posts_, detail::end_of(c_, pre.origin));
    bool alone = !has_met(pre);
    return potentiate(pre, spike, w, trace, alone, counts);
  }

 private:
  /// Has the target fired between the source's last spike and the time that the synapse has been brought up
  /// to? Only pairings of neighbours ask.
  SHARPWAVE_HD bool has_met(const PreSpike& pre) const {
    if (pre.last == kNeverFired || pre.since <= pre.last) return false;
    if (c_.pairing != StdpPairing::presynaptic && c_.pairing != StdpPairing::restricted) return false;
    const PostSpike* spike = detail::newest_until(posts_, detail::end_of(c_, pre.since));
    return spike != nullptr && spike->step > pre.last;
  }

  SHARPWAVE_HD void count_own(float w, float changed, std::int64_t steps, StdpCounts& counts) const {
    if (changed < w) {
      ++counts.depressions;
      counts.steps_minus += steps;
      counts.lowered += detail::to_count_units(c_, w - changed);
    } else if (changed > w) {
      ++counts.potentiations;
      counts.steps_plus += steps;
      counts.raised += detail::to_count_units(c_, changed - w);
    }
  }

  /// By the target's spikes since the last one of the source, or since the synapse has been brought up to
  /// date, `newest` and older, in the order of time.
  /// @param alone  becomes false where there is one.
  SHARPWAVE_HD float potentiate(const PreSpike& pre, const PostSpike* newest, float w, float& trace,
                                bool& alone, StdpCounts& counts) const {
    if (pre.last == kNeverFired) return w;
    const float before = w;
    const std::int64_t after = detail::end_of(c_, detail::begin_of(pre));
    detail::for_each_between(posts_, after, newest, [&](const PostSpike& post) {
      const float raised = on_post(pre, post, w, trace, alone);
      if (raised > w) {
        ++counts.potentiations;
        counts.steps_plus += detail::steps_to(pre, post);
      }
      w = raised;
    });
    counts.raised += detail::to_count_units(c_, w - before);
    return w;
  }

  SHARPWAVE_HD float on_post(const PreSpike& pre, const PostSpike& post, float w, float& trace,
                             bool& alone) const {
    const std::int64_t steps = post.step - pre.last;
    if (steps == 0) return on_post_at_last(pre, post, w, trace);
    const bool is_first = alone;
    alone = false;
    switch (c_.pairing) {
      case StdpPairing::all_to_all:
      case StdpPairing::symmetric:
        return detail::potentiated(
            c_, w, detail::pre_trace_after(c_, pre.trace_at_last, pre.n_at_last, steps), post);
      case StdpPairing::presynaptic:
        return is_first ? detail::potentiated(c_, w, (trace + 1.0f) * c_.decay_plus.after(steps), post) : w;
      case StdpPairing::restricted:
        return is_first ? detail::potentiated(c_, w, c_.decay_plus.after(steps), post) : w;
    }
    return w;
  }

  /// At the time of the last spike of the source, which is none of its pairs: those before are.
  SHARPWAVE_HD float on_post_at_last(const PreSpike& pre, const PostSpike& post, float w,
                                     float& trace) const {
    if (pre.before_last == kNeverFired) return w;
    if (c_.pairing == StdpPairing::presynaptic) {
      w = detail::potentiated(c_, w, trace, post);
      trace = 0.0f;
      return w;
    }
    if (c_.pairing == StdpPairing::restricted) {
      if (posts_.before(&post, pre.before_last) != nullptr) return w;
    }
    return detail::potentiated(c_, w, pre.trace_at_last, post);
  }

  const StdpConstants& c_;
  const Posts& posts_;
};

}  // namespace sharpwave
