// Leads a run through the trials of its protocol: it says what is to be presented and for how long, is told
// what was fired, and decides what comes next.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/engine/presented.hpp"
#include "host/protocol/protocol_state.hpp"
#include "host/protocol/trial.hpp"

namespace sharpwave {

/// All that it does follows from the spec and the spikes: neither from blocks nor from the engine.
class ProtocolRun {
 public:
  /// At the beginning.
  /// @param spec  has a protocol, and outlives this.
  explicit ProtocolRun(const ModelSpec& spec);
  /// Goes on after `step`. @throws Error(damaged_data) where `state` is none of this protocol.
  ProtocolRun(const ModelSpec& spec, const ProtocolState& state, std::uint64_t step);

  [[nodiscard]] bool is_over() const { return phase_ == protocol_.phases.size(); }
  /// Until something is to be presented or decided, > 0 unless it is over: a block may end there, and may not
  /// go beyond.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t step) const;
  /// What is to be presented after `step`, where that changes there.
  [[nodiscard]] std::optional<Presented> due(std::uint64_t step) const;
  /// Of steps that follow those of the block before. The trial that they end, if they end one.
  std::optional<Trial> take(const Block& block);

  [[nodiscard]] ProtocolState state() const;
  /// @param before  trials that were done when the run went on.
  [[nodiscard]] TrialProgress progress(std::uint64_t before = 0) const;
  [[nodiscard]] std::vector<PhaseResult> results() const;

 private:
  [[nodiscard]] const PhaseSpec& phase() const { return protocol_.phases[phase_]; }
  [[nodiscard]] const StimulusSpec* stimulus() const {
    return phase().stimulus ? &protocol_.stimuli[*phase().stimulus] : nullptr;
  }
  [[nodiscard]] double gain() const;
  [[nodiscard]] std::uint32_t item() const;
  void count(const Block& block);
  std::optional<Trial> end_attempt();
  [[nodiscard]] Trial finished() const;
  void learn_from(Trial& trial);
  void begin_phase();
  void begin_attempt();
  void order_items();
  [[nodiscard]] std::size_t n_neurons() const;
  [[nodiscard]] std::uint64_t* confusion_of(std::size_t phase, std::uint32_t label);

  const ModelSpec& spec_;
  const ProtocolSpec& protocol_;
  std::size_t phase_ = 0;
  std::uint64_t trial_ = 0;
  std::uint64_t attempt_ = 0;
  std::uint64_t begin_ = 0;  ///< the attempt's steps come after it
  std::uint64_t spikes_ = 0;
  std::uint64_t first_id_ = 0;          ///< of the population that is listened to
  std::vector<std::uint32_t> order_;    ///< of the items in this epoch
  std::vector<std::uint32_t> classes_;  ///< that the neurons stand for, while they are tested
  ProtocolState state_;                 ///< all but `position`, which the numbers above are
};

}  // namespace sharpwave
