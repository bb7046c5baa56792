// One population that is remembered: its spikes become signals, window by window and ripple by ripple.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/network/memory_spec.hpp"
#include "host/network/model_spec.hpp"
#include "host/signals/embedding.hpp"
#include "host/signals/signal.hpp"
#include "host/signals/signal_state.hpp"

namespace sharpwave {

/// Windows and ripples are cut into bins of about so many ms: synchrony is of one of them.
inline constexpr double kSignalBin_ms = 5;
[[nodiscard]] std::uint64_t signal_bin_steps(double dt_ms);

/// In signals what is known of the population alone: neither what was learned nor levels.
class SignalStream {
 public:
  /// At the beginning.
  /// @param index     of `spec.memory->populations`.
  /// @param first_id  of the population.
  SignalStream(const ModelSpec& spec, std::uint32_t index, std::uint64_t first_id);

  /// Goes on from there. @throws Error(damaged_data) where it is not of this population.
  void restore(const StreamState& state);
  [[nodiscard]] StreamState state() const;

  /// The step behind which the window begins; none where none has begun.
  [[nodiscard]] std::optional<std::uint64_t> window_begin() const {
    return state_.window.empty() ? std::nullopt : std::optional(state_.window[0]);
  }
  /// A window begins after `step`; ends the one before, if one has begun, without a signal.
  void open(std::uint64_t step, std::uint32_t item, std::uint32_t label);
  /// The spikes of the step after the one before.
  /// @param ids  of all populations, ascending.
  void add(std::uint64_t step, std::span<const std::uint32_t> ids);
  /// Ends the window with `step`, if one has begun. Nothing where it makes no signal.
  std::optional<Signal> close(std::uint64_t step);
  /// Ends a bin with `step`, which signal_bin_steps() divides. The ripple that is over then, if one is.
  std::optional<Signal> end_bin(std::uint64_t step);

 private:
  void begin_window_bin(std::uint64_t step);
  void count_in_window(std::uint32_t index);
  void end_window_bin();
  void add_to_ripple(std::uint64_t begin_step, double burst);
  std::optional<Signal> end_ripple(std::uint64_t step);
  [[nodiscard]] double threshold() const;
  [[nodiscard]] std::uint32_t distinct(std::vector<std::uint32_t> indices) const;
  std::optional<Signal> finished(Signal signal, std::span<const std::uint32_t> counts,
                                 std::vector<double>& mean, std::vector<double>& squares,
                                 std::uint64_t& n_seen);

  const MemorySpec& memory_;
  std::uint32_t index_;
  std::uint64_t first_id_;
  std::uint32_t n_neurons_;
  double dt_ms_;
  std::uint64_t warm_up_steps_;
  std::uint64_t bin_steps_;
  Embedder embedder_;
  StreamState state_;
  std::vector<bool> is_in_bin_;  ///< [neuron] in state_.window_bin
};

}  // namespace sharpwave
