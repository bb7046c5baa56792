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

/// Both after the steps from `begin` to `end` of the gate's clock, without an event.
SHARPWAVE_HD EligibleWeight gated(const GateTable& gate, EligibleWeight synapse, std::int64_t begin,
                                  std::int64_t end) {
  if (synapse.eligibility == 0.0f) return synapse;
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

/// As StdpSynapse; the constants' pairing is all_to_all or symmetric, and their changes are of the
/// eligibility and do not depend on the weight. Bounds act at the synapse's own events.
template <class Posts>
class EligibilitySynapse {
 public:
  /// @param to_gate  what is added to a time on the target's clock for that of the gate: the delay where it
  /// is
  ///                 dendritic, else 0.
  SHARPWAVE_HD EligibilitySynapse(const StdpConstants& c, const Posts& posts, const GateTable& gate,
                                  std::int64_t to_gate)
      : c_(c), posts_(posts), gate_(gate), to_gate_(to_gate) {}

  /// All that has happened before `pre` acts, then `pre` itself, which is delivered with the weight returned.
  SHARPWAVE_HD EligibleWeight on_pre(const PreSpike& pre, EligibleWeight synapse) const {
    synapse = at(pre, synapse);
    const PostSpike* spike = posts_.newest();
    while (spike != nullptr && spike->step >= pre.origin) spike = posts_.before(spike, kNeverFired);
    if (spike == nullptr) return synapse;
    const float left = c_.decay_minus.after(pre.origin - spike->step);
    synapse.eligibility -= c_.minus * (c_.pairing == StdpPairing::all_to_all ? spike->trace * left : left);
    return synapse;
  }

  /// At `time`, without a spike of the source that is not in it. Nothing is changed by looking.
  /// @param pre  as for a spike at that time.
  SHARPWAVE_HD EligibleWeight at(const PreSpike& pre, EligibleWeight synapse) const {
    if (pre.last == kNeverFired) return synapse;
    std::int64_t now = pre.last;
    for_each_post_since(c_, posts_, pre, [&](const PostSpike& post) {
      synapse = gated_to(synapse, now, post.step);
      now = post.step;
      synapse.eligibility += c_.plus * trace_at(pre, post.step);
    });
    return gated_to(synapse, now, pre.origin);
  }

 private:
  SHARPWAVE_HD EligibleWeight gated_to(EligibleWeight synapse, std::int64_t begin, std::int64_t end) const {
    synapse = gated(gate_, synapse, begin + to_gate_, end + to_gate_);
    synapse.w = synapse.w < c_.w_min ? c_.w_min : synapse.w > c_.w_max ? c_.w_max : synapse.w;
    return synapse;
  }

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
