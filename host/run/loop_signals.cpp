#include "host/run/loop_signals.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/network/memory_spec.hpp"
#include "host/network/protocol_spec.hpp"

namespace sharpwave {
namespace {

/// Null: a run begins.
const SignalState* start_of(const LoopOptions& options) {
  return options.start == nullptr ? nullptr : &options.start->signals;
}

/// @param size  of a pattern; 0: there can be none.
void expect_whole_patterns(std::size_t n_values, std::size_t size) {
  if (size == 0 ? n_values != 0 : n_values % size != 0)
    throw Error(ExitCode::damaged_data, "the patterns to be replayed are of another number of neurons");
}

}  // namespace

LoopSignals::LoopSignals(Engine& engine, const ModelSpec& spec, const LoopOptions& options)
    : engine_(engine),
      spec_(spec),
      memory_(*spec.memory),
      options_(options),
      collector_(spec, engine, start_of(options), [this](Signal&& signal) { tell(std::move(signal)); }) {
  const SignalState* start = start_of(options);
  if (start == nullptr) return;
  if (!memory_.coupling && !start->answer_due.empty())
    throw Error(ExitCode::damaged_data, "it holds answers of a memory, and the memory is not coupled");
  dropped_ = start->dropped;
  replay_until_ = start->replay_until;
  to_replay_.assign(start->to_replay.begin(), start->to_replay.end());
  auto values = start->patterns.begin();
  for (std::size_t k = 0; k < start->answer_due.size(); ++k) {
    Answer answer{.novelty = start->answer_novelty[k]};
    const auto end = values + static_cast<std::ptrdiff_t>(start->answer_patterns[k]);
    expect_whole_patterns(start->answer_patterns[k], pattern_size());
    answer.patterns.assign(std::exchange(values, end), end);
    const bool may_replay = !answer.patterns.empty();
    pending_.push_back({start->answer_due[k], may_replay, std::move(answer)});
  }
  expect_whole_patterns(to_replay_.size(), pattern_size());
}

std::size_t LoopSignals::pattern_size() const {
  return spec_.replayed_into ? spec_.populations[*spec_.replayed_into].size : 0;
}

std::uint64_t LoopSignals::steps_left() const {
  const std::uint64_t step = engine_.step();
  std::uint64_t left = collector_.steps_left(step);
  // What is due now has acted.
  for (const Pending& pending : pending_)
    if (pending.due > step) {
      left = std::min(left, pending.due - step);
      break;
    }
  if (!to_replay_.empty() && replay_until_ > step) left = std::min(left, replay_until_ - step);
  return left;
}

void LoopSignals::take(const Block& block) {
  const ProfileRange range("signals");
  const Stopwatch watch;
  collector_.take(block);
  seconds_ += watch.seconds();
}

void LoopSignals::present(const Presented& presented) {
  const Stopwatch watch;
  std::uint32_t item = Signal::kNothing;
  std::uint32_t label = Signal::kNothing;
  if (presented.stimulus != Presented::kNothing) {
    item = presented.item;
    const std::vector<std::uint32_t>& labels = spec_.protocol->stimuli[presented.stimulus].labels;
    if (!labels.empty()) label = labels[item];
  }
  collector_.present(item, label);
  seconds_ += watch.seconds();
}

void LoopSignals::tell(Signal&& signal) {
  if (options_.memory == nullptr) return;
  if (memory_.coupling) {
    const bool may_replay =
        memory_.coupling->replay && memory_.populations[signal.stream].population == spec_.replayed_into;
    // From where it is told: a ripple is known to have ended only a bin later, maybe after a window that ends
    // there.
    pending_.push_back({engine_.step() + memory_.coupling->delay_steps, may_replay, std::nullopt});
  }
  options_.memory->put(std::move(signal));
}

// --- answers ----------------------------------------------------------------------------------------------

const Answer& LoopSignals::answer_of(Pending& pending) {
  if (!pending.answer) pending.answer = options_.memory->answer();
  if (!pending.may_replay) pending.answer->patterns.clear();
  return *pending.answer;
}

void LoopSignals::act(Watchdog& watchdog) {
  if (pending_.empty() && to_replay_.empty()) return;
  const ProfileRange range("signals");
  const Stopwatch watch;
  while (!pending_.empty() && pending_.front().due <= engine_.step()) {
    let_act(answer_of(pending_.front()), pending_.front().may_replay, watchdog);
    pending_.pop_front();
  }
  replay_next(watchdog);
  seconds_ += watch.seconds();
}

void LoopSignals::let_act(const Answer& answer, bool may_replay, Watchdog& watchdog) {
  const CouplingSpec& coupling = *memory_.coupling;
  if (coupling.novelty_region) {
    const double novelty = std::clamp(coupling.novelty_gain * answer.novelty, 0.0, 1.0);
    if (novelty > 0) watchdog.give_novelty(*coupling.novelty_region, novelty);
  }
  if (!may_replay) return;
  const std::size_t room =
      kMostReplays * pattern_size() - std::min(to_replay_.size(), kMostReplays * pattern_size());
  const auto n = static_cast<std::ptrdiff_t>(std::min(room, answer.patterns.size()));
  to_replay_.insert(to_replay_.end(), answer.patterns.begin(), answer.patterns.begin() + n);
}

void LoopSignals::replay_next(Watchdog& watchdog) {
  if (to_replay_.empty() || replay_until_ > engine_.step()) return;
  const ReplaySpec& spec = *memory_.coupling->replay;
  const auto end = to_replay_.begin() + static_cast<std::ptrdiff_t>(pattern_size());
  const float most = *std::max_element(to_replay_.begin(), end);
  Replay replay{
      .after = engine_.step(), .until = engine_.step() + spec.duration_steps, .live = 1 - spec.blend};
  for (auto value = to_replay_.begin(); value != end; ++value)
    replay.current_pA.push_back(
        *value > 0
            ? static_cast<float>(spec.current_pA * (static_cast<double>(*value) / static_cast<double>(most)))
            : 0);
  to_replay_.erase(to_replay_.begin(), end);
  replay_until_ = replay.until;
  watchdog.replay(std::move(replay));
}

// --- saving -----------------------------------------------------------------------------------------------

void LoopSignals::save() {
  if (options_.memory == nullptr) return;
  const Stopwatch watch;
  options_.memory->flush();
  if (memory_.coupling)
    options_.checkpoints->write_companion(
        engine_.step(), [&](const std::filesystem::path& folder) { options_.memory->snapshot(folder); });
  seconds_ += watch.seconds();
}

SignalState LoopSignals::state() {
  SignalState state = collector_.state();
  state.is_coupled = memory_.coupling.has_value();
  state.dropped = options_.memory == nullptr ? dropped_ : options_.memory->figures().dropped;
  for (Pending& pending : pending_) {
    const Answer& answer = answer_of(pending);
    state.answer_due.push_back(pending.due);
    state.answer_novelty.push_back(answer.novelty);
    state.answer_patterns.push_back(answer.patterns.size());
    state.patterns.insert(state.patterns.end(), answer.patterns.begin(), answer.patterns.end());
  }
  state.to_replay.assign(to_replay_.begin(), to_replay_.end());
  state.replay_until = replay_until_;
  return state;
}

}  // namespace sharpwave
