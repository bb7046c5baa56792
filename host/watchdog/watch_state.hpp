// What of the watchdog is in a checkpoint: a run that goes on must find the same, and act at the same steps,
// as one that was never stopped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// Signs of a population's rate that go on from window to window and are told once: bits of RateState::signs.
enum RateSign : std::uint32_t {
  kIsRunningAway = 1,
  kIsSilent = 2,
  kIsSparse = 4,
  kIsUnusual = 8,
};
inline constexpr std::uint32_t kAllRateSigns = 15;

/// Windows that an anomaly is told from, at most.
inline constexpr std::size_t kMostRecentWindows = 200;

/// What was seen of rates so far, for each population that is not virtual.
struct RateState {
  std::vector<std::uint64_t> in_window;         ///< spikes in the window that has begun
  std::vector<std::uint64_t> in_silent_window;  ///< likewise
  std::vector<std::uint32_t> signs;             ///< that the last whole windows showed
  std::vector<std::uint64_t>
      recent;  ///< [window][population]: spikes in the last whole windows, oldest first
  bool operator==(const RateState&) const = default;

  /// From here on it is of a network with other weights: what was usual is not known, and what is found is
  /// news.
  void begin_anew() {
    signs.assign(signs.size(), 0);
    recent.clear();
  }
};

/// What a neuromodulator has gone through in the window that has begun: bits of
/// FrozenState::modulator_events.
enum ModulatorEventSign : std::uint32_t {
  kHasMoved = 1,
  kWasDriven = 2,  ///< by spikes; what the config says of times need not be remembered
};
inline constexpr std::uint32_t kAllModulatorEvents = 3;

/// What was seen so far of plastic projections and of regions, those that are looked at, in their order.
/// Empty before anything was.
struct FrozenState {
  std::uint64_t since = 0;                        ///< the step behind which the window that has begun is seen
  std::vector<std::uint64_t> updates;             ///< [projection] PlasticityReading::updates then
  std::vector<std::uint64_t> weight_sums;         ///< likewise
  std::vector<std::uint32_t> has_fired;           ///< [projection] has a target since then? 0 or 1, as below
  std::vector<std::uint32_t> weights_are_frozen;  ///< [projection] the last window that told showed so
  std::vector<double> levels;                     ///< [region][5] as in ModulatorLevels, of the last look
  std::vector<std::uint32_t>
      modulator_events;  ///< [region][modulator] since then: bits of ModulatorEventSign
  std::vector<std::uint32_t> modulator_is_frozen;  ///< [region][modulator] as of weights
  bool operator==(const FrozenState&) const = default;
};

/// Findings of each sign.
using SignCounts = std::array<std::uint64_t, kWatchdogSignCount>;

struct WatchState {
  RateState rates;
  FrozenState frozen;
  std::uint64_t repairs = 0;         ///< clamps, throttles and rollbacks so far
  SignCounts n_found{};              ///< so far
  bool divergence_is_known = false;  ///< and the run goes on with it
  bool non_finite_is_known = false;  ///< likewise
  double weight_gain = 1;            ///< of the network that the state is of, over the config's
  double input_gain = 1;
  bool operator==(const WatchState&) const = default;
};

}  // namespace sharpwave
