#include "host/run/learned_network.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/network/distribution.hpp"
#include "host/network/step_times.hpp"
#include "host/run/resources.hpp"
#include "host/watchdog/gain.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ExitCode::invalid_config, name + " is not of this network: " + why);
}

void require_room(const ModelSpec& spec) {
  const std::uint64_t needed_bytes = plan_network(spec, 1).peak_bytes();
  const std::uint64_t available_bytes = available_memory_bytes();
  if (needed_bytes <= available_bytes) return;
  throw Error(ExitCode::no_room, "the network whose weights are asked for needs " +
                                     std::to_string(needed_bytes >> 20) + " MiB of memory, but only " +
                                     std::to_string(available_bytes >> 20) +
                                     " MiB are available; nothing was written");
}

/// An engine in the state of the checkpoint.
std::unique_ptr<Engine> engine_at(const Checkpoint& checkpoint, const ModelSpec& spec,
                                  const std::string& name) {
  require_room(spec);
  std::unique_ptr<Engine> engine = make_cpu_engine(spec, 1);
  const std::string& digest = engine->construction().connectivity_digest;
  if (digest != checkpoint.connectivity_digest)
    refuse(name, "its connectivity has the digest " + checkpoint.connectivity_digest +
                     ", that of the config " + digest);
  try {
    engine->restore(checkpoint.instances.front().engine);
  } catch (const Error& error) {
    if (error.code() != ExitCode::damaged_data) throw;
    refuse(name, error.what());
  }
  return engine;
}

void become_static(ProjectionSpec& p, std::uint32_t k, const Engine& engine, const ModelSpec& spec) {
  const double sign = range_of(p.weight).low < 0 ? -1 : 1;
  PlasticSynapses synapses = engine.plastic_synapses(k, 1);
  const std::vector<float> magnitudes = engine.read_weights(k, 1);
  std::vector<double> weights(magnitudes.size());
  std::ranges::transform(magnitudes, weights.begin(), [&](float w) { return sign * double{w}; });
  const auto* delay = std::get_if<Distribution>(&p.delay_ms);
  if (delay == nullptr || delay->kind != Distribution::Kind::constant) {
    std::vector<double> delays_ms(synapses.delay_steps.size());
    std::ranges::transform(synapses.delay_steps, delays_ms.begin(), [&](std::uint32_t steps) {
      return time_of_step_ms(steps, spec.simulation.dt_ms);
    });
    p.delay_ms = std::move(delays_ms);
  }
  p.source = {p.source.population, 0, spec.populations[p.source.population].size, 1};
  p.target = {p.target.population, 0, spec.populations[p.target.population].size, 1};
  p.rule = ConnectionRule::explicit_list;
  p.autapses = p.multapses = true;
  p.edge_sources = std::move(synapses.sources);
  p.edge_targets = std::move(synapses.targets);
  p.weight = std::move(weights);
  p.plasticity.reset();
  p.given_weights.reset();
}

}  // namespace

LearnedNetwork learned_network(const ModelSpec& spec, const Checkpoint& checkpoint, const std::string& name) {
  const auto is_plastic = [](const ProjectionSpec& p) { return p.plasticity.has_value(); };
  if (std::ranges::none_of(spec.projections, is_plastic))
    throw Error(ExitCode::invalid_config,
                "the config has no plastic projection, whose weights " + name + " could have");
  if (checkpoint.instances.size() != 1) refuse(name, "it has several instances; expected one");
  if (checkpoint.dt_ms != spec.simulation.dt_ms)
    refuse(name, "its dt is " + number_text(checkpoint.dt_ms) + " ms, that of the config " +
                     number_text(spec.simulation.dt_ms) + " ms");
  if (checkpoint.precision != spec.simulation.precision) refuse(name, "its precision is another one");
  const WatchState& watch = checkpoint.instances.front().watch;
  LearnedNetwork learned{.spec = with_gain(spec, watch.weight_gain, watch.input_gain), .projections = {}};
  // The engine's own copy stays plastic.
  const std::unique_ptr<Engine> engine = engine_at(checkpoint, learned.spec, name);
  for (std::uint32_t k = 0; k < learned.spec.projections.size(); ++k) {
    if (!learned.spec.projections[k].plasticity) continue;
    become_static(learned.spec.projections[k], k, *engine, spec);
    learned.projections.push_back(k);
  }
  learned.spec.learning_records.clear();
  return learned;
}

}  // namespace sharpwave
