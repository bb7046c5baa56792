// Constants, distributions and lists: the part of reader.hpp that knows about random variables.
#include <algorithm>
#include <cmath>
#include <utility>

#include "host/config/reader.hpp"
#include "host/network/distribution.hpp"

namespace sharpwave::config {
namespace {

using Bounds = Distribution::Bounds;
using Kind = Distribution::Kind;

/// Interval that holds every possible value.
ValueRange support_of(const Distribution& d) {
  ValueRange support{.low = -HUGE_VAL, .high = HUGE_VAL};
  if (d.kind == Kind::constant) return {.low = d.a, .high = d.a};
  if (d.kind == Kind::uniform) support = {.low = d.a, .high = d.b, .high_open = true};
  if (d.kind == Kind::lognormal) support = {.low = 0, .high = HUGE_VAL, .low_open = true};
  if (d.bounds == Bounds::none) return support;
  if (d.low > support.low) support = {d.low, support.high, false, support.high_open};
  if (d.high < support.high) support = {support.low, d.high, support.low_open, false};
  return support;
}

Distribution read_distribution(Context& context, const Node& node, const std::string& path) {
  MapReader map(context, node, Section::distribution, path);
  Distribution distribution;
  const Node* normal = map.find("normal");
  const Node* lognormal = map.find("lognormal");
  const Node* uniform = map.find("uniform");
  if ((normal != nullptr) + (lognormal != nullptr) + (uniform != nullptr) != 1) {
    context.fault(node, path, "exactly one of normal, lognormal, uniform");
  }
  double mean = 0;
  if (normal != nullptr) {
    MapReader inner(context, *normal, Section::normal, path + ".normal");
    distribution.a = mean = inner.required_number("mean").value_or(1);
    distribution.b = inner.required_number("sd").value_or(0);
    distribution.kind = distribution.b > 0 ? Kind::normal : Kind::constant;
  } else if (lognormal != nullptr) {
    MapReader inner(context, *lognormal, Section::lognormal, path + ".lognormal");
    distribution = {.kind = Kind::lognormal,
                    .a = inner.required_number("mu").value_or(0),
                    .b = inner.required_number("sigma").value_or(1)};
    if (distribution.b == 0) {
      inner.fault("sigma", "a number > 0", "a constant is written as a number");
      distribution.b = 1;
    }
    mean = 1;
  } else if (uniform != nullptr) {
    MapReader inner(context, *uniform, Section::uniform, path + ".uniform");
    distribution = {.kind = Kind::uniform,
                    .a = inner.required_number("low").value_or(0),
                    .b = inner.required_number("high").value_or(1)};
    mean = (distribution.a + distribution.b) / 2;
    if (!(distribution.a < distribution.b)) {
      if (inner.has("low") && inner.has("high")) inner.fault("high", "a number above `low`");
      distribution.b = distribution.a + 1;
    }
  }
  read_bounds(map, mean, distribution);
  check_bounds(context, node, path, distribution);
  return distribution;
}

std::vector<double> read_list(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                              std::uint64_t n_values) {
  if (n_values == 0 || node.children.size() != n_values) {
    context.fault(node, path,
                  n_values == 0 ? "a number or a distribution, not a list"
                                : "as many values as there are elements, " + std::to_string(n_values));
    return {};
  }
  return context.numbers(node, path, key);
}

}  // namespace

void read_bounds(MapReader& map, double mean, Distribution& distribution) {
  const auto low = map.optional_number("min");
  const auto high = map.optional_number("max");
  const auto bounds = map.optional_choice("bounds");
  const bool keep_sign = map.optional_boolean("keep_sign").value_or(false);
  const bool drawn = distribution.kind != Kind::constant;
  if (low && drawn) distribution.low = *low;
  if (high && drawn) distribution.high = *high;
  if (keep_sign && drawn && mean > 0) distribution.low = std::max(distribution.low, 0.0);
  if (keep_sign && drawn && mean < 0) distribution.high = std::min(distribution.high, 0.0);
  if (keep_sign && mean == 0) map.fault("keep_sign", "a mean other than 0 for it");
  const bool bounded = low || high || keep_sign;
  if (bounds && !bounded) map.fault("bounds", "`min`, `max` or `keep_sign` with it");
  if (bounded && drawn) distribution.bounds = bounds == "clip" ? Bounds::clip : Bounds::redraw;
}

void check_bounds(Context& context, const Node& node, const std::string& path,
                  const Distribution& distribution) {
  if (!(distribution.low <= distribution.high)) {
    context.fault(node, path, "`min` (or dt) not above `max`");
    return;
  }
  // Redrawing is exact at any mass, but a distribution that hardly ever is within its bounds is a slip.
  constexpr double kLeastMass = 1e-6;
  if (distribution.bounds == Bounds::redraw && !(mass_within_bounds(distribution) >= kLeastMass)) {
    context.fault(node, path, "bounds that hold at least a millionth of the distribution");
  }
}

void check_support(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                   const Distribution& distribution) {
  const ValueRange support = support_of(distribution);
  const bool below = support.low < key.range.low ||
                     (support.low == key.range.low && key.range.low_open && !support.low_open);
  const bool above = support.high > key.range.high;
  const bool constant = distribution.kind == Kind::constant;
  // Unbounded tails are fine where every number is: a draw never reaches 1e30.
  const bool matters_low = below && (constant || key.range.low > kAnyNumber.low);
  const bool matters_high = above && (constant || key.range.high < kAnyNumber.high);
  if (!matters_low && !matters_high) return;
  context.fault(node, path, "only values " + describe_range(key.range, key.unit),
                std::string("bound the distribution with `") + (matters_low ? "min`" : "max`"));
}

Distribution as_delay(Context& context, const Node& node, const std::string& path,
                      Distribution distribution) {
  if (distribution.kind == Kind::constant) {
    const auto steps = context.steps(distribution.a, node, path);
    if (steps == std::uint64_t{0}) context.fault(node, path, "at least one step of dt");
    return distribution;
  }
  distribution.low = std::max(distribution.low, context.dt_ms);
  if (distribution.bounds == Bounds::none) distribution.bounds = Bounds::redraw;
  check_bounds(context, node, path, distribution);
  return distribution;
}

Values read_values(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                   std::uint64_t n_values) {
  if (node.is_sequence()) {
    std::vector<double> values = read_list(context, node, path, key, n_values);
    if (!values.empty()) return values;
    return Distribution::constant(1);
  }
  if (node.is_map()) {
    const Distribution distribution = read_distribution(context, node, path);
    check_support(context, node, path, key, distribution);
    return distribution;
  }
  return Distribution::constant(context.number(node, path, key).value_or(1));
}

Values read_delays(Context& context, const Node& node, const std::string& path, const KeyInfo& key,
                   std::uint64_t n_values) {
  if (node.is_map()) {
    return as_delay(context, node, path, read_distribution(context, node, path));
  }
  if (!node.is_sequence()) {
    const auto delay = context.number(node, path, key);
    return delay ? as_delay(context, node, path, Distribution::constant(*delay))
                 : Distribution::constant(context.dt_ms);
  }
  Values values = read_values(context, node, path, key, n_values);
  if (const auto* list = std::get_if<std::vector<double>>(&values)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      static_cast<void>(as_delay(context, node.children[i], path + "[" + std::to_string(i) + "]",
                                 Distribution::constant((*list)[i])));
    }
  }
  return values;
}

void check_ascending(Context& context, const Node& node, const std::string& path,
                     const std::vector<double>& times) {
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (!(times[i] > times[i - 1])) {
      context.fault(node.children[i], path + "[" + std::to_string(i) + "]",
                    "a time later than the one before it");
      return;
    }
  }
}

}  // namespace sharpwave::config
