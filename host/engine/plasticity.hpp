// Plastic projections on the CPU: one thread's share of one of them.
//
// A synapse changes only when a spike of its source reaches it, or when that source has been silent for so
// long that nothing of its trace is left: then what its targets have done since is applied, and need not be
// kept. An eligibility trace is followed up earlier, and again and again, until nothing is left of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/engine/cpu_kernels.hpp"
#include "host/engine/eligibility_gate.hpp"
#include "host/engine/engine_state.hpp"
#include "host/engine/neuromodulation.hpp"
#include "host/engine/plasticity_reading.hpp"
#include "host/engine/post_history.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"
#include "host/network/plastic_order.hpp"
#include "kernels/plastic_source.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

/// What a DecayTable points to.
[[nodiscard]] std::vector<float> decay_values(const DecayRate& rate, std::size_t size);

/// The constants of a rule with the tables that they point to. What a trace is after a time is the same on
/// every device.
class StdpTables {
 public:
  StdpTables(const StdpSpec& spec, double dt_ms);
  StdpTables(StdpTables&&) = default;
  [[nodiscard]] const StdpConstants& constants() const { return constants_; }
  /// Steps after which nothing is left of any trace.
  [[nodiscard]] std::int64_t memory_steps() const;

 private:
  std::vector<float> plus_, minus_;
  std::vector<float> slow_plus_, slow_minus_;  ///< of triplets; else empty
  std::vector<std::int64_t> switches_;
  StdpConstants constants_;
};

/// Of StdpTables, without making any.
struct StdpTableSizes {
  StdpTableSizes(const StdpSpec& spec, double dt_ms);
  std::uint64_t longest = 0;  ///< as StdpTables::memory_steps()
  std::uint64_t sum = 0;      ///< floats of all tables
};

[[nodiscard]] HomeostasisConstants homeostasis_constants(const StdpSpec& spec, double dt_ms);

/// All of it that does not depend on the row; none where that looks back beyond the beginning of the clock of
/// RecentSpikes.
/// @param epoch  step 0 of that clock; takes_rows(constants).
[[nodiscard]] std::optional<StdpRowArguments> stdp_row_arguments(const StdpConstants& constants,
                                                                 const PreSpike& pre, std::int64_t epoch);

/// Where input adds up, of one part.
struct PlasticTarget {
  std::int32_t* narrow = nullptr;  ///< either this
  std::int64_t* wide = nullptr;    ///< or that
};

class PlasticProjection {
 public:
  /// @param first_part, n_parts  this thread's.
  /// @param modulation           as of step 0.
  PlasticProjection(const ModelSpec& spec, const Network& net, const PlasticRows& rows,
                    std::uint32_t first_part, std::uint32_t n_parts, const CpuKernels& kernels,
                    const Neuromodulation& modulation);

  /// A source has fired in `step`. Once for each of its spikes; steps in their order, before what leaves in
  /// them arrives anywhere.
  /// @param modulation  as of that step.
  void fire(std::uint32_t id, std::int64_t step, const Neuromodulation& modulation);
  /// Delivers what arrives in `step` after delays of `from` steps to `until`, that excluded.
  /// @param targets  [n_parts] the accumulators of the receptor.
  void deliver(std::int64_t step, std::uint64_t from, std::uint64_t until,
               const std::vector<PlasticTarget>& targets);
  /// Neurons of one of the parts have fired in `step`.
  /// @param ids  global.
  /// @param modulation  as of that step.
  void note(std::uint32_t part, std::span<const std::uint32_t> ids, std::int64_t step,
            const Neuromodulation& modulation);
  /// After the step's notes: silent sources let go, and weights are scaled.
  /// @param knows_sources  what they did before `step`; else follow_up_silent(step) is left for later.
  void end_step(std::int64_t step, bool knows_sources, const Neuromodulation& modulation);
  /// Sources let go that have long been silent at the end of `step`.
  void follow_up_silent(std::int64_t step);

  /// Whether it learns, beside what the rule says of its times, from `step` on.
  void set_learning(bool learning, std::int64_t step);

  [[nodiscard]] int receptor() const { return rows_.receptor; }

  /// Adds what this share has come to, and its weights as they are after `step`.
  void read(std::int64_t step, PlasticityReading& reading) const;
  /// Of a LearningReading, this share.
  [[nodiscard]] std::uint64_t changed() const {
    return static_cast<std::uint64_t>(counts_.raised) + static_cast<std::uint64_t>(counts_.lowered);
  }
  [[nodiscard]] bool has_eligibilities() const { return gate_.has_value(); }
  [[nodiscard]] std::uint64_t eligibility(std::int64_t step) const;
  /// The weights of every so many-th synapse, as Engine::read_weights() has them.
  /// @param weights  of the whole projection: those of this share are set.
  void read_weights(std::int64_t step, std::uint32_t every, std::vector<float>& weights) const;
  /// Likewise between which neurons they are.
  void list_synapses(std::uint32_t every, PlasticSynapses& synapses) const;

  /// @param shares  of all threads.
  static void save(std::int64_t step, const std::vector<const PlasticProjection*>& shares,
                   PlasticState& state);
  /// Goes on from a state of this projection.
  void restore(std::int64_t step, const PlasticState& state);

 private:
  struct Part {
    PostHistory posts;
    HugeBuffer<float> weights;
    HugeBuffer<float> traces;         ///< eligibilities, or those of the presynaptic pairing
    std::uint32_t first_element = 0;  ///< that the projection reaches, and the last but one
    std::uint32_t end_element = 0;
    std::vector<std::uint32_t> spikes;  ///< of each element in the running interval of a homeostasis of rates
  };
  struct Flight {
    std::uint32_t source = 0;
    PreSpike spike;  ///< as without a delay
  };

  /// A spike after what the source has done.
  [[nodiscard]] PreSpike following(const PlasticSource& source, std::int64_t step, float rate) const {
    return sharpwave::following(tables_.constants(), source, step, rate);
  }
  [[nodiscard]] std::vector<Flight>& flights_of(std::int64_t step) {
    const auto n = static_cast<std::int64_t>(flights_.size());
    return flights_[static_cast<std::size_t>((step % n + n) % n)];
  }
  void save_sources(std::int64_t step, PlasticState& state) const;
  void save_synapses(PlasticState& state) const;
  /// Calls visit(position in a PlasticState, place) for those of this share.
  template <class Visit>
  void for_each_own_synapse(const Visit& visit) const {
    std::size_t position = 0;
    for_each_in_order(rows_, net_.shape.n_parts(), [&](const PlasticSynapsePlace& place) {
      if (place.part - first_part_ < parts_.size()) visit(position, place);
      ++position;
    });
  }
  /// Calls visit(part, element, neuron of its population) for those whose spikes are counted.
  template <class Visit>
  void for_each_counted_target(const Visit& visit) const {
    for (std::uint32_t p = 0; p < parts_.size(); ++p) {
      if (parts_[p].spikes.empty()) continue;
      for (std::uint32_t element = parts_[p].first_element; element < parts_[p].end_element; ++element)
        visit(p, element, element * net_.shape.n_parts() + first_part_ + p - first_target_);
    }
  }
  static void save_spikes(const std::vector<const PlasticProjection*>& shares, PlasticState& state);
  void restore_spikes(const PlasticState& state);
  [[nodiscard]] const Part& part_of(const PlasticSynapsePlace& place) const {
    return parts_[place.part - first_part_];
  }
  /// The spikes of each source that have left and not reached all targets yet, the oldest first.
  struct SpikesOnTheWay {
    std::vector<std::uint32_t> begin;  ///< [n_sources + 1]
    std::vector<PreSpike> spikes;
  };
  [[nodiscard]] SpikesOnTheWay on_the_way() const;
  /// Of a synapse as it is now.
  struct Present {
    float weight = 0;
    float trace = 0;  ///< eligibility, or of the presynaptic pairing; 0 where it has none
  };
  /// @param counts  what it takes to come to it is added.
  [[nodiscard]] Present present_synapse(const SpikesOnTheWay& on_the_way, const PlasticSynapsePlace& place,
                                        std::int64_t step, StdpCounts& counts) const;
  /// Of a row that is brought up to date on the side.
  struct Scratch {
    std::vector<float> weights;
    std::vector<std::uint32_t> left;
    std::vector<std::int32_t> input;
    StdpCounts counts;  ///< of the row
  };
  /// Sets the weights of a row as they are now; false where they have to be asked for one by one.
  [[nodiscard]] bool present_row(const SpikesOnTheWay& on_the_way, std::uint32_t part, std::uint32_t source,
                                 std::uint32_t delay, std::int64_t step, Scratch& scratch) const;
  static void save_counts(std::int64_t step, const std::vector<const PlasticProjection*>& shares,
                          PlasticState& state);
  void restore_counts(std::int64_t step, const PlasticState& state);
  /// What a spike finds that reaches synapses now or later, seen from the targets.
  [[nodiscard]] PreSpike delayed(const PreSpike& spike, std::uint32_t delay) const {
    return sharpwave::delayed(tables_.constants(), spike, delay, scaled_at_);
  }
  /// Whether spikes of `step`, the present one, change weights.
  [[nodiscard]] bool learns_at(std::int64_t step) const {
    return learning_ && tables_.constants().learning.includes(step);
  }
  /// What one finds that arrives in the step after `step`.
  [[nodiscard]] PreSpike next_arrival(const SpikesOnTheWay& on_the_way, std::uint32_t source,
                                      std::uint32_t delay, std::int64_t step) const;
  void sum_weights(const SpikesOnTheWay& on_the_way, std::uint32_t part, std::int64_t step,
                   std::vector<std::int64_t>& sums);
  bool scale_weights(std::uint32_t part, const std::vector<std::int64_t>& sums);
  /// Scales the weights where that is due.
  void end_interval(std::int64_t step);
  /// Whether all spikes in steps from `first` to `last` change weights.
  [[nodiscard]] bool learns_throughout(std::int64_t first, std::int64_t last) const;
  /// Whether a spike finds a synapse's weight as it leaves it: its target has fired neither since the spike
  /// before nor so late that anything is left of its trace. Most do where targets fire seldom.
  [[nodiscard]] bool leaves_as_it_is(const Part& part, std::uint32_t element, const PreSpike& pre) const {
    const std::int64_t newest = part.posts.newest_step(element);
    if (newest == kNeverFired) return true;
    const StdpConstants& c = tables_.constants();
    return pre.origin - newest >= c.decay_minus.size &&
           (pre.last == kNeverFired || newest <= detail::end_of(c, detail::begin_of(pre)));
  }
  template <class Acc>
  void deliver_synapse(Part& part, const PlasticRows::OfPart& rows, std::uint32_t index, const PreSpike& pre,
                       std::uint32_t delay, Acc* acc);
  template <class Acc>
  void deliver_row(Part& part, const PlasticRows::OfPart& rows, const Flight& flight, const Flight* next,
                   std::uint32_t delay, bool found_traces, Acc* acc);
  /// Sets RecentSpikes::found for these arrivals; false where each row does better by itself.
  bool find_traces(Part& part, const PlasticRows::OfPart& rows, const std::vector<Flight>& flights,
                   std::uint32_t delay);
  void follow_up(std::uint32_t source, std::int64_t step);
  void open_gate(std::int64_t step, const Neuromodulation& modulation);
  /// Of the region that gates what is learnt; null: none.
  [[nodiscard]] const GateFactors* modulating(const Neuromodulation& modulation) const;
  /// A spike of a source reaches a synapse, or where `is_spike` is false only its time does.
  /// @return the weight then.
  [[nodiscard]] float reach(const PostHistory::OfNeuron& posts, const PreSpike& pre, std::uint32_t delay,
                            bool is_spike, float w, float& trace, StdpCounts& counts) const;
  /// To be looked at again if it stays silent until then.
  [[nodiscard]] std::vector<std::uint32_t>& silent_at(std::int64_t step) {
    return silent_[static_cast<std::size_t>(step) % silent_.size()];
  }
  /// Grows with each change of a weight.
  [[nodiscard]] std::int64_t n_changes() const {
    return gate_ ? counts_.raised + counts_.lowered : counts_.potentiations + counts_.depressions;
  }

  const CpuKernels& kernels_;
  const Network& net_;
  const PlasticRows& rows_;
  const StdpSpec& rule_;
  StdpTables tables_;
  std::optional<EligibilityGate> gate_;
  bool has_triplets_;
  bool has_traces_;  ///< of each synapse
  bool takes_rows_;
  bool keeps_rates_;  ///< of spikes: what they change follows from more than their steps
  bool learning_ = true;
  std::int64_t learning_since_ = kNeverFired;  ///< so it has been at least since this step
  std::uint32_t first_part_;
  std::uint32_t first_id_;      ///< of the source population
  std::uint32_t first_target_;  ///< id of the target population's first neuron
  std::uint32_t n_targets_;     ///< its size
  std::vector<Part> parts_;
  std::vector<std::uint32_t> left_;  ///< scratch of deliver_row()
  StdpCounts counts_;
  std::int64_t last_change_ = kNeverFired;
  std::int64_t scaled_at_ =
      kNeverFired;  ///< step at whose end all synapses were brought up to date and scaled
  std::vector<PlasticSource> sources_;
  std::vector<std::vector<Flight>> flights_;  ///< [step mod longest delay + 1]
  std::int64_t patience_;                     ///< in steps, with silent sources
  std::vector<std::vector<std::uint32_t>>
      silent_;  ///< [step mod patience_ + 1]; those that fired since included
};

}  // namespace sharpwave
