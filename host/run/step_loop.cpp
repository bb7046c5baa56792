#include "host/run/step_loop.hpp"

#include <algorithm>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/protocol/protocol_run.hpp"
#include "host/run/block_length.hpp"
#include "host/run/loop_signals.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/spike_digest.hpp"

namespace sharpwave {
namespace {

std::uint64_t bytes_of(const Block& block) {
  std::uint64_t bytes = block.ids.size() * sizeof(block.ids[0]);
  for (const Block::ReportSamples& samples : block.reports) {
    bytes += samples.values.size() * sizeof(samples.values[0]);
  }
  return bytes;
}

class Loop {
 public:
  Loop(Engine& engine, const ModelSpec& spec, Recorder& recorder, ProgressSink& sink,
       const LoopOptions& options)
      : engine_(engine),
        spec_(spec),
        recorder_(recorder),
        sink_(sink),
        options_(options),
        populations_(spec),
        out_degrees_(engine.construction().out_degrees),
        watchdog_(engine, spec, options.start == nullptr ? WatchState() : options.start->watch,
                  options.injections, options.found),
        may_roll_back_(spec.watchdog.rolls_back()) {
    result_.spikes.resize(populations_.count());
    if (spec.memory != nullptr) signals_.emplace(engine, spec, options);
    if (options.start == nullptr) {
      if (spec.protocol != nullptr) protocol_.emplace(spec);
      return;
    }
    SHARPWAVE_ASSERT(engine.step() == options.start->engine.step);
    digest_ = SpikeDigest(options.start->spike_digest);
    result_.spikes = options.start->spikes;
    result_.synaptic_events = options.start->synaptic_events;
    if (spec.protocol == nullptr) return;
    protocol_.emplace(spec, options.start->protocol, engine.step());
    trials_before_ = protocol_->progress().done;
  }

  LoopResult run() {
    const SimulationSpec& simulation = spec_.simulation;
    if (may_roll_back_)
      result_.last_good = options_.last_good != nullptr ? std::move(*options_.last_good) : state();
    result_.warm_up_steps = advance(0, simulation.warm_up_steps, true);
    engine_.reset_phases();
    if (signals_) signals_->reset_time();
    digest_s_ = 0;
    checkpoints_s_ = 0;
    const double snapshots_before_s = watchdog_.snapshots_s();
    recorded_ = Stopwatch();
    recording_has_begun_ = true;
    result_.steps = advance(simulation.warm_up_steps, simulation.steps, false);
    result_.wall_s = wall_s();
    result_.session_s = result_.wall_s - options_.wall_s;
    const double snapshots_s = watchdog_.snapshots_s() - snapshots_before_s;
    const Stopwatch at_end;
    finish_saving();
    result_.session_s += at_end.seconds();
    result_.spike_digest = digest_.hex();
    result_.watch = watchdog_.state();
    if (signals_) result_.signals = signals_->state();
    result_.plasticity = engine_.read_plasticity();
    result_.modulators = engine_.read_modulators();
    if (protocol_) result_.protocol = protocol_->results();
    result_.phases = engine_.phases();
    result_.phases.push_back({"digest", digest_s_});
    result_.phases.push_back({"recording", recording_s_});
    if (signals_) result_.phases.push_back({"signals", signals_->seconds()});
    result_.phases.push_back({"snapshots", snapshots_s});
    result_.phases.push_back({"checkpoints", checkpoints_s_});
    return std::move(result_);
  }

 private:
  /// Of the recorded part until now, over all resumes.
  [[nodiscard]] double wall_s() const {
    return options_.wall_s + (recording_has_begun_ ? recorded_.seconds() : 0);
  }

  /// Simulates the part of `steps` steps after `first` that is not done yet. Returns how many of it are done,
  /// fewer than `steps` only if stopped.
  std::uint64_t advance(std::uint64_t first, std::uint64_t steps, bool warm_up) {
    if (engine_.step() < first || result_.ended_by) return 0;  // stopped before
    const std::uint64_t before = std::min(engine_.step() - first, steps);
    const Stopwatch watch;
    Progress progress{.warm_up = warm_up, .steps_done = before, .steps = steps, .steps_before = before};
    present();
    while (progress.steps_done < steps && !is_over()) {
      const bool is_to_stop = options_.stop();
      if (is_to_stop && watchdog_.has_seen_all()) {
        result_.interrupted = true;
        break;
      }
      const Stopwatch block_watch;
      if (signals_) signals_->act(watchdog_);
      ask_observer();
      const std::uint64_t n = is_to_stop ? 1 : next_length(steps - progress.steps_done);
      {
        const ProfileRange range("steps");
        result_.ended_by = watchdog_.advance(n, block_);
      }
      const std::vector<Block::ReportSamples> samples = samples_of_observer();
      digest();
      if (signals_) signals_->take(block_);
      const std::optional<Trial> trial = protocol_ ? protocol_->take(block_) : std::nullopt;
      present();
      if (!warm_up) record(trial);
      progress.steps_done += block_.n_steps;
      progress.spikes += block_.ids.size();
      progress.wall_s = watch.seconds();
      length_.finished(block_.n_steps, block_watch.seconds(), bytes_of(block_));
      if (protocol_) progress.trials = protocol_->progress(trials_before_);
      sink_.block_ended(progress, block_);
      if (options_.observer != nullptr) options_.observer->look(engine_, block_, samples);
      if (result_.ended_by) {
        options_.found(*result_.ended_by);
        break;
      }
      const bool may_be_last_good =
          may_roll_back_ && spec_.checkpoint.interval_steps > 0 && steps_since_interval() == 0;
      const bool is_last =
          engine_.step() == spec_.simulation.warm_up_steps + spec_.simulation.steps || is_over();
      const bool is_due = !is_last && is_save_due();
      if ((!may_be_last_good && !is_due) || !watchdog_.has_seen_all()) continue;
      if (may_be_last_good) {
        result_.last_good = {};  // before there is another
        result_.last_good = state();
      }
      if (is_due) save();
    }
    return progress.steps_done;
  }

  [[nodiscard]] bool is_over() const { return protocol_ && protocol_->is_over(); }

  void ask_observer() {
    if (options_.observer == nullptr) return;
    const RunObserver::Wishes wishes = options_.observer->wishes(!is_observed_);
    is_observed_ = true;
    for (const RunObserver::Reward& reward : wishes.rewards)
      watchdog_.give_reward(reward.region, reward.reward);
    if (!wishes.reports) return;
    std::vector<ReportSpec> all = spec_.reports;
    all.insert(all.end(), wishes.reports->begin(), wishes.reports->end());
    watchdog_.record(std::move(all));
  }

  /// Behind those of the spec, which alone are recorded.
  [[nodiscard]] std::vector<Block::ReportSamples> samples_of_observer() {
    const auto first = block_.reports.begin() + static_cast<std::ptrdiff_t>(spec_.reports.size());
    std::vector<Block::ReportSamples> samples(std::make_move_iterator(first),
                                              std::make_move_iterator(block_.reports.end()));
    block_.reports.erase(first, block_.reports.end());
    return samples;
  }

  /// What the protocol has for the steps to come.
  void present() {
    if (!protocol_) return;
    const std::optional<Presented> due = protocol_->due(engine_.step());
    if (!due) return;
    watchdog_.present(*due);
    if (signals_) signals_->present(*due);
  }

  [[nodiscard]] std::uint64_t next_length(std::uint64_t remaining) const {
    if (protocol_) remaining = std::min(remaining, protocol_->steps_left(engine_.step()));
    if (options_.saver != nullptr)
      remaining = std::min(remaining, options_.saver->steps_left(engine_.step()));
    for (const LearningRecordSpec& record : spec_.learning_records)
      remaining = std::min(remaining, steps_to_next(record.times));
    if (spec_.modulator_samples) remaining = std::min(remaining, steps_to_next(*spec_.modulator_samples));
    if (signals_) remaining = std::min(remaining, signals_->steps_left());
    if (may_roll_back_ && spec_.checkpoint.interval_steps > 0)
      remaining = std::min(remaining, spec_.checkpoint.interval_steps - steps_since_interval());
    return length_.next(remaining);
  }

  /// Behind the last sample this goes on as if there were further ones.
  [[nodiscard]] std::uint64_t steps_to_next(const SampleTimes& times) const {
    return times.first_step + (times.until(engine_.step()) + 1) * times.interval - engine_.step();
  }

  /// Since the last multiple of the checkpoints' interval.
  [[nodiscard]] std::uint64_t steps_since_interval() const {
    return engine_.step() % spec_.checkpoint.interval_steps;
  }

  [[nodiscard]] bool is_save_due() const {
    return options_.saver != nullptr && options_.saver->due(engine_.step());
  }

  void save() {
    const ProfileRange range("state");
    const Stopwatch watch;
    options_.saving();
    const double signals_before_s = signals_ ? signals_->seconds() : 0;
    if (signals_) signals_->save();
    options_.saver->save(state(), wall_s());
    checkpoints_s_ += watch.seconds() - (signals_ ? signals_->seconds() - signals_before_s : 0);
  }

  void finish_saving() {
    watchdog_.let_go();
    if (options_.saver == nullptr) return;
    if (result_.ended_by) {
      result_.end = state();
      options_.saver->settle();  // the checkpoints of before are good, this state is not
    } else if (options_.saver->wants_last(result_.interrupted)) {
      options_.saver->settle();  // it also removes what goes with older ones
      options_.saving();
      if (signals_) signals_->save();
      options_.saver->save_last(state(), result_.wall_s);
    } else {
      options_.saver->settle();
    }
  }

  [[nodiscard]] InstanceState state() {
    return {.engine = engine_.save(),
            .spike_digest = digest_.chain(),
            .spikes = result_.spikes,
            .synaptic_events = result_.synaptic_events,
            .recording_bytes = recorder_.length(),
            .watch = watchdog_.state(),
            .protocol = protocol_ ? protocol_->state() : ProtocolState(),
            .signals = signals_ ? signals_->state() : SignalState()};
  }

  void digest() {
    const ProfileRange range("digest");
    const Stopwatch watch;
    digest_.add_block(block_);
    digest_s_ += watch.seconds();
  }

  void record(const std::optional<Trial>& trial) {
    const ProfileRange range("recording");
    const Stopwatch watch;
    const std::span<const std::uint32_t> ids(block_.ids);
    for (std::uint64_t i = 0; i < block_.n_steps; ++i) {
      populations_.split(ids.subspan(block_.offsets[i], block_.offsets[i + 1] - block_.offsets[i]),
                         [&](std::size_t rank, std::span<const std::uint32_t> of_population) {
                           result_.spikes[rank] += of_population.size();
                         });
    }
    for (const std::uint32_t id : ids) result_.synaptic_events += out_degrees_[id];
    recorder_.record(block_, learning(), modulators(), trial);
    recording_s_ += watch.seconds();
  }

  /// What is due after the block.
  [[nodiscard]] std::vector<LearningSample> learning() const {
    std::vector<LearningSample> samples;
    std::vector<PlasticityReading> readings;
    for (const LearningRecordSpec& record : spec_.learning_records) {
      LearningSample& sample = samples.emplace_back();
      if (!record.times.includes(engine_.step())) continue;
      if (record.every > 0) {
        sample.weights = engine_.read_weights(record.projection, record.every);
        continue;
      }
      if (readings.empty()) readings = engine_.read_plasticity();
      const auto reading = std::ranges::find(readings, record.projection, &PlasticityReading::projection);
      sample.metrics = reading != readings.end() ? *reading : PlasticityReading{};
    }
    return samples;
  }

  [[nodiscard]] std::vector<ModulatorLevels> modulators() const {
    if (!spec_.modulator_samples || !spec_.modulator_samples->includes(engine_.step())) return {};
    return engine_.read_modulators();
  }

  Engine& engine_;
  const ModelSpec& spec_;
  Recorder& recorder_;
  ProgressSink& sink_;
  const LoopOptions& options_;
  PopulationIds populations_;
  const std::vector<std::uint32_t>& out_degrees_;  // [id]
  Watchdog watchdog_;
  std::optional<ProtocolRun> protocol_;
  std::optional<LoopSignals> signals_;
  std::uint64_t trials_before_ = 0;  // where it goes on
  bool may_roll_back_;
  BlockLength length_;
  SpikeDigest digest_;
  Block block_;
  LoopResult result_;
  double digest_s_ = 0;
  double recording_s_ = 0;
  double checkpoints_s_ = 0;
  Stopwatch recorded_;
  bool recording_has_begun_ = false;
  bool is_observed_ = false;
};

}  // namespace

LoopResult simulate(Engine& engine, const ModelSpec& spec, Recorder& recorder, ProgressSink& sink,
                    const LoopOptions& options) {
  return Loop(engine, spec, recorder, sink, options).run();
}

}  // namespace sharpwave
