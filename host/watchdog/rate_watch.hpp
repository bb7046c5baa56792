// Looks at how much populations fire: runaway, silent, sparse, and unlike before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/population_ids.hpp"
#include "host/watchdog/finding.hpp"
#include "host/watchdog/watch_state.hpp"

namespace sharpwave {

/// Windows follow each other from step 1 on, so that what is found does not depend on how a run is cut into
/// blocks. A sign that goes on from window to window is found once.
class RateWatch {
 public:
  explicit RateWatch(const ModelSpec& spec);

  /// Takes the next block; appends what it shows, in order of steps.
  void take(const Block& block, std::vector<Finding>& findings);

  /// Does a window end in this block? Only then may take() find anything.
  [[nodiscard]] bool may_find(const Block& block) const;

  [[nodiscard]] const RateState& state() const { return state_; }
  /// Goes on from there. @throws Error(damaged_data) where it is of other populations.
  void go_on_from(const RateState& state);

 private:
  struct Population {
    std::string name;
    std::uint64_t size = 0;
    bool is_watched = false;                 ///< has neurons
    double most_Hz = 0;                      ///< below which it has not run away
    double least_Hz = 0;                     ///< above which it is not sparse
    std::vector<std::uint64_t> ascending{};  ///< of RateState::recent what is its own
  };

  void remember_window();
  void end_window(std::uint64_t step, std::vector<Finding>& findings);
  void end_silent_window(std::uint64_t step, std::vector<Finding>& findings);
  void look_at_anomaly(std::size_t rank, std::uint64_t count, Finding finding,
                       std::vector<Finding>& findings);
  bool begins(std::size_t rank, RateSign sign, bool is_so);
  [[nodiscard]] double rate_Hz(std::uint64_t count, std::uint64_t steps, const Population& population) const;

  WatchdogSpec spec_;
  double dt_ms_;
  PopulationIds ids_;
  std::vector<Population> populations_;
  RateState state_;
};

/// Half of the rate that refractoriness (of the neuron with the least) and dt allow.
[[nodiscard]] double default_runaway_rate_Hz(const NeuronSpec& neurons, double dt_ms);

}  // namespace sharpwave
