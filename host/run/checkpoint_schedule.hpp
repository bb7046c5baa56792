// When a run saves its state.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "host/base/stopwatch.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

class CheckpointSchedule {
 public:
  /// @param step  the last one done.
  CheckpointSchedule(const CheckpointSpec& spec, std::uint64_t step) : spec_(spec) { saved(step); }

  /// Steps after `step` until the next checkpoint in simulated time: a block must not reach beyond.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t step) const {
    return step < next_step_ ? next_step_ - step : std::numeric_limits<std::uint64_t>::max();
  }
  [[nodiscard]] bool due(std::uint64_t step) const {
    return step >= next_step_ || (spec_.wall_interval_s > 0 && since_.seconds() >= spec_.wall_interval_s);
  }
  /// A checkpoint of `step` was made, or tried in vain: the next one is due after another interval.
  void saved(std::uint64_t step) {
    since_ = Stopwatch();
    if (spec_.interval_steps > 0) next_step_ = (step / spec_.interval_steps + 1) * spec_.interval_steps;
  }

 private:
  CheckpointSpec spec_;
  std::uint64_t next_step_ = std::numeric_limits<std::uint64_t>::max();
  Stopwatch since_;
};

}  // namespace sharpwave
