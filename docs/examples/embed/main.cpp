// The engine in a program of one's own: a network described in code, simulated for one second.
#include <cstdint>
#include <cstdio>

#include "host/base/error.hpp"
#include "host/engine/engine.hpp"

namespace sw = sharpwave;

namespace {

// 1,000 neurons at their NEST defaults: a Poisson background makes them fire, sparse inhibition holds them
// back.
sw::ModelSpec describe_network() {
  const auto constant = [](double value) { return sw::Values(sw::Distribution::constant(value)); };
  sw::NeuronSpec neurons;
  neurons.model = sw::NeuronModel::iaf_psc_exp;
  // In the order of sw::NeuronParameter: C_m tau_m E_L V_th V_reset t_ref I_e tau_syn_ex tau_syn_in.
  neurons.parameters = {constant(250), constant(10), constant(-70), constant(-55), constant(-70),
                        constant(2),   constant(0),  constant(2),   constant(2)};
  neurons.initial = {sw::Distribution{sw::Distribution::Kind::uniform, -70, -55}, constant(0), constant(0)};

  sw::ModelSpec spec;
  spec.simulation = {.dt_ms = 0.1, .steps = 10'000, .seed = 1, .network_seed = 1};
  spec.populations.push_back({.name = "I", .size = 1000, .kind = neurons});
  const sw::Slice all{.population = 0, .start = 0, .stop = 1000};
  sw::ProjectionSpec inhibition;
  inhibition.name = "I to I";
  inhibition.source = all;
  inhibition.target = all;
  inhibition.rule = sw::ConnectionRule::fixed_indegree;
  inhibition.degree = {100};
  inhibition.weight = constant(-30);
  inhibition.delay_ms = constant(1.5);
  spec.projections.push_back(inhibition);
  const sw::PoissonInputSpec background{.rate = {.times_ms = {0}, .rates_Hz = {10'000}}, .weight = 20};
  spec.inputs.push_back({.name = "background", .target = all, .kind = background});
  return spec;
}

}  // namespace

int main() try {
  const sw::ModelSpec spec = describe_network();
  const auto engine = sw::make_cpu_engine(spec, 1);
  sw::Block block;
  std::uint64_t spikes = 0;
  while (engine->step() < spec.simulation.steps) {
    engine->advance(1'000, block);
    spikes += block.ids.size();
    std::printf("%5.0f ms: %llu spikes\n", static_cast<double>(engine->step()) * spec.simulation.dt_ms,
                static_cast<unsigned long long>(spikes));
  }
  return spikes > 0 ? 0 : 1;
} catch (const sw::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
