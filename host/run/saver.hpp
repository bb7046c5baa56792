// Saves a run while it goes on: when, what, and what is told about it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "host/base/stopwatch.hpp"
#include "host/checkpoint/checkpoint.hpp"
#include "host/run/checkpoint_schedule.hpp"
#include "host/run/checkpoint_writer.hpp"
#include "host/run/progress.hpp"
#include "host/run/recorder.hpp"

namespace sharpwave {

class Saver {
 public:
  /// @param about     what is the same in all checkpoints of the run: all but `wall_s` and `instances`.
  /// @param asked     true once for each time that somebody outside wants a checkpoint.
  /// @param step      the last one done.
  Saver(const CheckpointSpec& spec, CheckpointStore store, Checkpoint about, const Recorder& recorder,
        ProgressSink& sink, std::function<bool()> asked, std::uint64_t step)
      : at_end_(spec.at_end),
        schedule_(spec, step),
        writer_(std::move(store)),
        about_(std::move(about)),
        recorder_(recorder),
        sink_(sink),
        asked_(std::move(asked)) {}

  /// A block that begins after `step` must not be longer.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t step) const { return schedule_.steps_left(step); }

  /// Is a checkpoint of `step` wanted? Tells the sink what became of the last one. While that is still being
  /// written, the answer is no, and yes later. Where it could not be written, it is yes after a second, then
  /// after two, four, ... up to sixty.
  [[nodiscard]] bool due(std::uint64_t step);
  [[nodiscard]] bool wants_last(bool interrupted) const { return interrupted || at_end_; }

  /// Begins to write a checkpoint; due() was true.
  void save(InstanceState state, double wall_s);
  /// Writes the last one, and returns when it is on the disk, or is known not to be.
  void save_last(InstanceState state, double wall_s);
  /// Waits for what is still being written.
  void settle() { tell(writer_.wait()); }

  /// Of the newest checkpoint that is on the disk, of those begun here.
  [[nodiscard]] std::optional<std::uint64_t> saved_step() const { return saved_step_; }

 private:
  void start(InstanceState state, double wall_s);
  void tell(std::optional<CheckpointOutcome> outcome);

  bool at_end_;
  CheckpointSchedule schedule_;
  CheckpointWriter writer_;
  Checkpoint about_;
  const Recorder& recorder_;
  ProgressSink& sink_;
  std::function<bool()> asked_;
  bool was_asked_ = false;      ///< and nothing was begun yet
  bool was_asked_for_ = false;  ///< the one that is being written
  double retry_after_s_ = 0;    ///< 0: the last one was written
  Stopwatch since_failure_;
  std::optional<std::uint64_t> saved_step_;
};

}  // namespace sharpwave
