// `plasticity` of a projection: how its weights change.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"
#include "host/network/distribution.hpp"
#include "kernels/math.hpp"

namespace sharpwave::config {
namespace {

StdpPairing pairing_named(const std::string& name) {
  if (name == "symmetric") return StdpPairing::symmetric;
  if (name == "presynaptic") return StdpPairing::presynaptic;
  if (name == "restricted") return StdpPairing::restricted;
  return StdpPairing::all_to_all;
}

/// Both parametrisations say the same.
void read_amplitudes(MapReader& map, StdpSpec& stdp) {
  const auto lambda = map.optional_number("lambda");
  const auto alpha = map.optional_number("alpha");
  const auto A_plus = map.optional_number("A_plus");
  const auto A_minus = map.optional_number("A_minus");
  if (lambda && (A_plus || A_minus)) map.fault("lambda", "either lambda and alpha, or A_plus and A_minus");
  if (alpha && !map.has("lambda")) map.fault("alpha", "`lambda` beside it");
  stdp.A_plus = lambda.value_or(A_plus.value_or(stdp.A_plus));
  stdp.A_minus = lambda ? alpha.value_or(1) * *lambda : A_minus.value_or(stdp.A_minus);
}

/// What is left of a trace is looked up in a table that ends after 28 time constants.
double read_time_constant(MapReader& map, const char* key, double fallback_ms) {
  constexpr double kMostTableSteps = 500'000;
  const double tau_ms = map.optional_number(key).value_or(fallback_ms);
  const double most_ms = kMostTableSteps * map.context().dt_ms;
  if (tau_ms > most_ms) map.fault(key, "at most " + number_text(most_ms) + " ms, 500000 steps");
  return tau_ms;
}

void read_pairs(MapReader& map, StdpSpec& stdp) {
  read_amplitudes(map, stdp);
  stdp.tau_plus_ms = read_time_constant(map, "tau_plus", stdp.tau_plus_ms);
  stdp.tau_minus_ms = read_time_constant(map, "tau_minus", stdp.tau_minus_ms);
  stdp.mu_plus = map.number("mu_plus");
  stdp.mu_minus = map.number("mu_minus");
  stdp.pairing = pairing_named(map.optional_choice("pairing").value_or("all_to_all"));
  if (const auto window = map.optional_steps("window")) {
    if (stdp.pairing == StdpPairing::all_to_all)
      map.fault("window", "a pairing of neighbours beside it: the traces of all_to_all have no end");
    stdp.window_steps = *window;
  }
}

/// Morrison, Aertsen & Diesmann 2007, doi:10.1162/neco.2007.19.6.1437: w += lambda w_0^(1 - mu) w^mu x,
/// w -= alpha lambda w y. NEST's stdp_pl_synapse_hom has w_0 = 1.
void read_power_law(MapReader& map, StdpSpec& stdp) {
  const double lambda = map.optional_number("lambda").value_or(0.1);
  stdp.power_law = true;
  stdp.mu_plus = map.number("mu");
  stdp.mu_minus = 1;
  stdp.A_plus = lambda * math::pow(map.number("w_0") / stdp.w_max, 1 - stdp.mu_plus);
  stdp.A_minus = map.optional_number("alpha").value_or(1) * lambda;
  stdp.tau_plus_ms = read_time_constant(map, "tau_plus", stdp.tau_plus_ms);
  stdp.tau_minus_ms = read_time_constant(map, "tau_minus", stdp.tau_minus_ms);
  stdp.pairing = pairing_named(map.optional_choice("pairing").value_or("all_to_all"));
}

// The defaults are Pfister & Gerstner's for visual cortex (doi:10.1523/JNEUROSCI.1425-06.2006, table 4, all
// to all), as NEST has them.
void read_triplets(MapReader& map, StdpSpec& stdp) {
  stdp.A_plus = map.optional_number("A_plus").value_or(5e-10);
  stdp.A_minus = map.optional_number("A_minus").value_or(7e-3);
  stdp.triplet_plus = map.number("A3_plus");
  stdp.triplet_minus = map.number("A3_minus");
  stdp.tau_plus_ms = read_time_constant(map, "tau_plus", 16.8);
  stdp.tau_minus_ms = read_time_constant(map, "tau_minus", 33.7);
  stdp.tau_slow_plus_ms = read_time_constant(map, "tau_plus_triplet", 101);
  stdp.tau_slow_minus_ms = read_time_constant(map, "tau_minus_triplet", 125);
  stdp.pairing = pairing_named(map.optional_choice("pairing").value_or("all_to_all"));
  if (stdp.pairing != StdpPairing::all_to_all && stdp.pairing != StdpPairing::symmetric)
    map.fault("pairing", "all_to_all or symmetric: triplets have no other");
}

/// Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, doi:10.1126/science.1211095.
void read_vogels_sprekeler(MapReader& map, StdpSpec& stdp) {
  const double eta = map.number("eta");
  stdp.A_plus = eta;
  stdp.A_minus = -eta;
  stdp.tau_plus_ms = stdp.tau_minus_ms = read_time_constant(map, "tau", 20);
  stdp.per_pre = 2 * eta * stdp.tau_plus_ms * 1e-3 * map.number("target_rate");
}

void require_modulator(MapReader& map, const char* key, const RegionSpec& region, Modulator modulator) {
  if (!region.has(modulator)) map.fault(key, "a region that has " + std::string(name_of(modulator)));
}

/// The rules that have no weight dependence and no other pairings.
void read_eligibility(Draft& draft, MapReader& map, StdpSpec& stdp, bool gated) {
  EligibilitySpec eligibility{.gated = gated};
  read_amplitudes(map, stdp);
  stdp.tau_plus_ms = read_time_constant(map, "tau_plus", stdp.tau_plus_ms);
  stdp.tau_minus_ms = read_time_constant(map, "tau_minus", stdp.tau_minus_ms);
  stdp.pairing = pairing_named(map.optional_choice("pairing").value_or("all_to_all"));
  if (stdp.pairing != StdpPairing::all_to_all && stdp.pairing != StdpPairing::symmetric)
    map.fault("pairing", "all_to_all or symmetric: eligibility traces have no other");
  eligibility.tau_ms = read_time_constant(map, "tau_c", eligibility.tau_ms);
  if (eligibility.tau_ms < map.context().dt_ms) map.fault("tau_c", "at least dt");
  eligibility.rate_per_s = map.number("learning_rate");
  eligibility.gated_tau_c = map.optional_boolean("gated_tau_c").value_or(false);
  static_cast<void>(map.require("region"));
  if (!gated) {
    eligibility.modulator = modulator_named(map.optional_choice("modulator").value_or("dopamine"));
    eligibility.baseline = map.number("baseline");
  }
  const auto region = read_region(draft, map, "region");
  if (!region) return;
  eligibility.region = *region;
  const RegionSpec& acting = draft.spec.regions[*region];
  if (!gated) require_modulator(map, "region", acting, eligibility.modulator);
  if (eligibility.gated_tau_c)
    require_modulator(map, "gated_tau_c", acting, acting.gates.eligibility_time.modulator);
  stdp.eligibility = eligibility;
}

void read_rate_region(Draft& draft, MapReader& map, StdpSpec& stdp) {
  stdp.rate_region = read_region(draft, map, "region");
  if (!stdp.rate_region) return;
  const RegionSpec& region = draft.spec.regions[*stdp.rate_region];
  const Modulator of_potentiation = region.gates.potentiation.modulator;
  const Modulator of_depression = region.gates.depression.modulator;
  require_modulator(map, "region", region, of_potentiation);
  if (of_depression != of_potentiation) require_modulator(map, "region", region, of_depression);
}

/// Pairs of times become the steps at which learning is switched.
void read_windows(MapReader& map, StdpSpec& stdp) {
  const bool enabled = map.optional_boolean("enabled").value_or(true);
  const Node* node = map.find("learning_windows");
  if (!enabled) stdp.learning_switches.clear();
  if (node == nullptr) return;
  Context& context = map.context();
  const std::string path = map.path_of("learning_windows");
  if (!node->is_sequence()) return map.fault("learning_windows", "a list of pairs [from, to]");
  std::vector<std::uint64_t> switches;
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    const std::string item = path + "[" + std::to_string(i) + "]";
    const Node& pair = node->children[i];
    if (!pair.is_sequence() || pair.children.size() != 2) {
      context.fault(pair, item, "a pair [from, to]");
      continue;
    }
    const std::vector<double> times_ms = context.numbers(pair, item, map.info("learning_windows"));
    for (std::size_t k = 0; k < times_ms.size(); ++k) {
      const Node& time = pair.children[k];
      const auto step = context.steps(times_ms[k], time, item);
      if (!step) continue;
      if (!switches.empty() && *step <= switches.back())
        context.fault(time, item,
                      "a time after the one before it, " +
                          number_text(static_cast<double>(switches.back()) * context.dt_ms) + " ms");
      switches.push_back(*step);
    }
  }
  if (enabled) stdp.learning_switches = std::move(switches);
}

/// Weights are float32: where a step is less than half an ulp, at 2^-25 / kLeastPart of the weight, it stands
/// still.
void check_relaxation(MapReader& map, const StdpSpec& stdp, const HomeostasisSpec& homeostasis) {
  if (homeostasis.relax_to && !(*homeostasis.relax_to >= stdp.w_min && *homeostasis.relax_to <= stdp.w_max))
    map.fault("relax_to", "a magnitude within w_min and w_max, from " + number_text(stdp.w_min) + " to " +
                              number_text(stdp.w_max));
  constexpr double kLeastPart = 1e-4;
  const double interval_s = 1e-3 * map.context().dt_ms * static_cast<double>(homeostasis.interval_steps);
  if (homeostasis.relaxation_rate_per_s * interval_s < kLeastPart * (1 - 1e-9))
    map.fault("interval", "at least " + number_text(1e3 * kLeastPart / homeostasis.relaxation_rate_per_s) +
                              " ms at this relaxation_rate: weights are float32");
}

void read_homeostasis(MapReader& plasticity, StdpSpec& stdp) {
  const Node* node = plasticity.find("homeostasis");
  if (node == nullptr) return;
  const std::size_t n_faults = plasticity.context().n_faults();
  MapReader map(plasticity.context(), *node, Section::homeostasis, plasticity.path_of("homeostasis"));
  HomeostasisSpec homeostasis;
  static_cast<void>(map.require("interval"));
  homeostasis.interval_steps = map.optional_steps("interval").value_or(1);
  homeostasis.total = map.optional_number("total");
  homeostasis.target_rate_Hz = map.optional_number("target_rate");
  homeostasis.relax_to = map.optional_number("relax_to");
  const int n_aims = int{map.has("total")} + int{map.has("target_rate")} + int{map.has("relax_to")};
  if (n_aims != 1)
    map.fault("total", "one of `total`, `target_rate` and `relax_to`, to say what the weights are to reach");
  if (map.has("target_rate")) {
    homeostasis.strength = map.number("strength");
    map.set_inapplicable("not beside `target_rate`");
  } else if (map.has("relax_to")) {
    homeostasis.relaxation_rate_per_s = map.number("relaxation_rate");
    if (plasticity.context().n_faults() == n_faults) check_relaxation(map, stdp, homeostasis);
    map.set_inapplicable("not beside `relax_to`");
  } else if (map.has("total")) {
    map.set_inapplicable("not beside `total`");
  } else {
    for (const char* key : {"strength", "relaxation_rate"}) static_cast<void>(map.find(key));
  }
  stdp.homeostasis = homeostasis;
}

void check_weights(Draft& draft, const Node& node, const std::string& path, const StdpSpec& stdp,
                   const ProjectionSpec& projection) {
  Context& context = draft.context;
  const auto* list = std::get_if<std::vector<double>>(&projection.weight);
  if (list != nullptr && list->empty()) return;  // of no synapse, or of a file: read_given_weights()
  const Range range = range_of(projection.weight);
  const std::string read = fmt::format("weights from {:.6g} to {:.6g}", range.low, range.high);
  if (range.low < 0 && range.high > 0)
    return context.fault(node.position, path, read, "weights of one sign: `min` and `max` bound drawn ones");
  const double least = std::min(std::fabs(range.low), std::fabs(range.high));
  const double most = std::max(std::fabs(range.low), std::fabs(range.high));
  if (least < stdp.w_min || most > stdp.w_max)
    context.fault(node.position, path, read,
                  "magnitudes within w_min and w_max, from " + number_text(stdp.w_min) + " to " +
                      number_text(stdp.w_max),
                  "`min` and `max` bound drawn ones");
}

}  // namespace

std::optional<StdpSpec> read_plasticity(Draft& draft, const Node& node, const std::string& path,
                                        const ProjectionSpec& projection) {
  Context& context = draft.context;
  const std::size_t n_faults = context.n_faults();
  MapReader map(context, node, Section::plasticity, path);
  StdpSpec stdp;
  const auto rule = map.required_choice("rule");
  stdp.w_max = map.required_number("w_max").value_or(1);
  stdp.w_min = map.number("w_min");
  if (stdp.w_min >= stdp.w_max) map.fault("w_min", "less than w_max");
  if (rule == "stdp_pl") {
    read_power_law(map, stdp);
  } else if (rule == "stdp_triplet") {
    read_triplets(map, stdp);
  } else if (rule == "vogels_sprekeler") {
    read_vogels_sprekeler(map, stdp);
  } else if (rule == "stdp_dopamine" || rule == "three_factor") {
    read_eligibility(draft, map, stdp, rule == "three_factor");
  } else {
    read_pairs(map, stdp);
    read_rate_region(draft, map, stdp);
  }
  if (rule) {
    map.set_inapplicable("not for rule " + *rule);
  } else {
    for (const std::string& key : key_names(Section::plasticity)) static_cast<void>(map.find(key));
  }
  stdp.axonal = map.optional_choice("delay_kind") == "axonal";
  read_windows(map, stdp);
  read_homeostasis(map, stdp);
  if (draft.spec.populations[projection.target.population].neurons() == nullptr)
    context.fault(node, path, "a target of neurons: others do not weigh their spikes");
  if (context.n_faults() > n_faults) return std::nullopt;
  check_weights(draft, node, path, stdp, projection);
  return stdp;
}

}  // namespace sharpwave::config
