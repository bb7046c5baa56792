// Takes the signals of a run into the service's store, and holds them while the storage is away.
#pragma once

#include <memory>

#include "host/network/model_spec.hpp"
#include "host/signals/plugin.hpp"

namespace sharpwave::service {

class MemoryService;
struct SignalCounts;

/// Signals that are held, at most: what comes beyond is counted and lost.
inline constexpr std::size_t kMostHeldSignals = 10'000;

/// For a run whose config has a memory. The plugin `memory` of a run that is neither coupled nor consolidates
/// by simulated time gets the service's store; any other plugin, and any other run, what its config says.
/// Where the storage fails the simulation goes on: signals are held, and taken when it is back.
/// @param memory, counts  outlive what is returned.
[[nodiscard]] std::unique_ptr<SignalTaker> make_signal_taker(const ModelSpec& spec, MemoryService& memory,
                                                             SignalCounts& counts);

}  // namespace sharpwave::service
