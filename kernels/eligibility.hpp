// Three-factor plasticity (Izhikevich 2007, doi:10.1093/cercor/bhl152; Potjans, Morrison & Diesmann 2010,
// doi:10.3389/fncom.2010.00141): pairs of spikes fill a synapse's eligibility trace, and the weight follows
// the trace times a gate that all synapses of a projection have in common. What the gate does between two
// events is in a table with an entry for each step, so that a synapse needs no look between its own events.
#pragma once

#include <cstdint>

#include "kernels/portability.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

/// What an eligibility trace of 1 at the beginning of an epoch has become after each step of it, and what it
/// has done to the weight until then. Epochs have a length at which enough is left of a trace to divide by.
/// Rings, by epoch and by step in it.
struct GateTable {
  std::int64_t origin = 0;        ///< step in which the first epoch began
  const double* left = nullptr;   ///< [n_epochs][epoch_steps + 1], from 1 down
  const double* moved = nullptr;  ///< [n_epochs][epoch_steps + 1], from 0
  std::int64_t epoch_steps = 1;
  std::int64_t n_epochs = 1;
};

/// A weight and its eligibility, which changes the weight by as much as it is and the gate lets through.
struct EligibleWeight {
  float w = 0;
  float eligibility = 0;
};

/// Both at `end`, from what they are at `begin`, without an event between.
SHARPWAVE_HD EligibleWeight gated(const GateTable& gate, EligibleWeight synapse, std::int64_t begin,
                                  std::int64_t end) {
  if (synapse.eligibility == 0.0f) return synapse;
  begin -= gate.origin;
  end -= gate.origin;
  double w = static_cast<double>(synapse.w);
  double c = static_cast<double>(synapse.eligibility);
  while (begin < end) {
    const std::int64_t epoch = begin / gate.epoch_steps;
    const std::int64_t first = epoch * gate.epoch_steps;
    const std::int64_t stop = end - first < gate.epoch_steps ? end : first + gate.epoch_steps;
    const std::int64_t row = epoch % gate.n_epochs * (gate.epoch_steps + 1);
    const std::int64_t from = row + (begin - first);
    const std::int64_t to = row + (stop - first);
    const double at_first = c / gate.left[from];
    w += at_first * (gate.moved[to] - gate.moved[from]);
    c = at_first * gate.left[to];
    begin = stop;
  }
  return {static_cast<float>(w), static_cast<float>(c)};
}

/// As StdpSynapse, where pairs fill an eligibility trace, with changes that do not depend on the weight; the
/// pairing is all_to_all or symmetric. Bounds act at the synapse's own events.
template <class Posts>
class EligibilitySynapse {
 public:
  /// @param to_gate  what is added to a time on the target's clock for that of the gate: the delay where it
  /// is
  ///                 dendritic, else 0.
  SHARPWAVE_HD EligibilitySynapse(const StdpConstants& c, const Posts& posts, const GateTable& gate,
                                  std::int64_t to_gate)
      : c_(c), posts_(posts), gate_(gate), to_gate_(to_gate) {}

  /// All that has happened before `pre` acts, then `pre` itself. Returns the weight with which it is
  /// delivered.
  SHARPWAVE_HD float on_pre(const PreSpike& pre, float w, float& eligibility, StdpCounts& counts) const {
    w = at(pre, w, eligibility, counts);
    ++counts.updates;
    const PostSpike* spike = detail::newest_until(posts_, pre.origin - 1);
    if (pre.rate == 0.0f || spike == nullptr) return w;
    const std::int64_t steps = pre.origin - spike->step;
    const float left = c_.decay_minus.after(steps);
    const float lost = c_.minus * (c_.pairing == StdpPairing::all_to_all ? spike->trace * left : left);
    if (lost > 0.0f) {
      ++counts.depressions;
      counts.steps_minus += steps;
    }
    eligibility -= lost * pre.rate;
    return w;
  }

  /// The weight at `time`, without any spike of the source that is not in it. Nothing is changed by looking.
  /// @param pre  as for a spike at `time`.
  SHARPWAVE_HD float at(const PreSpike& pre, float w, float& eligibility, StdpCounts& counts) const {
    if (pre.last == kNeverFired) return w;
    EligibleWeight synapse{w, eligibility};
    std::int64_t now = pre.since;
    const auto move_to = [&](std::int64_t step) {
      const float before = synapse.w;
      synapse = gated(gate_, synapse, now + to_gate_, step + to_gate_);
      synapse.w = synapse.w < c_.w_min ? c_.w_min : synapse.w > c_.w_max ? c_.w_max : synapse.w;
      std::int64_t& moved = synapse.w > before ? counts.raised : counts.lowered;
      moved += detail::to_count_units(c_, synapse.w > before ? synapse.w - before : before - synapse.w);
      now = step;
    };
    const PostSpike* newest = detail::newest_until(posts_, detail::end_of(c_, pre.origin));
    detail::for_each_between(posts_, detail::end_of(c_, pre.since), newest, [&](const PostSpike& post) {
      move_to(post.step);
      const float gained = c_.plus * trace_at(pre, post.step);
      if (gained > 0.0f && post.rate > 0.0f) {
        ++counts.potentiations;
        counts.steps_plus += detail::steps_to(pre, post);
      }
      synapse.eligibility += gained * post.rate;
    });
    move_to(pre.origin);
    eligibility = synapse.eligibility;
    return synapse.w;
  }

 private:
  /// The source's trace that a spike of the target finds; one at the same time is none of its pairs.
  SHARPWAVE_HD float trace_at(const PreSpike& pre, std::int64_t step) const {
    if (step > pre.last)
      return detail::pre_trace_after(c_, pre.trace_at_last, pre.n_at_last, step - pre.last);
    return pre.before_last == kNeverFired ? 0.0f : pre.trace_at_last;
  }

  const StdpConstants& c_;
  const Posts& posts_;
  const GateTable& gate_;
  std::int64_t to_gate_;
};

}  // namespace sharpwave
