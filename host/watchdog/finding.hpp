// What the watchdog has seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// A value that a state cannot have.
struct UnsoundValue {
  std::uint32_t neuron = 0;  ///< index within the population
  std::string variable;
  double value = 0;   ///< V absolute, in mV
  double before = 0;  ///< a step earlier
  /// Of the neuron in that step: what arrived at its receptors, its current, and its refractoriness.
  std::vector<std::pair<std::string, double>> inputs{};
  std::uint64_t n_unsound = 1;  ///< values of the whole network after that step
};

/// Activity over a window that ends with the finding's step.
struct UnusualRate {
  std::uint64_t window_steps = 0;
  double rate_Hz = 0;   ///< mean over the population
  double limit_Hz = 0;  ///< that it should have stayed below, or above; of an anomaly the median
  double score = 0;     ///< of an anomaly: distance from the median in robust standard deviations
};

/// What did not change over a window that ends with the finding's step: the weights of a projection, or the
/// level of a neuromodulator.
struct FrozenLearning {
  std::uint64_t window_steps = 0;
  std::string projection{};  ///< either this
  std::string region{};      ///< or these
  std::string modulator{};
  double level = 0;  ///< at which it stands
};

/// What the neuron in question, or the population's first, went through; a value per step, in steps
/// History::first_step to the finding's.
struct HistoryTrace {
  std::string population;
  std::uint32_t neuron = 0;
  std::vector<std::string> variables;
  std::vector<std::vector<float>> values;  ///< [variable][step]
};

/// The last steps before a finding.
struct History {
  std::uint64_t first_step = 0;
  std::uint64_t n_spikes = 0;                ///< of all neurons in these steps
  std::vector<std::uint64_t> spike_steps{};  ///< of the first of them, as many as are kept
  std::vector<std::uint32_t> spike_ids{};
  HistoryTrace trace;
};

struct Finding {
  WatchdogSign sign = WatchdogSign::non_finite;
  WatchdogAction action = WatchdogAction::halt;  ///< that is taken
  std::uint64_t step = 0;                        ///< after which it was so
  std::uint64_t seen_step = 0;  ///< with which a run is halted: of divergence up to 7 steps later
  std::string population;       ///< of a projection its target; of a region empty
  std::optional<UnsoundValue> value;
  std::optional<UnusualRate> rate;
  std::optional<FrozenLearning> frozen{};
  std::optional<History> history;
  std::string repair_fault{};  ///< why what the config asks for cannot be done; `action` is halt then
};

/// With which a run that was halted ends.
[[nodiscard]] ExitCode exit_code_of(WatchdogSign sign);
/// One of these.
[[nodiscard]] bool is_of_watchdog(ExitCode code);
/// Of this name. @throws Error(damaged_data) where there is none.
[[nodiscard]] WatchdogSign watchdog_sign(const std::string& name);

/// One sentence, times in ms.
[[nodiscard]] std::string describe(const Finding& finding, double dt_ms);

}  // namespace sharpwave
