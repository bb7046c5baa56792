// `plasticity` of a projection: how its weights change.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"
#include "host/network/distribution.hpp"

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
  const double alpha = map.number("alpha");
  const double A_plus = map.number("A_plus");
  const double A_minus = map.number("A_minus");
  if (map.has("lambda") && (map.has("A_plus") || map.has("A_minus")))
    map.fault("lambda", "either lambda and alpha, or A_plus and A_minus");
  if (map.has("alpha") && !map.has("lambda")) map.fault("alpha", "`lambda` beside it");
  stdp.A_plus = lambda ? *lambda : A_plus;
  stdp.A_minus = lambda ? alpha * *lambda : A_minus;
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
    for (const Node& time : pair.children) {
      const auto time_ms = context.number(time, item, map.info("learning_windows"));
      const auto step = time_ms ? context.steps(*time_ms, time, item) : std::nullopt;
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

void check_weights(Draft& draft, const Node& node, const std::string& path, const StdpSpec& stdp,
                   const ProjectionSpec& projection) {
  Context& context = draft.context;
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
  static_cast<void>(map.required_choice("rule"));
  stdp.w_max = map.required_number("w_max").value_or(1);
  stdp.w_min = map.number("w_min");
  if (stdp.w_min >= stdp.w_max) map.fault("w_min", "less than w_max");
  read_amplitudes(map, stdp);
  // What is left of a trace is looked up in a table that ends after 28 time constants.
  constexpr double kMostSteps = 500'000;
  const auto time_constant = [&](const char* key) {
    const double tau_ms = map.number(key);
    if (tau_ms > kMostSteps * context.dt_ms)
      map.fault(key, "at most " + number_text(kMostSteps * context.dt_ms) + " ms, 500000 steps");
    return tau_ms;
  };
  stdp.tau_plus_ms = time_constant("tau_plus");
  stdp.tau_minus_ms = time_constant("tau_minus");
  stdp.mu_plus = map.number("mu_plus");
  stdp.mu_minus = map.number("mu_minus");
  stdp.pairing = pairing_named(map.optional_choice("pairing").value_or("all_to_all"));
  stdp.axonal = map.optional_choice("delay_kind") == "axonal";
  if (const auto window = map.optional_steps("window")) {
    if (stdp.pairing == StdpPairing::all_to_all)
      map.fault("window", "a pairing of neighbours beside it: the traces of all_to_all have no end");
    stdp.window_steps = *window;
  }
  read_windows(map, stdp);
  if (draft.spec.populations[projection.target.population].neurons() == nullptr)
    context.fault(node, path, "a target of neurons: others do not weigh their spikes");
  if (context.n_faults() > n_faults) return std::nullopt;
  check_weights(draft, node, path, stdp, projection);
  return stdp;
}

}  // namespace sharpwave::config
