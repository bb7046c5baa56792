#include "tests/support/networks.hpp"

#include <algorithm>
#include <cmath>

#include "host/network/neuron_models.hpp"
#include "host/run/spike_digest.hpp"

namespace sharpwave::testing {

PopulationSpec population(const std::string& name, std::uint32_t size, NeuronModel model) {
  return {.name = name, .size = size, .kind = default_neurons(model)};
}

Slice whole(const ModelSpec& spec, std::uint32_t population) {
  return {population, 0, spec.populations[population].size, 1};
}

Distribution normal(double mean, double sd) {
  return {.kind = Distribution::Kind::normal, .a = mean, .b = sd};
}

Distribution redrawn(double mean, double sd, double low, double high) {
  return {.kind = Distribution::Kind::normal,
          .a = mean,
          .b = sd,
          .bounds = Distribution::Bounds::redraw,
          .low = low,
          .high = high};
}

ProjectionSpec projection(const ModelSpec& spec, std::uint32_t source, std::uint32_t target,
                          ConnectionRule rule, double weight, double delay_ms) {
  ProjectionSpec p;
  p.name = spec.populations[source].name + "->" + spec.populations[target].name;
  p.source = whole(spec, source);
  p.target = whole(spec, target);
  p.rule = rule;
  p.weight = Distribution::constant(weight);
  p.delay_ms = Distribution::constant(delay_ms);
  return p;
}

namespace {

void set(ModelSpec& spec, std::uint32_t population, NeuronParameter parameter, const Values& values) {
  std::get<NeuronSpec>(spec.populations[population].kind).parameters[static_cast<std::size_t>(parameter)] =
      values;
}

void set_initial(ModelSpec& spec, std::uint32_t population, StateVariable variable, const Values& values) {
  std::get<NeuronSpec>(spec.populations[population].kind).initial[static_cast<std::size_t>(variable)] =
      values;
}

void add_poisson(ModelSpec& spec, std::uint32_t population, double rate_Hz, double weight) {
  PoissonInputSpec poisson;
  poisson.rate.rates_Hz = {rate_Hz};
  poisson.weight = weight;
  spec.inputs.push_back(
      {"background of " + spec.populations[population].name, whole(spec, population), poisson});
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Excitation and inhibition with distributed weights and delays, drawn initial V.
ModelSpec balanced(NeuronModel model, double w, double g, double rate_Hz, double delay_sd) {
  ModelSpec spec;
  spec.populations = {population("E", 803, model), population("I", 197, model)};
  for (const std::uint32_t source : {0u, 1u})
    for (const std::uint32_t target : {0u, 1u}) {
      ProjectionSpec p = projection(spec, source, target, ConnectionRule::fixed_total_number, 0, 0);
      p.total = source == 0 ? 60'000 : 15'000;
      const double mean = source == 0 ? w : -g * w;
      p.weight =
          source == 0 ? redrawn(mean, 0.1 * w, 0, kInfinity) : redrawn(mean, 0.1 * g * w, -kInfinity, 0);
      p.delay_ms = redrawn(source == 0 ? 1.5 : 0.8, delay_sd, 0.1, kInfinity);
      spec.projections.push_back(p);
    }
  for (const std::uint32_t i : {0u, 1u}) {
    add_poisson(spec, i, rate_Hz, w);
    set_initial(spec, i, StateVariable::V_m, normal(-62, 4));
  }
  return spec;
}

// Every rule once, constant delays, heterogeneous parameters.
ModelSpec rules() {
  ModelSpec spec;
  spec.populations = {population("A", 300, NeuronModel::iaf_psc_exp),
                      population("B", 300, NeuronModel::iaf_psc_alpha)};
  const auto add = [&](const char* name, std::uint32_t source, std::uint32_t target, ConnectionRule rule,
                       double w, double delay) -> ProjectionSpec& {
    ProjectionSpec p = projection(spec, source, target, rule, w, delay);
    p.name = name;
    spec.projections.push_back(p);
    return spec.projections.back();
  };
  add("one", 0, 1, ConnectionRule::one_to_one, 80, 1.0);
  ProjectionSpec& all = add("all", 1, 0, ConnectionRule::all_to_all, -2, 0.7);
  all.target = {0, 10, 290, 7};
  add("in", 0, 0, ConnectionRule::fixed_indegree, 30, 2.3).degree = {20};
  ProjectionSpec& out = add("out", 1, 1, ConnectionRule::fixed_outdegree, 25, 0.1);
  out.degree = {15};
  out.multapses = false;
  out.autapses = false;
  ProjectionSpec& pair = add("pairs", 1, 0, ConnectionRule::pairwise_bernoulli, 30, 5.0);
  pair.probability = 0.05;
  pair.weight = normal(10, 40);  // of both signs
  ProjectionSpec& list = add("list", 0, 1, ConnectionRule::explicit_list, 0, 0);
  std::vector<double> weights, delays;
  for (std::uint32_t e = 0; e < 500; ++e) {
    list.edge_sources.push_back(e * 7 % 300);
    list.edge_targets.push_back(e * 13 % 300);
    weights.push_back(20.0 + e % 9);
    delays.push_back(0.1 * (1 + e % 30));
  }
  list.weight = weights;
  list.delay_ms = delays;
  set(spec, 0, NeuronParameter::tau_m, redrawn(10, 2, 5, 15));
  set(spec, 0, NeuronParameter::I_e, Distribution{.kind = Distribution::Kind::uniform, .a = 350, .b = 420});
  set(spec, 1, NeuronParameter::I_e, Distribution::constant(360));
  set(spec, 1, NeuronParameter::tau_syn_in, Distribution::constant(5));
  return spec;
}

// Sources of every kind, through a parrot; slices; currents that change.
ModelSpec sources() {
  ModelSpec spec;
  spec.populations = {
      {.name = "noise", .size = 90, .kind = PoissonSourceSpec{{{0.0, 30.0}, {400.0, 900.0}}}},
      population("N", 120, NeuronModel::iaf_psc_delta),
      {.name = "relay", .size = 40, .kind = ParrotSpec{}},
      {.name = "file", .size = 3, .kind = SpikeSourceSpec{{0, 1, 2, 1, 1}, {0.0, 0.1, 3.04, 5.0, 5.0}}},
      population("M", 61, NeuronModel::iaf_psc_exp)};
  std::get<NeuronSpec>(spec.populations[1].kind).refractory_input = true;
  ProjectionSpec in = projection(spec, 0, 2, ConnectionRule::fixed_indegree, 1, 0.4);
  in.degree = {3};
  ProjectionSpec relayed = projection(spec, 2, 1, ConnectionRule::fixed_outdegree, 3.0, 0.3);
  relayed.degree = {30};
  ProjectionSpec files = projection(spec, 3, 1, ConnectionRule::all_to_all, 20.0, 1.2);
  ProjectionSpec on = projection(spec, 1, 4, ConnectionRule::pairwise_bernoulli, 150, 1.0);
  on.probability = 0.2;
  on.source = {1, 1, 120, 3};
  spec.projections = {in, relayed, files, on};
  spec.inputs.push_back({"steps", {4, 5, 50, 2}, CurrentInputSpec{{2.0, 20.0, 40.0}, {500, -100, 420}}});
  PoissonInputSpec poisson;
  poisson.rate = {{0.0, 12.3}, {9000, 15000}};
  poisson.weight = 0.5;
  spec.inputs.push_back({"strided", {1, 3, 119, 4}, poisson});
  return spec;
}

// Long, sparse, distributed delays: slots wider than a step.
ModelSpec sparse() {
  ModelSpec spec;
  spec.populations = {population("S", 2000, NeuronModel::iaf_psc_exp)};
  ProjectionSpec p = projection(spec, 0, 0, ConnectionRule::fixed_outdegree, 0, 0);
  p.degree = {25};
  p.weight = Distribution{.kind = Distribution::Kind::lognormal, .a = 4.0, .b = 0.5};
  p.delay_ms = Distribution{.kind = Distribution::Kind::uniform, .a = 0.1, .b = 25.0};
  spec.projections = {p};
  add_poisson(spec, 0, 6000, 60);
  return spec;
}

// Dense projections of one weight and one delay, down to one step; sources that fire several times in a step.
ModelSpec dense() {
  ModelSpec spec;
  spec.populations = {{.name = "noise", .size = 60, .kind = PoissonSourceSpec{{{0.0}, {1500.0}}}},
                      population("E", 900, NeuronModel::iaf_psc_exp),
                      population("I", 300, NeuronModel::iaf_psc_delta),
                      {.name = "relay", .size = 70, .kind = ParrotSpec{}}};
  const auto add = [&](std::uint32_t source, std::uint32_t target, double probability, double w,
                       double delay) -> ProjectionSpec& {
    spec.projections.push_back(
        projection(spec, source, target, ConnectionRule::pairwise_bernoulli, w, delay));
    spec.projections.back().probability = probability;
    return spec.projections.back();
  };
  add(0, 3, 0.6, 1, 0.1);
  add(3, 1, 0.5, 0.25, 0.1).source.stride = 3;
  add(3, 2, 0.5, 0.0006, 0.7);
  ProjectionSpec& recurrent = add(1, 1, 0, 12, 1.5);
  recurrent.rule = ConnectionRule::fixed_indegree;
  recurrent.degree = {180};
  add(1, 2, 0.2, 0.2, 0.1);
  add(2, 1, 0.3, -60, 0.8).target = {1, 17, 850, 1};
  add(2, 2, 0.3, -0.4, 0.1).autapses = false;
  for (const std::uint32_t i : {1u, 2u}) set_initial(spec, i, StateVariable::V_m, normal(-62, 4));
  add_poisson(spec, 1, 1500, 60);
  add_poisson(spec, 2, 2500, 0.25);
  return spec;
}

// The models that are integrated numerically, each with variants, in one network.
ModelSpec numerical() {
  ModelSpec spec;
  spec.populations = {
      population("C", 300, NeuronModel::iaf_cond_exp),  population("T", 100, NeuronModel::iaf_cond_exp),
      population("A", 200, NeuronModel::aeif_cond_exp), population("A3", 50, NeuronModel::aeif_cond_exp),
      population("Z", 200, NeuronModel::izhikevich),    population("Z2", 50, NeuronModel::izhikevich),
      population("D", 60, NeuronModel::lif_discrete)};
  for (const std::uint32_t i : {0u, 1u}) {
    set(spec, i, NeuronParameter::tau_syn_ex, Distribution::constant(3));
    set(spec, i, NeuronParameter::C_m, redrawn(250, 20, 200, 300));
    set_initial(spec, i, StateVariable::g_ex, redrawn(10, 5, 0, kInfinity));
    add_poisson(spec, i, 700, 3);
  }
  set(spec, 1, NeuronParameter::theta_plus, Distribution::constant(0.4));
  set(spec, 1, NeuronParameter::tau_theta, Distribution::constant(60));
  for (const std::uint32_t i : {2u, 3u}) {
    set(spec, i, NeuronParameter::I_e, Distribution::constant(850));
    set_initial(spec, i, StateVariable::w,
                Distribution{.kind = Distribution::Kind::uniform, .a = 0, .b = 200});
    add_poisson(spec, i, 3000, 12);
  }
  std::get<NeuronSpec>(spec.populations[3].kind).substeps = 3;
  for (const std::uint32_t i : {4u, 5u}) {
    set(spec, i, NeuronParameter::I_e, Distribution{.kind = Distribution::Kind::uniform, .a = 4, .b = 9});
    add_poisson(spec, i, 900, 1.5);
  }
  std::get<NeuronSpec>(spec.populations[5].kind).consistent_integration = false;
  add_poisson(spec, 6, 2000, 0.3);
  const double weights[7] = {2, 2, 3, 3, 1.5, 1.5, 0.1};
  for (std::uint32_t source = 0; source < 7; ++source)
    for (std::uint32_t target = 0; target < 7; ++target) {
      ProjectionSpec p = projection(spec, source, target, ConnectionRule::fixed_indegree, 0, 0);
      p.degree = {6};
      const double w = (source % 2 == 0 ? 1 : -2) * weights[target];
      p.weight = normal(w, 0.1 * std::abs(w));
      p.delay_ms = redrawn(1.5, 0.7, 0.1, kInfinity);
      spec.projections.push_back(p);
    }
  return spec;
}

// Currents of every kind, alone and together; correlated trains, also through parrots; rates that change
// often.
ModelSpec currents() {
  ModelSpec spec;
  spec.populations = {population("N", 400, NeuronModel::iaf_psc_exp),
                      population("S", 150, NeuronModel::iaf_psc_alpha),
                      population("Z", 90, NeuronModel::izhikevich),
                      {.name = "relay", .size = 60, .kind = ParrotSpec{}},
                      {.name = "stepped", .size = 50, .kind = PoissonSourceSpec{}}};
  PiecewiseRate stepped{{}, {}};
  for (int piece = 0; piece < 60; ++piece) {
    stepped.times_ms.push_back(1.7 * piece);
    stepped.rates_Hz.push_back(200.0 + 300 * (piece % 7));
  }
  std::get<PoissonSourceSpec>(spec.populations[4].kind).rate = stepped;
  spec.inputs.push_back(
      {"noise", whole(spec, 0), NoiseInputSpec{.mean_pA = 250, .std_pA = 400, .interval_steps = 10}});
  spec.inputs.push_back({"more", {0, 10, 350, 3}, NoiseInputSpec{0, 200, 7, 100, 900}});
  spec.inputs.push_back({"ac", {0, 0, 200, 1}, AcInputSpec{80, 20, 40, 90}});
  spec.inputs.push_back({"shared ac", whole(spec, 1), AcInputSpec{150, 360, 35.7, -30, 50, 1100}});
  spec.inputs.push_back({"steps", {1, 5, 150, 2}, CurrentInputSpec{{2.0, 20.0, 40.0}, {50, -100, 20}}});
  spec.inputs.push_back(
      {"thalamus", whole(spec, 2), NoiseInputSpec{.mean_pA = 4, .std_pA = 5, .interval_steps = 10}});
  spec.inputs.push_back({"together", {0, 1, 400, 2}, MipInputSpec{{{{0}, {3000}}, 60}, 0.3}});
  spec.inputs.push_back({"relayed", whole(spec, 3), MipInputSpec{{stepped, 1}, 0.5}});
  spec.inputs.push_back({"changing", whole(spec, 1), PoissonInputSpec{stepped, 40}});
  const auto add = [&](std::uint32_t source, std::uint32_t target, double w) {
    ProjectionSpec p = projection(spec, source, target, ConnectionRule::fixed_indegree, 0, 0);
    p.degree = {8};
    p.weight = normal(w, 0.1 * std::abs(w));
    p.delay_ms = redrawn(1.5, 0.7, 0.1, kInfinity);
    spec.projections.push_back(p);
  };
  add(0, 1, 20);
  add(1, 0, -30);
  add(2, 2, 0.5);
  add(3, 0, 1.5);
  add(4, 3, 1);
  add(4, 2, 1);
  return spec;
}

}  // namespace

std::vector<NamedNetwork> plastic_networks() {
  std::vector<NamedNetwork> networks;
  const char* const names[] = {"all_to_all", "symmetric", "presynaptic", "restricted"};
  for (int pairing = 0; pairing < 4; ++pairing) {
    ModelSpec spec = balanced(NeuronModel::iaf_psc_exp, 20, 6, 9000, 0.5);
    spec.populations.push_back({.name = "in", .size = 50, .kind = PoissonSourceSpec{{{0.0}, {900.0}}}});
    StdpSpec rule{.pairing = static_cast<StdpPairing>(pairing),
                  .A_plus = 0.02,
                  .A_minus = 0.03,
                  .tau_plus_ms = 4,
                  .tau_minus_ms = 0.4,
                  .mu_plus = 0.5,
                  .mu_minus = 1,
                  .w_min = 1,
                  .w_max = 60};
    ProjectionSpec& recurrent = spec.projections[0];
    recurrent.weight = redrawn(20, 4, 5, 50);
    recurrent.plasticity = rule;
    // A source that fires several times in a step, a delay before the synapse, a trace that is soon gone.
    ProjectionSpec in = projection(spec, 2, 0, ConnectionRule::pairwise_bernoulli, 30, 1.2);
    in.probability = 0.1;
    rule.axonal = true;
    rule.tau_plus_ms = 0.3;
    in.plasticity = rule;
    spec.projections.push_back(in);
    // Inhibition, whose weights are negative, of neurons alone.
    rule.w_max = 400;
    spec.projections[2].plasticity = rule;
    if (pairing % 2 == 1) spec.simulation.precision = Precision::float64;
    networks.push_back({std::string("stdp_") + names[pairing], spec});
  }
  // What goes through vectors, learning all the time and in windows.
  ModelSpec rows = networks[0].spec;
  StdpSpec rule{
      .A_plus = 0.02, .A_minus = 0.03, .tau_plus_ms = 4, .tau_minus_ms = 3, .w_min = 1, .w_max = 60};
  rows.projections[0].plasticity = rule;
  rule.pairing = StdpPairing::symmetric;
  rule.axonal = true;
  rule.mu_plus = rule.mu_minus = 1;
  rule.learning_switches = {0, 200, 260, 500, 520};
  rows.projections.back().plasticity = rule;
  networks.push_back({"stdp_rows", rows});
  // Triplets, and inhibition that strengthens with any two spikes.
  ModelSpec others = networks[1].spec;
  rule = {.A_plus = 0.01,
          .A_minus = 0.02,
          .triplet_plus = 0.02,
          .triplet_minus = 0.01,
          .tau_plus_ms = 4,
          .tau_minus_ms = 3,
          .tau_slow_plus_ms = 6,
          .tau_slow_minus_ms = 9,
          .w_min = 1,
          .w_max = 60};
  others.projections[0].plasticity = rule;
  rule.pairing = StdpPairing::symmetric;
  others.projections.back().plasticity = rule;
  others.projections[2].plasticity =
      StdpSpec{.A_plus = 0.01, .A_minus = -0.01, .per_pre = 0.01, .w_min = 1, .w_max = 400};
  networks.push_back({"stdp_other_rules", others});
  ModelSpec power_law = networks[0].spec;
  for (ProjectionSpec& plastic : power_law.projections) {
    if (!plastic.plasticity) continue;
    plastic.plasticity->power_law = true;
    plastic.plasticity->mu_plus = 0.4;
    plastic.plasticity->pairing = StdpPairing::all_to_all;
  }
  networks.push_back({"stdp_power_law", power_law});
  // Weights that are scaled, often and rarely, after every delay and pairing that has to know of it.
  ModelSpec scaled = networks[2].spec;
  scaled.projections[0].plasticity->homeostasis = HomeostasisSpec{.interval_steps = 17, .total = 1500};
  scaled.projections[2].plasticity->homeostasis =
      HomeostasisSpec{.interval_steps = 5, .target_rate_Hz = 40, .strength = 0.01};
  scaled.projections.back().plasticity->homeostasis = HomeostasisSpec{.interval_steps = 1, .total = 170};
  networks.push_back({"stdp_scaled", scaled});
  ModelSpec scaled_rows = rows;
  scaled_rows.projections[0].plasticity->homeostasis =
      HomeostasisSpec{.interval_steps = 40, .target_rate_Hz = 20, .strength = 0.1};
  scaled_rows.projections.back().plasticity->homeostasis = HomeostasisSpec{.interval_steps = 3, .total = 170};
  networks.push_back({"stdp_scaled_rows", scaled_rows});
  return networks;
}

std::vector<NamedNetwork> modulated_networks() {
  RegionSpec all{.name = "all"};
  for (auto& modulator : all.modulators) modulator = ModulatorSpec{.tau_tonic_ms = 20, .tau_phasic_ms = 5};
  all.pulses = {{Modulator::noradrenaline, 100, 0.3}, {Modulator::dopamine, 220, 0.4}};
  all.targets = {{Modulator::acetylcholine, 50, 0.2}, {Modulator::serotonin, 150, 0.9}};
  all.rewards = {{90, 1.0}, {170, 0.1}, {300, 0.9}};
  all.volumes = {{.modulator = Modulator::dopamine,
                  .source = {.population = 0, .start = 0, .stop = 803, .stride = 3},
                  .per_spike = 0.02,
                  .delay_steps = 12}};
  RegionSpec rewarded{.name = "rewarded"};
  rewarded.modulators[static_cast<std::size_t>(Modulator::dopamine)] = ModulatorSpec{.baseline = 0.3};
  // Sources that fire often, so that there is something to draw.
  rewarded.triggers = {{.source = {.population = 2, .start = 3, .stop = 4},
                        .target = {.population = 2, .start = 30, .stop = 31},
                        .window_steps = 20,
                        .least_delay_steps = 5,
                        .most_delay_steps = 60,
                        .amount = 0.2}};

  std::vector<NamedNetwork> networks;
  for (const bool is_wide : {false, true}) {
    NamedNetwork network = plastic_networks()[is_wide ? 1 : 4];
    network.name = is_wide ? "modulated_float64" : "modulated";
    ModelSpec& spec = network.spec;
    spec.regions = {all, rewarded};
    StdpSpec rule{
        .A_plus = 0.02, .A_minus = 0.03, .tau_plus_ms = 4, .tau_minus_ms = 3, .w_min = 1, .w_max = 60};
    // A trace that is gone within the run, and one that is not.
    rule.eligibility = EligibilitySpec{
        .region = 1, .baseline = 0.2, .tau_ms = is_wide ? 0.5 : 15, .rate_per_s = is_wide ? 2000.0 : 100.0};
    spec.projections[0].plasticity = rule;
    rule.pairing = StdpPairing::symmetric;
    rule.axonal = !is_wide;
    rule.learning_switches = {0, 200, 260, 500, 520};
    rule.eligibility =
        EligibilitySpec{.region = 0, .gated = true, .tau_ms = 8, .rate_per_s = 200, .gated_tau_c = true};
    spec.projections.back().plasticity = rule;
    rule = {.A_plus = 0.02, .A_minus = 0.03, .tau_plus_ms = 4, .tau_minus_ms = 3, .w_min = 1, .w_max = 400};
    rule.rate_region = 0;
    spec.projections[2].plasticity = rule;
    spec.populations[0].input_gain = 0;
    spec.populations[1].external_gain = 0;
    if (is_wide)
      spec.regions[0].gates = {
          .potentiation = {Modulator::serotonin, -2, 0.4, 0.25, 3},
          .depression = {Modulator::acetylcholine, 1.5, 0.6, 0.1, 2},
          .eligibility_time = {Modulator::noradrenaline, 3, 0.5, 0.5, 2},
          .input_gain = {Modulator::dopamine, 0.5, 0.3, 0.9, 1.2},
          .external_gain = {Modulator::serotonin, 0.7, 0.5, 0.8, 1.3},
          .learning_rate = {.acetylcholine = 0.7, .retrieval = 2, .mood = 1.5, .min = 0.2}};
    networks.push_back(network);
  }
  return networks;
}

std::vector<NamedNetwork> contract_networks() {
  std::vector<NamedNetwork> networks = {
      {"exp", balanced(NeuronModel::iaf_psc_exp, 70, 5, 3000, 0.7)},
      {"alpha", balanced(NeuronModel::iaf_psc_alpha, 25, 5, 4500, 0.4)},
      {"delta", balanced(NeuronModel::iaf_psc_delta, 0.3, 5, 9000, 0.01)},
      {"rules", rules()},
      {"sources", sources()},
      {"sparse", sparse()},
      {"dense", dense()},
      {"numerical", numerical()},
      {"currents", currents()},
  };
  const std::size_t n = networks.size();
  for (std::size_t i = 0; i < n; ++i) {
    NamedNetwork wide = networks[i];
    wide.name += "_float64";
    wide.spec.simulation.precision = Precision::float64;
    networks.push_back(wide);
  }
  return networks;
}

std::vector<Spike> simulate(Engine& engine, std::uint64_t steps, std::uint64_t block) {
  std::vector<Spike> spikes;
  Block out;
  for (std::uint64_t done = 0; done < steps; done += block) {
    const std::uint64_t n = std::min(block, steps - done);
    engine.advance(n, out);
    for (std::uint64_t i = 0; i < n; ++i)
      for (std::uint64_t k = out.offsets[i]; k < out.offsets[i + 1]; ++k)
        spikes.push_back({out.first_step + i, out.ids[k]});
  }
  return spikes;
}

std::vector<Spike> simulate(const ModelSpec& spec, int threads, std::uint64_t steps, std::uint64_t block) {
  return simulate(*make_cpu_engine(spec, threads), steps, block);
}

std::string digest_of(const std::vector<Spike>& spikes) {
  SpikeDigest digest;
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    ids.push_back(spikes[i].id);
    if (i + 1 < spikes.size() && spikes[i + 1].step == spikes[i].step) continue;
    digest.add_step(spikes[i].step, ids);
    ids.clear();
  }
  return digest.hex();
}

}  // namespace sharpwave::testing
