// State of the synapses of a plastic projection, and of what they know of its sources and targets.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/stdp.hpp"

namespace sharpwave {

/// Raw: as the last spikes that have reached the synapses left them. Lists whose names begin alike have the
/// same length. Ages are in steps before EngineState::step.
struct PlasticState {
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  std::string projection;
  std::vector<float>
      weights;  ///< magnitudes, by source, target, delay, and the order in which they were drawn
  std::vector<float>
      traces;  ///< likewise eligibilities, or traces where the pairing is presynaptic; else none

  /// What the synapses have come to, in the order of StdpCounts, and the age of the last change of a weight.
  std::vector<std::uint64_t> counts{0, 0, 0, 0, 0, 0, 0, kNever};

  // Of each source: its last spike that has left, and the one before.
  std::vector<std::uint64_t> source_last_age;
  std::vector<std::uint64_t> source_before_last_age;
  std::vector<float> source_trace;              ///< what its last spike found of its trace
  std::vector<float> source_spikes;             ///< so many it had in that step
  std::vector<float> source_slow;               ///< what it found of the slow trace; of triplets, else none
  std::vector<std::uint64_t> source_since_age;  ///< its synapses are as of then; of eligibilities, else none

  // Spikes that have not reached all targets yet, and what they found; the oldest first, then by source.
  std::vector<std::uint32_t> flight_source;  ///< its position in the slice
  std::vector<std::uint64_t> flight_age;
  std::vector<std::uint64_t> flight_last_age;
  std::vector<std::uint64_t> flight_before_last_age;
  std::vector<float> flight_trace;
  std::vector<float> flight_spikes;
  std::vector<float> flight_slow;               ///< what it finds itself; of triplets, else none
  std::vector<std::uint64_t> flight_since_age;  ///< of eligibilities, else none
  std::vector<float> flight_rate;               ///< of what neuromodulators scale, else none

  // Spikes of targets that synapses may not have taken notice of yet; the oldest first, then by neuron.
  std::vector<std::uint32_t> post_neuron;  ///< index within the population
  std::vector<std::uint64_t> post_age;
  std::vector<float> post_trace;
  std::vector<float> post_slow;  ///< of triplets, else none
  std::vector<float> post_rate;  ///< of what neuromodulators scale, else none

  /// Of eligibilities, else none: see EligibilityGate::save().
  std::vector<double> gate;

  /// One value: of the last step at whose end all synapses were brought up to date, and scaled.
  std::vector<std::uint64_t> scaled_age{kNever};
  /// Of each neuron of the target population in the running interval of a homeostasis of rates, else none.
  std::vector<std::uint32_t> target_spikes;

  bool operator==(const PlasticState&) const = default;
};

/// Between ages and steps; kNeverFired is none.
[[nodiscard]] constexpr std::uint64_t age_of(std::int64_t step, std::int64_t now) {
  return step == kNeverFired ? PlasticState::kNever : static_cast<std::uint64_t>(now - step);
}
[[nodiscard]] constexpr std::int64_t step_of(std::uint64_t age, std::int64_t now) {
  return age == PlasticState::kNever ? kNeverFired : now - static_cast<std::int64_t>(age);
}

/// All lists, by their names in files.
inline constexpr std::tuple kPlasticColumns{
    std::pair{"weights", &PlasticState::weights},
    std::pair{"traces", &PlasticState::traces},
    std::pair{"counts", &PlasticState::counts},
    std::pair{"source_last_age", &PlasticState::source_last_age},
    std::pair{"source_before_last_age", &PlasticState::source_before_last_age},
    std::pair{"source_trace", &PlasticState::source_trace},
    std::pair{"source_spikes", &PlasticState::source_spikes},
    std::pair{"source_slow", &PlasticState::source_slow},
    std::pair{"source_since_age", &PlasticState::source_since_age},
    std::pair{"flight_source", &PlasticState::flight_source},
    std::pair{"flight_age", &PlasticState::flight_age},
    std::pair{"flight_last_age", &PlasticState::flight_last_age},
    std::pair{"flight_before_last_age", &PlasticState::flight_before_last_age},
    std::pair{"flight_trace", &PlasticState::flight_trace},
    std::pair{"flight_spikes", &PlasticState::flight_spikes},
    std::pair{"flight_slow", &PlasticState::flight_slow},
    std::pair{"flight_since_age", &PlasticState::flight_since_age},
    std::pair{"flight_rate", &PlasticState::flight_rate},
    std::pair{"post_neuron", &PlasticState::post_neuron},
    std::pair{"post_age", &PlasticState::post_age},
    std::pair{"post_trace", &PlasticState::post_trace},
    std::pair{"post_slow", &PlasticState::post_slow},
    std::pair{"post_rate", &PlasticState::post_rate},
    std::pair{"gate", &PlasticState::gate},
    std::pair{"scaled_age", &PlasticState::scaled_age},
    std::pair{"target_spikes", &PlasticState::target_spikes},
};

/// Calls visit(name, pointer to member) for each list.
template <class Visit>
void for_each_plastic_column(const Visit& visit) {
  std::apply([&](const auto&... column) { (visit(column.first, column.second), ...); }, kPlasticColumns);
}

/// A list that cannot be, whatever the network is, and why.
struct PlasticFault {
  std::string column;
  std::string what;
};
[[nodiscard]] std::optional<PlasticFault> find_fault(const PlasticState& state);

}  // namespace sharpwave
