// A pattern that is played into a population, as a memory asks for.
#pragma once

#include <cstdint>
#include <vector>

namespace sharpwave {

/// Into ModelSpec::replayed_into, in the steps after `after` up to `until`. Of a state: what is in force, or
/// was in its last step.
struct Replay {
  std::uint64_t after = 0;
  std::uint64_t until = 0;
  double live = 1;                ///< the inputs of the population are multiplied by it meanwhile, [0, 1]
  std::vector<float> current_pA;  ///< [size of the population], in addition; none: there is no replay

  [[nodiscard]] bool is_in_force(std::uint64_t step) const {
    return !current_pA.empty() && after < step && step <= until;
  }
  /// Is it otherwise in `step` than in the step before?
  [[nodiscard]] bool changes_at(std::uint64_t step) const {
    return is_in_force(step) != is_in_force(step - 1);
  }
  bool operator==(const Replay&) const = default;
};

}  // namespace sharpwave
