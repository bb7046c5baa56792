#include "host/run/run.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/log.hpp"
#include "host/base/profile_range.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/io/network_json.hpp"
#include "host/network/memory_spec.hpp"
#include "host/network/step_times.hpp"
#include "host/protocol/protocol_run.hpp"
#include "host/run/adopt_state.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/plugin_of_run.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/recorder.hpp"
#include "host/run/recording_reader.hpp"
#include "host/run/resources.hpp"
#include "host/run/run_lock.hpp"
#include "host/run/step_loop.hpp"
#include "host/run/summary.hpp"
#include "host/run/version.hpp"
#include "host/signals/memory_link.hpp"
#include "host/signals/plugin.hpp"
#include "host/watchdog/gain.hpp"
#include "host/watchdog/rate_watch.hpp"
#include "host/watchdog/watchdog_json.hpp"

namespace sharpwave {
namespace {

double gibibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0);
}

void refuse_what_does_not_fit(const RunPlan& plan) {
  if (plan.fits()) return;
  std::ostringstream text;
  text.precision(3);
  if (!plan.host.fits()) {
    text << "the network needs " << gibibytes(plan.host.needed_bytes) << " GiB of memory ("
         << gibibytes(plan.network.synapse_bytes) << " GiB for synapses, "
         << gibibytes(plan.network.state_bytes + plan.network.saved_bytes) << " GiB for state, "
         << gibibytes(plan.network.transient_bytes) << " GiB while it is built), but only "
         << gibibytes(plan.host.available_bytes) << " GiB are available; nothing was allocated";
  } else {
    text << "the network needs " << gibibytes(plan.device_memory.needed_bytes) << " GiB on the GPU ("
         << gibibytes(plan.device->synapse_bytes) << " GiB for synapses, "
         << gibibytes(plan.device->transient_bytes) << " GiB while it is built, "
         << gibibytes(plan.device->state_bytes) << " GiB for state, " << gibibytes(plan.device->ring_bytes)
         << " GiB for input under way, " << gibibytes(plan.device->log_bytes + plan.device->single_log_bytes)
         << " GiB for the log of spikes), but only " << gibibytes(plan.device_memory.available_bytes)
         << " GiB are free; nothing was allocated. `device: cpu` runs it on the processor";
  }
  throw Error(ExitCode::no_room, text.str());
}

void restore_adopted(Engine& engine, const EngineState& state) {
  try {
    engine.restore(state);
  } catch (const Error& error) {
    if (error.code() != ExitCode::damaged_data) throw;
    throw Error(ExitCode::invalid_config, std::string("--from: ") + error.what());
  }
}

/// neuron_mismatches() with the config that the checkpoint is of.
std::vector<std::string> neuron_mismatches_with(const Checkpoint& checkpoint, const ModelSpec& spec) {
  try {
    std::vector<Override> overrides = parse_overrides(checkpoint.overrides);
    overrides.push_back({"batch", "null"});  // an instance of one is a run like any other
    const std::filesystem::path path = checkpoint.config_path;
    const ConfigText config(checkpoint.config, path.string(), std::move(overrides), path.parent_path());
    return neuron_mismatches(config.load(), spec);
  } catch (const Error& error) {
    const std::string why = error.what();
    return {"the checkpoint's config cannot be read, so that models and parameters are not compared: " +
            why.substr(0, why.find('\n'))};
  }
}

/// What is known once the network is built.
RunSummary summary_at_start(const ModelSpec& spec, const RunOptions& options,
                            const ConstructionReport& construction) {
  RunSummary s = summary_of(spec);
  s.run_id = options.run_id;
  s.config_path = options.config_path;
  s.overrides = options.overrides;
  s.from = options.from_name;
  s.device = options.device.name;
  s.threads = options.threads;
  add_construction(s, construction);
  if (options.connection_statistics)
    s.phases.push_back({"connection statistics", construction.connections_s});
  return s;
}

/// Of each list of weights.
std::vector<PlasticSynapses> synapses_to_record(const ModelSpec& spec, const Engine& engine) {
  std::vector<PlasticSynapses> synapses;
  for (const LearningRecordSpec& record : spec.learning_records)
    if (record.every > 0) synapses.push_back(engine.plastic_synapses(record.projection, record.every));
  return synapses;
}

void add_results(RunSummary& s, const ModelSpec& spec, const LoopResult& loop) {
  s.simulated_ms = time_of_step_ms(loop.steps, s.dt_ms);
  s.warm_up_ms = time_of_step_ms(loop.warm_up_steps, s.dt_ms);
  s.wall_s = loop.wall_s;
  s.real_time_factor = loop.steps > 0 ? loop.wall_s * 1000.0 / s.simulated_ms : 0.0;
  s.peak_memory_bytes = peak_memory_bytes();
  count_spikes(s, loop.steps, loop.spikes);
  s.synaptic_events = loop.synaptic_events;
  s.spike_digest = loop.spike_digest;
  s.interrupted = loop.interrupted;
  s.phases.insert(s.phases.end(), loop.phases.begin(), loop.phases.end());
  for (const PlasticityReading& reading : loop.plasticity)
    s.plasticity.push_back(metrics_of(learning_header(spec, reading.projection), reading));
  for (std::size_t region = 0; region < loop.modulators.size(); ++region)
    for (std::size_t m = 0; m < kModulators; ++m)
      if (spec.regions[region].modulators[m])
        s.neuromodulators.push_back({.region = spec.regions[region].name,
                                     .modulator = name_of(static_cast<Modulator>(m)),
                                     .level = level_of(loop.modulators[region], static_cast<Modulator>(m))});
  s.protocol = loop.protocol;
}

/// Of a rule that has no bound of its own: w_max is there for the sums of integers.
void warn_of_bounded_weights(const ModelSpec& spec, const LoopResult& loop) {
  for (const PlasticityReading& reading : loop.plasticity) {
    const ProjectionSpec& projection = spec.projections[reading.projection];
    if (!projection.plasticity->power_law || reading.at_max == 0) continue;
    logger_named("run")->warn("{}: {} of its weights are at w_max, {:.6g}: it bounds what the rule would not",
                              projection.name, reading.at_max, projection.plasticity->w_max);
  }
}

bool is_stopped(const RunOptions& options, const RunControl& control) {
  return control.stop() || (options.stop && options.stop());
}

std::unique_ptr<Engine> make_engine(const ModelSpec& spec, const RunOptions& options,
                                    const std::function<bool()>& stop) {
  const ProfileRange range("construction");
  if (options.network != nullptr) return sharpwave::make_engine(spec, *options.network);
  const BuildOptions build{.stop = stop, .connection_statistics = options.connection_statistics};
  if (options.device.on_gpu)
    return make_device_engine(spec, options.threads, options.device.make_executor, build);
  return make_cpu_engine(spec, options.threads, build);
}

/// The network with the gains that the watchdog has come to: one that is shared has those of the config.
std::unique_ptr<Engine> make_engine_with(const WatchState& watch, const ModelSpec& spec,
                                         const RunOptions& options, const std::function<bool()>& stop) {
  if (watch.weight_gain == 1 && watch.input_gain == 1) return make_engine(spec, options, stop);
  if (options.network == nullptr)
    return make_engine(with_gain(spec, watch.weight_gain, watch.input_gain), options, stop);
  RunOptions alone = options;
  alone.network = nullptr;
  static std::mutex building;  // several at once could take more memory than there is
  const std::lock_guard lock(building);
  refuse_what_does_not_fit(plan_run(spec, alone.device, alone.threads));
  return make_engine(with_gain(spec, watch.weight_gain, watch.input_gain), alone, stop);
}

/// What all checkpoints of the run have in common.
Checkpoint checkpoint_of(const ModelSpec& spec, const RunOptions& options,
                         const ConstructionReport& construction) {
  std::vector<CheckpointPopulation> populations;
  for (const PopulationSpec& population : spec.populations)
    if (!population.is_virtual()) populations.push_back({population.name, population.size});
  return {.program_version = version(),
          .config_path = std::filesystem::absolute(options.config_path).string(),
          .config = spec.config_text,
          .overrides = options.overrides,
          .config_digest = spec.config_digest,
          .connectivity_digest = construction.connectivity_digest,
          .precision = spec.simulation.precision,
          .dt_ms = spec.simulation.dt_ms,
          .warm_up_steps = spec.simulation.warm_up_steps,
          .steps = spec.simulation.steps,
          .populations = std::move(populations),
          .grids = construction.grids};
}

/// A full disk ends a run, but what it has recorded is not lost.
template <class Work>
auto saying_what_stays(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() != ExitCode::no_room) throw;
    throw Error(ExitCode::no_room, std::string(error.what()) +
                                       "; what was recorded before stays: once there is room, `sharpwave "
                                       "resume` goes on from the newest checkpoint, and `sharpwave report` "
                                       "makes the files of what is there");
  }
}

/// A run before its first step.
InstanceState beginning(const ModelSpec& spec, EngineState engine, std::uint64_t recording_bytes) {
  InstanceState state{.engine = std::move(engine)};
  state.spikes.resize(PopulationIds(spec).count());
  state.watch.rates = RateWatch(spec).state();
  state.recording_bytes = recording_bytes;
  if (spec.protocol != nullptr) state.protocol = ProtocolRun(spec).state();
  return state;
}

/// Of a state that an engine goes on from: as long as that runs, it would be there once more.
void let_engine_go(InstanceState& state) {
  state.engine = {.step = state.engine.step};
}

/// Faults on purpose that a checkpoint has.
std::vector<Injection> injections_of(const Checkpoint& checkpoint, const ModelSpec& spec,
                                     const std::filesystem::path& file) {
  std::vector<Injection> injections;
  for (std::size_t i = 0; i < checkpoint.injections.size(); ++i) {
    try {
      injections.push_back(parse_injection(checkpoint.injections[i]));
      check_injection(injections.back(), spec);
    } catch (const Error&) {
      throw Error(ExitCode::damaged_data, file.string() + ": /injections/" + std::to_string(i) + " is " +
                                              in_quotes(checkpoint.injections[i]) +
                                              ", which this network cannot have");
    }
  }
  return injections;
}

/// What is asked of a run from outside, from now on.
class Requests {
 public:
  explicit Requests(const RunControl& control) : control_(control), saves_known_(control.saves_asked()) {}
  [[nodiscard]] const RunControl& control() const { return control_; }
  /// True once for each time, or for several that came together.
  [[nodiscard]] bool save_is_asked() {
    const std::uint64_t asked = control_.saves_asked();
    return std::exchange(saves_known_, asked) != asked;
  }

 private:
  const RunControl& control_;
  std::uint64_t saves_known_;
};

/// One run, from where it begins or goes on to its files; over several networks, where the watchdog makes
/// weights smaller on the way.
class Course {
 public:
  /// @param engine  of `spec` with the gains of `start`, at its step.
  /// @param injections  those up to that step have happened.
  /// @param last_good  where a rollback goes back to at first, where that is not `start`.
  Course(const ModelSpec& spec, const RunOptions& options, Requests requests, ProgressSink& sink,
         std::unique_ptr<Engine> engine, RunSummary summary, std::vector<Injection> injections,
         std::unique_ptr<SignalTaker> taker, const Checkpoint* start,
         std::optional<InstanceState> last_good = {})
      : spec_(spec),
        options_(options),
        requests_(requests),
        sink_(sink),
        engine_(std::move(engine)),
        wall_s_(start == nullptr ? 0 : start->wall_s),
        watchdog_file_(options.directory, spec.simulation.dt_ms,
                       start == nullptr ? nullptr : &start->instances.front().watch.n_found,
                       texts_of(injections)),
        injections_(std::move(injections)),
        last_good_(std::move(last_good)),
        taker_(std::move(taker)),
        is_resumed_(start != nullptr) {
    result_.summary = std::move(summary);
    result_.files = {options.directory / "run.json"};
    if (start != nullptr) {
      begin_ = start->instances.front();
      let_engine_go(begin_);
      recorder_.emplace(spec, options.directory, result_.summary, begin_.recording_bytes);
    } else {
      recorder_.emplace(spec, options.directory, result_.summary, synapses_to_record(spec, *engine_));
      begin_ = beginning(spec, {.step = engine_->step()}, recorder_->length());
    }
  }

  RunResult run() {
    sink_.directory_taken();
    if (options_.connection_statistics) {
      result_.files.push_back(options_.directory / "network.json");
      write_network_json(result_.files.back(), engine_->construction().connections);
    }
    saying_what_stays([&] {
      open_memory(begin_);
      LoopResult loop = stretch(begin_);
      while (loop.ended_by && loop.ended_by->action != WatchdogAction::halt) {
        const std::optional<InstanceState> next = repaired(loop);
        if (!next) break;
        loop = stretch(*next);
      }
      add_results(result_.summary, spec_, loop);
      warn_of_bounded_weights(spec_, loop);
      finish(loop);
    });
    if (!result_.summary.interrupted) recorder_->remove_recording();  // else it is what a resume goes on with
    return std::move(result_);
  }

 private:
  static std::vector<std::string> texts_of(const std::vector<Injection>& injections) {
    std::vector<std::string> texts;
    for (const Injection& injection : injections) texts.push_back(injection.text);
    return texts;
  }

  /// With one network, to the end or to what the watchdog does not let pass.
  LoopResult stretch(const InstanceState& start) {
    const auto keep = static_cast<std::size_t>(spec_.checkpoint.keep);
    Checkpoint about = checkpoint_of(spec_, options_, engine_->construction());
    about.injections = texts_of(injections_);
    const CheckpointStore checkpoints(options_.directory, keep);
    Saver saver(
        spec_.checkpoint, checkpoints, std::move(about), *recorder_, sink_,
        [&] { return requests_.save_is_asked(); }, engine_->step());
    LoopOptions options{.stop = [&] { return is_stopped(options_, requests_.control()); },
                        .saver = &saver,
                        .start = &start,
                        .last_good = last_good_ ? &*last_good_ : nullptr,
                        .injections = injections_,
                        .found =
                            [&](const Finding& finding) {
                              watchdog_file_.add(finding);
                              sink_.watchdog_found(finding);
                            },
                        .saving = [&] { watchdog_file_.flush(); },
                        .memory = memory_.get(),
                        .checkpoints = &checkpoints,
                        .wall_s = wall_s_,
                        .observer = options_.observer};
    engine_->profile(options_.profile);
    LoopResult loop = simulate(*engine_, spec_, *recorder_, sink_, options);
    wall_s_ = loop.wall_s;
    result_.is_saved = saver.saved_step() == engine_->step();
    result_.summary.repairs = loop.watch.repairs;
    result_.summary.weight_gain = loop.watch.weight_gain;
    result_.summary.input_gain = loop.watch.input_gain;
    return loop;
  }

  /// Where the run goes on, with another network: engine and recorder are made to be there. Nowhere where
  /// that network cannot be.
  std::optional<InstanceState> repaired(LoopResult& loop) {
    const bool goes_back = loop.ended_by->action == WatchdogAction::rollback;
    const WatchState found = loop.end.watch;
    const std::uint64_t branch = loop.end.signals.branch;
    InstanceState next = goes_back ? loop.last_good : std::move(loop.end);
    let_engine_go(loop.end);
    const double gain_of_state = next.watch.weight_gain;
    last_good_ = std::move(loop.last_good);
    next.watch.rates.begin_anew();
    next.watch.frozen = {};
    next.watch.repairs = found.repairs;
    next.watch.n_found = found.n_found;
    next.watch.weight_gain = found.weight_gain * spec_.watchdog.weight_gain;
    next.watch.input_gain = found.input_gain * spec_.watchdog.input_gain;
    engine_.reset();  // before there is another
    try {
      // Not stopped by a signal: what was simulated can only be saved once there is a network again.
      engine_ = make_engine_with(next.watch, spec_, options_, [] { return false; });
    } catch (const Error& error) {
      if (error.code() != ExitCode::invalid_config) throw;
      loop.ended_by->repair_fault =
          std::string("The ") + name_of(loop.ended_by->action) + " cannot be done: " + error.what();
      loop.ended_by->action = WatchdogAction::halt;
      sink_.watchdog_found(*loop.ended_by);
      --result_.summary.repairs;
      return {};
    }
    multiply_weights(next.engine, with_gain(spec_, next.watch.weight_gain, 1),
                     next.watch.weight_gain / gain_of_state);
    engine_->restore(next.engine);
    let_engine_go(next);
    // A resume would go on from one of them, with the network that was not good.
    if (goes_back) CheckpointStore(options_.directory).remove_after(next.engine.step);
    // A fault that was put in is not put in again.
    std::erase_if(injections_, [&](const Injection& i) { return i.step <= loop.ended_by->seen_step; });
    recorder_.reset();
    recorder_.emplace(spec_, options_.directory, result_.summary, next.recording_bytes);
    if (goes_back && memory_ != nullptr) {
      memory_->flush();
      next.signals.branch = branch + 1;
      open_memory(next);
    }
    return next;
  }

  /// Opens the plugin, where there is one, for what follows `start`.
  void open_memory(const InstanceState& start) {
    if (spec_.memory == nullptr) return;
    memory_.reset();  // before it is opened again
    std::unique_ptr<SignalTaker> taker = std::move(taker_);
    if (taker == nullptr) taker = make_taker(spec_, options_);
    taker->open(plugin_run(spec_, options_, is_resumed_ || start.signals.branch > 0 ? &start : nullptr));
    memory_ = std::make_unique<MemoryLink>(std::move(taker), *spec_.memory, start.signals.dropped);
  }

  void add_memory(const LoopResult& loop) {
    if (memory_ == nullptr) return;
    const Stopwatch watch;
    memory_->flush();
    const double at_end_s = watch.seconds();
    const MemoryLink::Figures figures = memory_->figures();
    RunSummary::Memory memory{.plugin = spec_.memory->plugin,
                              .dropped = loop.signals.dropped,
                              .signal_digest = to_hex(loop.signals.digest),
                              .queue_capacity = spec_.memory->queue_capacity,
                              .longest_queue = figures.longest_queue,
                              .wait_s = figures.wait_s,
                              .worker_s = figures.worker_s,
                              .status = memory_->status()};
    for (const StreamState& stream : loop.signals.streams) {
      memory.signals += stream.told[kSignals];
      memory.silent += stream.told[kSilent];
      memory.settling += stream.told[kSettling];
    }
    const auto phase = std::ranges::find(loop.phases, "signals", &PhaseTime::name);
    memory.loop_s = at_end_s + (phase == loop.phases.end() ? 0 : phase->seconds);
    memory.share = loop.session_s > 0 ? memory.loop_s / (loop.session_s + at_end_s) : 0;
    result_.summary.memory = std::move(memory);
    memory_.reset();
  }

  void finish(const LoopResult& loop) {
    engine_.reset();  // instances beside it need not wait until all is written
    if (loop.ended_by) {
      result_.summary.halted = name_of(loop.ended_by->sign);
      result_.halted_by = loop.ended_by;
    }
    sink_.writing_begins();
    add_memory(loop);
    const std::vector<std::filesystem::path> recorded = recorder_->finish();
    result_.files.insert(result_.files.end(), recorded.begin(), recorded.end());
    watchdog_file_.finish();
    if (!watchdog_file_.is_empty()) result_.files.push_back(options_.directory / WatchdogFile::kName);
    write_run_json(result_.files.front(), result_.summary);
  }

  const ModelSpec& spec_;
  const RunOptions& options_;
  Requests requests_;
  ProgressSink& sink_;
  std::unique_ptr<Engine> engine_;
  double wall_s_;
  WatchdogFile watchdog_file_;
  std::vector<Injection> injections_;  ///< that may still come
  std::optional<InstanceState> last_good_;
  std::unique_ptr<SignalTaker> taker_;  ///< until it is opened
  bool is_resumed_;
  std::optional<Recorder> recorder_;
  std::unique_ptr<MemoryLink> memory_;
  InstanceState begin_;
  RunResult result_;
};

/// Of a network that is there already nothing has to be planned.
NetworkPlan fitting_plan(const ModelSpec& spec, const RunOptions& options) {
  if (options.network != nullptr) return {};
  const RunPlan plan = plan_run(spec, options.device, options.threads);
  refuse_what_does_not_fit(plan);
  return plan.network;
}

/// Throws where the recording is not whole up to where the checkpoint was taken, or the memory's snapshot is
/// not there: an older one may do.
void check_what_goes_with(const Checkpoint& checkpoint, const std::filesystem::path& directory) {
  for (const InstanceState& instance : checkpoint.instances) {
    const std::filesystem::path snapshot = CheckpointStore(directory).companion_of(instance.engine.step);
    if (instance.signals.is_coupled && !std::filesystem::is_directory(snapshot))
      throw Error(ExitCode::no_checkpoint,
                  snapshot.string() + " is not there: the memory of a coupled run goes on from it");
    RecordingReader reader(directory / recording::kFileName, instance.recording_bytes);
    RecordedBlock block;
    while (reader.next(block)) continue;
    if (reader.end().usable_bytes == instance.recording_bytes) continue;
    const std::string& problem = reader.end().problem;
    throw Error(ExitCode::damaged_data, "its recording is not whole: " +
                                            (problem.empty() ? "it ends before the checkpoint" : problem));
  }
}

const std::filesystem::path& existing(const std::filesystem::path& directory) {
  if (std::filesystem::is_directory(directory)) return directory;
  throw Error(ExitCode::io, directory.string() + ": there is no such directory");
}

/// Throws where the network is not the one that the checkpoint is of.
void require_same_network(const Checkpoint& checkpoint, const ModelSpec& spec,
                          const ConstructionReport& construction, const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ExitCode::invalid_config,
                file.string() + " is of another network than the config and its files now give: " + what);
  };
  if (construction.connectivity_digest != checkpoint.connectivity_digest)
    refuse("the connectivity has the digest " + construction.connectivity_digest + ", there " +
           checkpoint.connectivity_digest);
  if (construction.grids != checkpoint.grids) refuse("the grids of synaptic input differ");
  if (checkpoint.instances.size() != 1) refuse("it has several instances");
  if (checkpoint.populations.size() != PopulationIds(spec).count()) refuse("it has other populations");
}

/// Where a run that was stopped would have gone back to: the last multiple of the checkpoints' interval,
/// which one of them is of, or the beginning. Nothing where it never does, and where that checkpoint is not
/// there.
/// @param engine  at its beginning, without gains.
std::optional<InstanceState> last_good_of(const StoppedRun& stopped, const ModelSpec& spec,
                                          const std::filesystem::path& directory, const Engine& engine) {
  if (!spec.watchdog.rolls_back()) return {};
  const InstanceState& here = stopped.checkpoint().instances.front();
  const std::uint64_t interval = spec.checkpoint.interval_steps;
  const std::uint64_t step = interval == 0 ? 0 : here.engine.step - here.engine.step % interval;
  if (step == 0 && !stopped.from_name().empty()) {
    logger_named("watchdog")
        ->warn("the state that the run began with is not kept: a rollback would go back to {} instead",
               stopped.file().string());
    return {};
  }
  if (step == 0) {
    const RecordingReader recording(directory / recording::kFileName);
    return beginning(spec, engine.save(), recording.end().usable_bytes);
  }
  if (step == here.engine.step) return {};
  try {
    Checkpoint found = read_checkpoint(CheckpointStore(directory).path_of(step));
    if (found.config_digest == spec.config_digest && found.instances.size() == 1)
      return std::move(found.instances.front());
  } catch (const Error& error) {
    logger_named("watchdog")
        ->warn("{}: a rollback would go back to {} instead", error.what(), stopped.file().string());
  }
  return {};
}

}  // namespace

RunPlan plan_run(const ModelSpec& spec, const DeviceChoice& device, int threads) {
  RunPlan plan;
  if (device.on_gpu) {
    plan.device = plan_device_network(spec, threads, device.make_executor.owners);
    plan.network = plan.device->host;
    plan.device_memory = {.needed_bytes = plan.device->bytes(), .available_bytes = device.free_bytes};
  } else {
    plan.network = plan_network(spec, threads);
  }
  plan.host = {.needed_bytes = plan.network.peak_bytes(), .available_bytes = available_memory_bytes()};
  return plan;
}

void check_memory(const ModelSpec& spec, const RunOptions& options) {
  check_taker(make_taker(spec, options).get(), spec, options, nullptr);
}

RunResult run(const ModelSpec& spec, const RunOptions& options, const RunControl& control,
              ProgressSink& sink) {
  const Requests requests(control);
  std::unique_ptr<SignalTaker> taker = make_taker(spec, options);
  const NetworkPlan plan = fitting_plan(spec, options);
  make_output_directory(options.directory);
  const RunLock lock(options.directory);
  if (!options.force) refuse_to_overwrite_a_run(options.directory);
  check_taker(taker.get(), spec, options, nullptr);

  sink.construction_begins(plan);
  std::unique_ptr<Engine> engine = make_engine(spec, options, [&] { return is_stopped(options, control); });
  sink.construction_ended(engine->construction());

  std::vector<std::string> mismatches;
  if (options.from) {
    const bool same = options.from->connectivity_digest == engine->construction().connectivity_digest;
    AdoptedState adopted = adopt_state(*options.from, spec, engine->save(), same);
    if (!same)
      adopted.mismatches.emplace_back("the connectivity differs: spikes under way take that of this network");
    for (std::string& mismatch : neuron_mismatches_with(*options.from, spec))
      adopted.mismatches.push_back(std::move(mismatch));
    restore_adopted(*engine, adopted.state);
    sink.state_adopted(adopted.mismatches);
    mismatches = std::move(adopted.mismatches);
  }
  if (options.force) remove_run(options.directory);  // not before: until here the old run may have to stay
  RunSummary summary = summary_at_start(spec, options, engine->construction());
  summary.from_mismatches = std::move(mismatches);
  return Course(spec, options, requests, sink, std::move(engine), std::move(summary), options.injections,
                std::move(taker), nullptr)
      .run();
}

StoppedRun::StoppedRun(const std::filesystem::path& directory, const CheckpointStore::Report& report)
    : lock_(existing(directory)) {
  if (!std::filesystem::exists(directory / recording::kFileName))
    throw Error(ExitCode::no_checkpoint,
                directory.string() + ": there is no run that was stopped, for there is no " +
                    recording::kFileName + "; `sharpwave run --from` begins another run with a checkpoint");
  const CheckpointStore store(directory);
  store.clean_strays();
  found_ = store.newest_valid(
      report, [&](const Checkpoint& checkpoint) { check_what_goes_with(checkpoint, directory); });
  const RecordingReader recording(directory / recording::kFileName);
  from_name_ = recording.header().run.from;
  from_mismatches_ = recording.header().run.from_mismatches;
  run_id_ = recording.header().run.run_id;
}

RunResult resume(const StoppedRun& stopped, const ModelSpec& spec, const RunOptions& options,
                 const RunControl& control, ProgressSink& sink) {
  const Requests requests(control);
  const Checkpoint& checkpoint = stopped.checkpoint();
  if (spec.config_digest != checkpoint.config_digest)
    throw Error(
        ExitCode::invalid_config,
        stopped.file().string() + " is of another config: its digest is " + checkpoint.config_digest +
            ", that of the config, its files and --set is now " + spec.config_digest +
            "; only `device` and `checkpoint` may change (not `checkpoint.interval`, where the watchdog "
            "rolls back)");
  std::vector<Injection> injections = injections_of(checkpoint, spec, stopped.file());
  std::unique_ptr<SignalTaker> taker = make_taker(spec, options);
  check_taker(taker.get(), spec, options, &checkpoint.instances.front());
  const NetworkPlan plan = fitting_plan(spec, options);
  sink.construction_begins(plan);
  const WatchState& watch = checkpoint.instances.front().watch;
  const auto make = [&](const WatchState& gains) {
    return make_engine_with(gains, spec, options, [&] { return is_stopped(options, control); });
  };
  // Weights at the beginning are without the gains that a rollback gives them.
  const bool has_gains = watch.weight_gain != 1 || watch.input_gain != 1;
  const bool begins_anew = has_gains && spec.watchdog.rolls_back();
  std::unique_ptr<Engine> engine = make(begins_anew ? WatchState() : watch);
  std::optional<InstanceState> last_good = last_good_of(stopped, spec, options.directory, *engine);
  if (begins_anew) {
    engine.reset();  // before there is another
    engine = make(watch);
  }
  sink.construction_ended(engine->construction());
  require_same_network(checkpoint, spec, engine->construction(), stopped.file());
  engine->restore(checkpoint.instances.front().engine);
  RunSummary summary = summary_at_start(spec, options, engine->construction());
  summary.from_mismatches = stopped.from_mismatches();
  Course course(spec, options, requests, sink, std::move(engine), std::move(summary), std::move(injections),
                std::move(taker), &checkpoint, std::move(last_good));
  remove_results(options.directory);  // of what was simulated until now: not what the run comes to
  return course.run();
}

}  // namespace sharpwave
