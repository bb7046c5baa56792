#include "host/engine/device_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "host/base/environment.hpp"
#include "host/base/error.hpp"
#include "host/network/row_builder.hpp"

namespace sharpwave {
namespace {

using device::PairRule;

// Empty where the device can draw it.
std::string what_is_not_drawn(const ProjectionSpec& p) {
  if (p.plasticity) return "is plastic";
  if (p.rule == ConnectionRule::explicit_list) return "is a list";
  if (std::holds_alternative<std::vector<double>>(p.weight)) return "has a list of weights";
  if (std::holds_alternative<std::vector<double>>(p.delay_ms)) return "has a list of delays";
  const bool by_degree =
      p.rule == ConnectionRule::fixed_indegree || p.rule == ConnectionRule::fixed_outdegree;
  if (by_degree && !p.multapses) return "is without multapses";
  if (p.rule == ConnectionRule::fixed_indegree && p.degree.size() > 1) return "has a list of degrees";
  return {};
}

// Of the first projection that the device cannot draw.
std::string what_is_not_drawn(const ModelSpec& spec) {
  for (const ProjectionSpec& p : spec.projections)
    if (const std::string lacking = what_is_not_drawn(p); !lacking.empty())
      return "'" + p.name + "' " + lacking;
  return {};
}

std::string why_on_the_host(const ModelSpec& spec, const MakeExecutor& make_executor,
                            const BuildOptions& options) {
  if (!make_executor.draw_rows) return "the device draws none";
  if (options.connection_statistics) return "the report counts them";
  return what_is_not_drawn(spec);
}

PairRule pair_rule_of(ConnectionRule rule) {
  switch (rule) {
    case ConnectionRule::one_to_one:
      return PairRule::same_position;
    case ConnectionRule::all_to_all:
      return PairRule::all_targets;
    case ConnectionRule::fixed_indegree:
      return PairRule::fixed_indegree;
    case ConnectionRule::fixed_outdegree:
    case ConnectionRule::fixed_total_number:
      return PairRule::random_targets;
    case ConnectionRule::pairwise_bernoulli:
      return PairRule::bernoulli;
    case ConnectionRule::explicit_list:
      break;
  }
  fail_invariant("a rule that the device draws", __FILE__, __LINE__);
}

// Of rules that have them from the start.
std::vector<std::uint32_t> given_outdegrees(const ProjectionSpec& p, const SelfPosition& to_target) {
  std::vector<std::uint32_t> degrees;
  if (p.rule == ConnectionRule::fixed_outdegree) {
    if (p.degree.size() > 1) return p.degree;
    return std::vector<std::uint32_t>(p.source.size(), p.degree[0]);
  }
  if (p.rule == ConnectionRule::one_to_one)
    for (std::uint32_t s = 0; s < p.source.size(); ++s) degrees.push_back(to_target.of(s) == s ? 0 : 1);
  if (p.rule == ConnectionRule::all_to_all)
    for (std::uint32_t s = 0; s < p.source.size(); ++s)
      degrees.push_back(p.target.size() - (to_target.of(s) == kNowhere ? 0 : 1));
  return degrees;
}

device::PairsModel pairs_model(const ModelSpec& spec, const ProjectionSpec& p, StreamRegistry& streams) {
  const ConnectionKeys keys = connection_keys(spec, p, streams);
  device::PairsModel model{.pairs = {.rule = pair_rule_of(p.rule),
                                     .key = keys.synapse,
                                     .select_key = keys.connection,
                                     .n_sources = p.source.size(),
                                     .n_targets = p.target.size(),
                                     .to_target = self_position(p, p.source, p.target),
                                     .to_source = self_position(p, p.target, p.source)},
                           .outdegrees = {}};
  model.outdegrees = given_outdegrees(p, model.pairs.to_target);
  if (p.rule == ConnectionRule::fixed_total_number) model.pairs.n_draws = p.total;
  if (p.rule == ConnectionRule::fixed_indegree) model.pairs.indegree = p.degree[0];
  if (p.rule == ConnectionRule::pairwise_bernoulli) {
    model.pairs.connects = p.probability > 0;
    model.pairs.inverse_log = inverse_log_of_complement(p.probability);
  }
  return model;
}

device::DrawnValues drawn_values(const Construction& construction, const RowPlan& plan) {
  const ProjectionSpec& p = *plan.projection;
  const double dt_ms = construction.spec.simulation.dt_ms;
  device::DrawnValues values{
      .weight = plan.to_parrot ? draw_parameters(Distribution::constant(1)) : plan.weight,
      .delay = plan.delay,
      .steps_per_ms = 1.0 / dt_ms,
      .first_delay = plan.first_delay,
      .last_delay = plan.last_delay,
      .is_wide = construction.wide_weights,
      .exponent = plan.exponent,
      .channel = plan.channel,
      .first_target = plan.target_first + p.target.start,
      .target_stride = p.target.stride,
      .first_source = construction.net.places[p.source.population].first_source + p.source.start,
      .source_stride = p.source.stride};
  // As draw_row_delays() has it, which looks at no bounds then.
  if (plan.delay.kind == DrawKind::constant)
    values.first_delay = values.last_delay = delay_steps(plan.delay.a, dt_ms);
  return values;
}

// What RowBuilder adds for each synapse.
void add_burdens(Construction& construction, const std::vector<std::vector<std::uint32_t>>& arrivals) {
  const std::vector<ProjectionSpec>& projections = construction.spec.projections;
  auto& burdens =
      construction.burdens.emplace_back(std::size_t{construction.net.shape.n_neurons} * kMaxReceptors);
  for (const auto& plans : construction.plans)
    for (const RowPlan& plan : plans) {
      const Slice& target = plan.projection->target;
      const auto& counts = arrivals[static_cast<std::size_t>(plan.projection - projections.data())];
      for (const std::size_t sign : {0u, 1u})
        for (std::uint32_t t = 0; t < target.size(); ++t) {
          const std::uint32_t count = counts[sign * target.size() + t];
          std::uint64_t& burden = burdens[(std::size_t{plan.target_first} + target[t]) * kMaxReceptors +
                                          static_cast<std::size_t>(plan.grid->receptor[sign])];
          std::uint64_t more = 0;
          if (__builtin_mul_overflow(plan.burden[sign], std::uint64_t{count}, &more) ||
              __builtin_add_overflow(burden, more, &burden))
            construction.burden_overflow = true;
        }
    }
}

std::vector<device::ValuesModel> values_models(const Construction& construction) {
  std::vector<device::ValuesModel> models;
  for (std::uint32_t k = 0; k < construction.plans.size(); ++k)
    for (const RowPlan& plan : construction.plans[k])
      models.push_back(
          {.projection = static_cast<std::size_t>(plan.projection - construction.spec.projections.data()),
           .source_class = k,
           .values = drawn_values(construction, plan),
           .pair_bits = plan.pair_bits});
  return models;
}

}  // namespace

RowDrawing choose_row_drawing(const ModelSpec& spec, const MakeExecutor& make_executor,
                              const BuildOptions& options) {
  const std::string asked = choice_in_environment("SHARPWAVE_GPU_CONSTRUCTION", "device", "host");
  if (asked == "host") return {.why = "rows drawn on the host (SHARPWAVE_GPU_CONSTRUCTION=host)"};
  const std::string why_not = why_on_the_host(spec, make_executor, options);
  if (why_not.empty()) return {.on_device = true, .why = "rows drawn on the device"};
  if (asked == "device") throw Error(ExitCode::usage, "SHARPWAVE_GPU_CONSTRUCTION=device: " + why_not);
  return {.why = "rows drawn on the host (" + why_not + ")"};
}

double drawing_bytes(const ModelSpec& spec) {
  if (!what_is_not_drawn(spec).empty()) return 0;
  double bytes = 0;
  double most_keys = 0;
  for (const ProjectionSpec& p : spec.projections) {
    // Degrees, also of all projections, and where rows begin; in-degrees, also by sign.
    bytes += 16.0 * p.source.size() + 12.0 * p.target.size() + 8;
    const double n = expected_synapses(p);
    if (p.rule == ConnectionRule::fixed_indegree) most_keys = std::max(most_keys, n);
    if (p.rule == ConnectionRule::fixed_indegree || p.rule == ConnectionRule::pairwise_bernoulli)
      bytes += 4 * (n + 10 * std::sqrt(n) + 100);  // targets
  }
  return bytes + 24 * most_keys;  // drawn, sorted, and between
}

DrawnOnDevice draw_network(const ModelSpec& spec, const NetworkShape& shape,
                           const MakeExecutor& make_executor, const std::function<bool()>& stop) {
  DrawnOnDevice drawn;
  Network& net = drawn.network;
  net.shape = shape;
  net.places = place_populations(spec);
  const bool wide = spec.simulation.precision == Precision::float64;
  Construction construction{
      .spec = spec, .kernels = select_cpu_kernels(), .net = net, .stop = stop, .wide_weights = wide};
  expect_addressable(most_row_synapses(construction));
  StreamRegistry streams;
  std::vector<device::PairsModel> pairs;
  for (const ProjectionSpec& p : spec.projections) pairs.push_back(pairs_model(spec, p, streams));
  expect_no_stop(stop);
  drawn.rows = translated([&] { return make_executor.draw_rows(pairs); });
  const InDegrees in_degrees = [&](std::size_t k) {
    return translated([&] { return drawn.rows->indegrees(k); });
  };
  set_multiplicities(spec, in_degrees, net.places);
  const Grids grids = compute_grids(spec, net.places, in_degrees);
  net.exponents = grids.exponents;
  make_classes(construction, grids, {});
  expect_no_stop(stop);
  const device::NetworkModel model =
      network_model(spec, net, wide ? Arithmetic::double_int64 : Arithmetic::float_int32);
  device::DrawnTotals totals =
      translated([&] { return drawn.rows->fill(model, shape.n_sources, values_models(construction)); });
  net.out_degrees = std::move(totals.outdegrees);
  net.n_synapses = std::accumulate(net.out_degrees.begin(), net.out_degrees.end(), std::uint64_t{0});
  net.connectivity_sum = totals.connectivity_sum;
  add_burdens(construction, totals.arrivals);
  net.burdens = all_burdens(construction);
  return drawn;
}

}  // namespace sharpwave
