// What of the signals for a memory is in a checkpoint: a run that goes on must tell the same, under the same
// numbers, as one that was never stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "host/base/sha256.hpp"

namespace sharpwave {

/// Of one population that is remembered, in the order of MemorySpec. Lists of neurons are by index.
struct StreamState {
  std::string population;
  /// So far: signals, windows and ripples in which no embedding was defined, those that came before mean and
  /// standard deviation had settled, windows and ripples that these were learned from.
  std::vector<std::uint64_t> told{0, 0, 0, 0, 0};

  /// Of the window that has begun, else none: the step before its first, the item that is presented and its
  /// label (2^32 - 1: none), spikes, bins that have ended, and the most neurons that fired in one of them.
  std::vector<std::uint64_t> window;
  std::vector<std::uint32_t> window_counts;  ///< spikes of each neuron in it
  std::vector<std::uint32_t> window_bin;     ///< neurons that have fired in its running bin, ascending
  std::vector<double> window_mean;           ///< of the counts of each neuron; see Moments
  std::vector<double> window_squares;

  // Where ripples are looked for, else none.
  std::vector<std::uint64_t> bins;         ///< bins that have ended, their spikes
  std::vector<std::uint32_t> bin_indices;  ///< of the spikes in the running bin, in their order
  /// Of the ripple that has begun, else none: the step before its first, bins, spikes, the most neurons that
  /// fired in a bin.
  std::vector<std::uint64_t> ripple;
  std::vector<double> ripple_peak;  ///< of the same: the highest rate of a bin over its threshold
  std::vector<std::uint32_t> ripple_counts;
  std::vector<double> ripple_mean;
  std::vector<double> ripple_squares;

  bool operator==(const StreamState&) const = default;
};

/// In StreamState::told.
enum ToldNumber : std::size_t { kSignals, kSilent, kSettling, kWindowsSeen, kRipplesSeen, kToldNumbers };
inline constexpr std::size_t kWindowNumbers = 6;
inline constexpr std::size_t kRippleNumbers = 4;

/// All lists, by their names in files.
inline constexpr std::tuple kStreamColumns{
    std::pair{"told", &StreamState::told},
    std::pair{"window", &StreamState::window},
    std::pair{"window_counts", &StreamState::window_counts},
    std::pair{"window_bin", &StreamState::window_bin},
    std::pair{"window_mean", &StreamState::window_mean},
    std::pair{"window_squares", &StreamState::window_squares},
    std::pair{"bins", &StreamState::bins},
    std::pair{"bin_indices", &StreamState::bin_indices},
    std::pair{"ripple", &StreamState::ripple},
    std::pair{"ripple_peak", &StreamState::ripple_peak},
    std::pair{"ripple_counts", &StreamState::ripple_counts},
    std::pair{"ripple_mean", &StreamState::ripple_mean},
    std::pair{"ripple_squares", &StreamState::ripple_squares},
};

/// Calls visit(name, pointer to member) for each list.
template <class Visit>
void for_each_stream_column(const Visit& visit) {
  std::apply([&](const auto&... column) { (visit(column.first, column.second), ...); }, kStreamColumns);
}

/// Of a network without a memory all is empty.
struct SignalState {
  std::vector<StreamState> streams;
  Sha256::Digest digest{};             ///< of all signals so far, a chain
  std::uint64_t branch = 0;            ///< how often the run had gone back to an earlier step
  std::uint64_t dropped = 0;           ///< signals that the plugin was not told
  bool is_coupled = false;             ///< a snapshot of the memory lies beside the checkpoint
  std::vector<std::uint64_t> changes;  ///< of each projection that is told, up to the beginning of the window
  // Of a coupled run: answers that are still to act, in the order in which their signals were told; lists of
  // one length.
  std::vector<std::uint64_t> answer_due;  ///< acts at the end of this step
  std::vector<double> answer_novelty;
  std::vector<std::uint64_t> answer_patterns;  ///< values of the patterns to be replayed then
  std::vector<float> patterns;                 ///< [sum of those] of all answers
  std::vector<float> to_replay;                ///< patterns of answers that have acted, one after the other
  std::uint64_t replay_until = 0;              ///< step with which the one that is played ends
  bool operator==(const SignalState&) const = default;
};

/// All lists, by their names in files.
inline constexpr std::tuple kSignalColumns{
    std::pair{"changes", &SignalState::changes},
    std::pair{"answer_due", &SignalState::answer_due},
    std::pair{"answer_novelty", &SignalState::answer_novelty},
    std::pair{"answer_patterns", &SignalState::answer_patterns},
    std::pair{"patterns", &SignalState::patterns},
    std::pair{"to_replay", &SignalState::to_replay},
};

/// Calls visit(name, pointer to member) for each list.
template <class Visit>
void for_each_signal_column(const Visit& visit) {
  std::apply([&](const auto&... column) { (visit(column.first, column.second), ...); }, kSignalColumns);
}

/// A list that cannot be, whatever the network is, and why.
struct SignalFault {
  std::string column;
  std::string what;
};
[[nodiscard]] std::optional<SignalFault> find_fault(const SignalState& state);

}  // namespace sharpwave
