// What of the watchdog is in a checkpoint: a run that goes on must act at the same steps as one that was
// never stopped.
#pragma once

#include <cstdint>
#include <vector>

namespace sharpwave {

/// Spikes so far in the windows that have begun, per population that is not virtual.
struct RateCounts {
  std::vector<std::uint64_t> in_window;
  std::vector<std::uint64_t> in_silent_window;
  bool operator==(const RateCounts&) const = default;
};

struct WatchState {
  RateCounts counts;
  std::uint64_t repairs = 0;  ///< clamps, throttles and rollbacks so far
  double weight_gain = 1;     ///< of the network that the state is of, over the config's
  double input_gain = 1;
  bool operator==(const WatchState&) const = default;
};

}  // namespace sharpwave
