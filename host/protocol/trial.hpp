// What a trial came to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/network/protocol_spec.hpp"

namespace sharpwave {

struct Trial {
  std::uint32_t phase = 0;
  std::uint32_t item = kNoClass;   ///< of the phase's stimulus; kNoClass: nothing was presented
  std::uint32_t label = kNoClass;  ///< of the item, where it has one
  std::uint32_t told = kNoClass;   ///< class that the neurons tell, where they are asked
  std::uint32_t attempts = 1;
  double gain = 1;                    ///< of the last attempt
  std::uint64_t first_step = 0;       ///< of the last attempt
  std::uint64_t spikes = 0;           ///< of the population, while it was presented, in the last attempt
  std::vector<std::uint32_t> counts;  ///< of each neuron, where the phase keeps them
  bool operator==(const Trial&) const = default;
};

/// How far a protocol is; `n` is 0 without one.
struct TrialProgress {
  std::uint64_t done = 0;
  std::uint64_t n = 0;
  std::uint64_t before = 0;   ///< of done, those of before a resume
  std::string phase;          ///< that it is in; behind the last trial empty
  std::uint64_t tested = 0;   ///< trials of all phases that test
  std::uint64_t correct = 0;  ///< likewise
};

/// Of a phase, as far as it came.
struct PhaseResult {
  std::string name;
  std::uint64_t n_trials = 0;  ///< that it has
  std::uint64_t trials = 0;    ///< done
  std::uint64_t repeats = 0;
  bool is_to_test = false;
  std::uint64_t correct = 0;
  /// [class][class that was told, the last for none], where it tests.
  std::vector<std::vector<std::uint64_t>> confusion;
  bool operator==(const PhaseResult&) const = default;
};

}  // namespace sharpwave
