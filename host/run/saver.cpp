#include "host/run/saver.hpp"

#include <algorithm>
#include <utility>

namespace sharpwave {
namespace {

constexpr double kFirstRetry_s = 1;
constexpr double kLastRetry_s = 60;

}  // namespace

void Saver::tell(std::optional<CheckpointOutcome> outcome) {
  if (!outcome) return;
  outcome->asked = was_asked_for_;
  if (outcome->error.empty()) {
    retry_after_s_ = 0;
    saved_step_ = outcome->step;
  } else {
    retry_after_s_ = std::clamp(2 * retry_after_s_, kFirstRetry_s, kLastRetry_s);
    since_failure_ = Stopwatch();
    was_asked_ = was_asked_for_ || was_asked_;
  }
  sink_.checkpoint_ended(*outcome);
}

bool Saver::due(std::uint64_t step) {
  tell(writer_.poll());
  was_asked_ = asked_() || was_asked_;
  if (writer_.busy()) return false;
  if (retry_after_s_ > 0) return since_failure_.seconds() >= retry_after_s_;
  return was_asked_ || schedule_.due(step);
}

void Saver::start(InstanceState state, double wall_s) {
  Checkpoint checkpoint = about_;
  checkpoint.wall_s = wall_s;
  checkpoint.instances.push_back(std::move(state));
  writer_.start(std::move(checkpoint), [this] { recorder_.make_durable(); });
}

void Saver::save(InstanceState state, double wall_s) {
  was_asked_for_ = std::exchange(was_asked_, false);
  schedule_.saved(state.engine.step);
  start(std::move(state), wall_s);
}

void Saver::save_last(InstanceState state, double wall_s) {
  settle();
  was_asked_for_ = was_asked_;
  start(std::move(state), wall_s);
  settle();
}

}  // namespace sharpwave
