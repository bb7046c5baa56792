#include "host/network/protocol_spec.hpp"

#include <algorithm>

namespace sharpwave {

std::uint64_t ProtocolSpec::n_trials() const {
  std::uint64_t n = 0;
  for (const PhaseSpec& phase : phases) n += phase.n_trials();
  return n;
}

std::uint64_t ProtocolSpec::least_steps() const {
  std::uint64_t steps = 0;
  for (const PhaseSpec& phase : phases) steps += phase.n_trials() * phase.attempt_steps();
  return steps;
}

std::uint64_t ProtocolSpec::most_steps() const {
  std::uint64_t steps = 0;
  for (const PhaseSpec& phase : phases)
    steps += phase.n_trials() * phase.repeat.most_times * phase.attempt_steps();
  return steps;
}

std::uint64_t ProtocolSpec::largest_spike_count(std::uint32_t population) const {
  std::uint64_t largest = 0;
  for (const StimulusSpec& stimulus : stimuli) {
    if (stimulus.population != population) continue;
    for (std::size_t item = 0; item + 1 < stimulus.spike_begin.size(); ++item) {
      std::uint64_t count = 0;
      for (std::uint64_t k = stimulus.spike_begin[item]; k < stimulus.spike_begin[item + 1]; ++k) {
        const bool is_further = k > stimulus.spike_begin[item] &&
                                stimulus.spike_steps[k] == stimulus.spike_steps[k - 1] &&
                                stimulus.spike_sources[k] == stimulus.spike_sources[k - 1];
        count = is_further ? count + 1 : 1;
        largest = std::max(largest, count);
      }
    }
  }
  return largest;
}

}  // namespace sharpwave
