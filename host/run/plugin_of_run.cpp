#include "host/run/plugin_of_run.hpp"

#include <filesystem>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_store.hpp"
#include "host/network/memory_spec.hpp"

namespace sharpwave {

std::unique_ptr<SignalTaker> make_taker(const ModelSpec& spec, const RunOptions& options) {
  if (spec.memory == nullptr) return nullptr;
  if (spec.replayed_into && options.device.on_gpu)
    throw Error(
        ExitCode::invalid_config,
        "memory.couple.replay: patterns are replayed into a network on the processor alone: `device: cpu`");
  if (options.make_taker) return options.make_taker(spec);
  return std::make_unique<ConsolidationPlugin>(spec.memory->plugin);
}

PluginRun plugin_run(const ModelSpec& spec, const RunOptions& options, const InstanceState* goes_on) {
  PluginRun run{.run_id = options.run_id,
                .config_digest = spec.config_digest,
                .folder = std::filesystem::absolute(options.directory),
                .options = spec.memory->options,
                .instance = options.instance,
                .is_coupled = spec.memory->coupling.has_value(),
                .dt_ms = spec.simulation.dt_ms};
  for (const RememberedPopulationSpec& remembered : spec.memory->populations) {
    run.populations.push_back(spec.populations[remembered.population].name);
    run.spaces.push_back(remembered.space);
  }
  if (goes_on == nullptr) return run;
  run.is_resumed = true;
  run.branch = static_cast<std::uint32_t>(goes_on->signals.branch);
  if (run.is_coupled) run.snapshot = CheckpointStore(options.directory).companion_of(goes_on->engine.step);
  return run;
}

void check_taker(const SignalTaker* taker, const ModelSpec& spec, const RunOptions& options,
                 const InstanceState* goes_on) {
  if (taker != nullptr) taker->check(plugin_run(spec, options, goes_on));
}

}  // namespace sharpwave
