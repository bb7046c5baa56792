// The host loop's part in a memory: it hands on signals, and lets answers act.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/step_loop.hpp"
#include "host/signals/collector.hpp"
#include "host/signals/memory_link.hpp"
#include "host/watchdog/watchdog.hpp"

namespace sharpwave {

class LoopSignals {
 public:
  /// @param options  its `start` says where it goes on; all three outlive this.
  LoopSignals(Engine& engine, const ModelSpec& spec, const LoopOptions& options);
  LoopSignals(const LoopSignals&) = delete;
  LoopSignals& operator=(const LoopSignals&) = delete;

  /// Until a block has to end.
  [[nodiscard]] std::uint64_t steps_left() const;
  /// Answers that are due act with the next step; waits for them.
  void act(Watchdog& watchdog);
  /// The block that has ended.
  void take(const Block& block);
  /// What is presented from the next step on.
  void present(const Presented& presented);
  /// Before a checkpoint: all that was told is with the plugin, on the disk, and in its snapshot.
  void save();
  /// Waits for answers that are under way.
  [[nodiscard]] SignalState state();

  /// In this, waiting included, since reset_time().
  [[nodiscard]] double seconds() const { return seconds_; }
  void reset_time() { seconds_ = 0; }

 private:
  struct Pending {
    std::uint64_t due = 0;
    bool may_replay = false;       ///< its patterns are of the population that is replayed into
    std::optional<Answer> answer;  ///< once it is there
  };
  void tell(Signal&& signal);
  const Answer& answer_of(Pending& pending);
  void let_act(const Answer& answer, bool may_replay, Watchdog& watchdog);
  void replay_next(Watchdog& watchdog);
  [[nodiscard]] std::size_t pattern_size() const;

  Engine& engine_;
  const ModelSpec& spec_;
  const MemorySpec& memory_;
  const LoopOptions& options_;
  std::uint64_t dropped_ = 0;  ///< where there is no link
  std::deque<Pending> pending_;
  std::deque<float> to_replay_;
  std::uint64_t replay_until_ = 0;
  double seconds_ = 0;
  SignalCollector collector_;  ///< calls tell()
};

}  // namespace sharpwave
