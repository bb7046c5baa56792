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
#include "host/run/step_loop.hpp"
#include "host/run/stop_signal.hpp"
#include "host/run/version.hpp"

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

std::optional<double> threshold_mV(const PopulationSpec& population) {
  const NeuronSpec* neurons = population.neurons();
  if (neurons == nullptr) return {};
  const auto* given = std::get_if<Distribution>(&(*neurons)[NeuronParameter::V_th]);
  if (given == nullptr || given->kind != Distribution::Kind::constant) return {};
  return given->a;
}

/// @param recorded  [rank] neurons whose spikes are recorded.
std::vector<RunSummary::Population> count_populations(const ModelSpec& spec, const LoopResult& loop,
                                                      const std::vector<std::uint64_t>& recorded) {
  std::vector<RunSummary::Population> populations;
  const double simulated_s = static_cast<double>(loop.steps) * spec.simulation.dt_ms / 1000.0;
  std::size_t rank = 0;
  for (const PopulationSpec& population : spec.populations) {
    if (population.is_virtual()) continue;
    const std::uint64_t spikes = loop.spikes[rank];
    const double neuron_s = population.size * simulated_s;
    populations.push_back({.name = population.name,
                           .size = population.size,
                           .spikes = spikes,
                           .rate_Hz = neuron_s > 0 ? static_cast<double>(spikes) / neuron_s : 0.0,
                           .recorded = recorded[rank],
                           .threshold_mV = threshold_mV(population)});
    ++rank;
  }
  return populations;
}

RunSummary summarise(const ModelSpec& spec, const RunOptions& options, const ConstructionReport& construction,
                     const LoopResult& loop, const std::vector<std::uint64_t>& recorded) {
  RunSummary s;
  s.version = version();
  s.title = spec.title;
  s.config_path = options.config_path;
  s.config = spec.config_text;
  s.overrides = options.overrides;
  s.config_digest = spec.config_digest;
  s.device = options.device.name;
  s.threads = options.threads;
  s.precision = spec.simulation.precision;
  s.dt_ms = spec.simulation.dt_ms;
  s.seed = spec.simulation.seed;
  s.network_seed = spec.simulation.network_seed;
  s.simulated_ms = time_of_step_ms(loop.steps, s.dt_ms);
  s.warm_up_ms = time_of_step_ms(loop.warm_up_steps, s.dt_ms);
  s.wall_s = loop.wall_s;
  s.real_time_factor = loop.steps > 0 ? loop.wall_s * 1000.0 / s.simulated_ms : 0.0;
  s.construction_s = construction.seconds;
  s.peak_memory_bytes = peak_memory_bytes();
  s.synapses = construction.n_synapses;
  s.synapse_bytes = construction.synapse_bytes;
  s.layout = construction.layout;
  s.populations = count_populations(spec, loop, recorded);
  for (const std::uint64_t spikes : loop.spikes) s.spikes_total += spikes;
  s.synaptic_events = loop.synaptic_events;
  s.spike_digest = loop.spike_digest;
  s.interrupted = loop.interrupted;
  s.phases.push_back({"construction", construction.seconds});
  if (options.connection_statistics)
    s.phases.push_back({"connection statistics", construction.connections_s});
  s.phases.insert(s.phases.end(), loop.phases.begin(), loop.phases.end());
  s.grids = construction.grids;
  return s;
}

std::unique_ptr<Engine> make_engine(const ModelSpec& spec, const RunOptions& options,
                                    const std::function<bool()>& stopped) {
  const ProfileRange range("construction");
  const BuildOptions build{.stop = stopped, .connection_statistics = options.connection_statistics};
  if (options.device.on_gpu) return make_cuda_engine(spec, options.threads, build);
  return make_cpu_engine(spec, options.threads, build);
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
  prepare_output_directory(options.directory, options.force);

  sink.construction_begins(plan.network);
  const auto stopped = [&stop] { return stop.received(); };
  const std::unique_ptr<Engine> engine = make_engine(spec, options, stopped);
  sink.construction_ended(engine->construction());

  if (options.force) remove_run(options.directory);  // not before: until here the old run may have to stay
  Recorder recorder(spec, options.directory);
  const LoopResult loop = simulate(*engine, spec, recorder, sink, stopped);

  sink.writing_begins();
  RunResult result{.summary = summarise(spec, options, engine->construction(), loop, recorder.recorded()),
                   .files = recorder.finish()};
  if (options.connection_statistics) {
    result.files.insert(result.files.begin(), options.directory / "network.json");
    write_network_json(result.files.front(), engine->construction().connections);
  }
  result.files.insert(result.files.begin(), options.directory / "run.json");
  write_run_json(result.files.front(), result.summary);
  return result;
}

}  // namespace sharpwave
