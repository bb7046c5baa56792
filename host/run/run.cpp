#include "host/run/run.hpp"

#include <optional>
#include <sstream>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/io/network_json.hpp"
#include "host/network/step_times.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/recorder.hpp"
#include "host/run/resources.hpp"
#include "host/run/run_lock.hpp"
#include "host/run/step_loop.hpp"
#include "host/run/stop_signal.hpp"
#include "host/run/summary.hpp"

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
         << gibibytes(plan.network.state_bytes) << " GiB for state, "
         << gibibytes(plan.network.transient_bytes) << " GiB while it is built), but only "
         << gibibytes(plan.host.available_bytes) << " GiB are available; nothing was allocated";
  } else {
    text << "the network needs " << gibibytes(plan.device_memory.needed_bytes) << " GiB on the GPU ("
         << gibibytes(plan.device->synapse_bytes) << " GiB for synapses, "
         << gibibytes(plan.device->transient_bytes) << " GiB while it is built, "
         << gibibytes(plan.device->state_bytes) << " GiB for state, " << gibibytes(plan.device->ring_bytes)
         << " GiB for input under way, " << gibibytes(plan.device->log_bytes)
         << " GiB for the log of spikes), but only " << gibibytes(plan.device_memory.available_bytes)
         << " GiB are free; nothing was allocated. `device: cpu` runs it on the processor";
  }
  throw Error(ExitCode::no_room, text.str());
}

/// What is known once the network is built.
RunSummary summary_at_start(const ModelSpec& spec, const RunOptions& options,
                            const ConstructionReport& construction) {
  RunSummary s = summary_of(spec);
  s.config_path = options.config_path;
  s.overrides = options.overrides;
  s.device = options.device.name;
  s.threads = options.threads;
  add_construction(s, construction);
  if (options.connection_statistics)
    s.phases.push_back({"connection statistics", construction.connections_s});
  return s;
}

void add_results(RunSummary& s, const LoopResult& loop) {
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
}

std::unique_ptr<Engine> make_engine(const ModelSpec& spec, const RunOptions& options,
                                    const std::function<bool()>& stopped) {
  const ProfileRange range("construction");
  const BuildOptions build{.stop = stopped, .connection_statistics = options.connection_statistics};
  if (options.device.on_gpu) return make_cuda_engine(spec, options.threads, build);
  return make_cpu_engine(spec, options.threads, build);
}

/// A full disk ends a run, but what it has recorded is not lost.
LoopResult simulate_saying_what_stays(Engine& engine, const ModelSpec& spec, Recorder& recorder,
                                      ProgressSink& sink, const std::function<bool()>& stopped) {
  try {
    return simulate(engine, spec, recorder, sink, stopped);
  } catch (const Error& error) {
    if (error.code() != ExitCode::no_room) throw;
    throw Error(ExitCode::no_room, std::string(error.what()) +
                                       "; what was recorded before stays, and once there is room "
                                       "`sharpwave report` makes the files of it");
  }
}

}  // namespace

RunPlan plan_run(const ModelSpec& spec, const DeviceChoice& device, int threads) {
  RunPlan plan;
  if (device.on_gpu) {
    plan.device = plan_device_network(spec, threads);
    plan.network = plan.device->host;
    plan.device_memory = {.needed_bytes = plan.device->bytes(), .available_bytes = device.free_bytes};
  } else {
    plan.network = plan_network(spec, threads);
  }
  plan.host = {.needed_bytes = plan.network.peak_bytes(), .available_bytes = available_memory_bytes()};
  return plan;
}

RunResult run(const ModelSpec& spec, const RunOptions& options, ProgressSink& sink) {
  const StopSignal stop;
  const RunPlan plan = plan_run(spec, options.device, options.threads);
  refuse_what_does_not_fit(plan);
  make_output_directory(options.directory);
  const RunLock lock(options.directory);
  if (!options.force) refuse_to_overwrite_a_run(options.directory);

  sink.construction_begins(plan.network);
  const auto stopped = [&stop] { return stop.received(); };
  const std::unique_ptr<Engine> engine = make_engine(spec, options, stopped);
  sink.construction_ended(engine->construction());

  if (options.force) remove_run(options.directory);  // not before: until here the old run may have to stay
  RunResult result{.summary = summary_at_start(spec, options, engine->construction()),
                   .files = {options.directory / "run.json"}};
  if (options.connection_statistics) {
    result.files.push_back(options.directory / "network.json");
    write_network_json(result.files.back(), engine->construction().connections);
  }
  Recorder recorder(spec, options.directory, result.summary);
  add_results(result.summary, simulate_saying_what_stays(*engine, spec, recorder, sink, stopped));

  sink.writing_begins();
  const std::vector<std::filesystem::path> recorded = recorder.finish();
  result.files.insert(result.files.end(), recorded.begin(), recorded.end());
  write_run_json(result.files.front(), result.summary);
  if (!result.summary.interrupted) recorder.remove_recording();  // else it is what a resume goes on with
  return result;
}

}  // namespace sharpwave
