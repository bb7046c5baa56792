#include "host/io/weight_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/base/sha256.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void refuse(const hdf5::Object& at, const std::string& what) {
  throw Error(ExitCode::damaged_data, at.where() + ": " + what);
}

std::string value_text(std::size_t i, double value) {
  return "value " + std::to_string(i) + " is " + number_text(value) + "; expected ";
}

/// The number of the sample.
std::size_t sample_at(const hdf5::Dataset& times, const std::vector<double>& times_ms,
                      std::optional<double> time_ms, double dt_ms) {
  if (times_ms.empty()) refuse(times, "has no sample; expected one at least");
  if (!time_ms) return times_ms.size() - 1;
  for (std::size_t i = 0; i < times_ms.size(); ++i)
    if (std::fabs(times_ms[i] - *time_ms) < 0.5 * dt_ms) return i;
  throw Error(ExitCode::invalid_config, times.where() + ": has no sample at " + number_text(*time_ms) +
                                            " ms; its " + std::to_string(times_ms.size()) + " are from " +
                                            number_text(times_ms.front()) + " to " +
                                            number_text(times_ms.back()) + " ms");
}

std::vector<std::uint32_t> read_delays(const hdf5::Dataset& delays, std::uint64_t n, double dt_ms) {
  constexpr double kLongestDelaySteps = 1u << 22;
  constexpr double kTolerance = 1e-6;  // of a step: what products of decimal numbers are off by is far less
  std::vector<std::uint32_t> steps;
  steps.reserve(n);
  delays.visit_doubles(n, [&](std::span<const double> block) {
    for (const double delay_ms : block) {
      const double nearest = std::nearbyint(delay_ms / dt_ms);
      if (!(nearest >= 1 && nearest <= kLongestDelaySteps &&
            std::fabs(delay_ms / dt_ms - nearest) <= kTolerance))
        refuse(delays, value_text(steps.size(), delay_ms) + "a multiple of dt, " + number_text(dt_ms) +
                           " ms, above 0 and up to 2^22 of it");
      steps.push_back(static_cast<std::uint32_t>(nearest));
    }
  });
  return steps;
}

/// All of one sign, which a 0 has as well.
void take_sign(const hdf5::Dataset& from, WeightSample& sample) {
  std::vector<float>& weights = sample.weighted.magnitudes;
  const auto sets_sign = std::ranges::find_if(weights, [](float w) { return w != 0; });
  sample.is_negative =
      sets_sign != weights.end() ? *sets_sign < 0 : !weights.empty() && std::signbit(weights.front());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    float& w = weights[i];
    if (!std::isfinite(w)) refuse(from, value_text(i, double{w}) + "a finite weight");
    if (w != 0 && (w < 0) != sample.is_negative)
      refuse(from, value_text(i, double{w}) + "one of the sign that those before it have");
    w = std::fabs(w);
  }
}

void set_extremes(WeightSample& sample) {
  const std::vector<float>& weights = sample.weighted.magnitudes;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < weights[sample.least]) sample.least = i;
    if (weights[i] > weights[sample.most]) sample.most = i;
  }
}

std::string digest_of(const WeightSample& sample) {
  Sha256 hash;
  const auto add = [&](const auto& values) {
    hash.update(values.data(), values.size() * sizeof(values.front()));
  };
  const PlasticSynapses& synapses = sample.weighted.synapses;
  add(synapses.sources);
  add(synapses.targets);
  add(synapses.delay_steps);
  add(sample.weighted.magnitudes);
  const std::uint8_t sign = sample.is_negative ? 1 : 0;
  hash.update(&sign, sizeof sign);
  return to_hex(hash.finish());
}

WeightSample read_recorded(const hdf5::Group& group, std::optional<double> time_ms, double dt_ms) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint32_t>::max();
  const hdf5::Dataset times = group.dataset("time");
  const std::vector<double> times_ms = times.read_doubles();
  const std::size_t number = sample_at(times, times_ms, time_ms, dt_ms);
  WeightSample sample{.time_ms = times_ms[number]};
  PlasticSynapses& synapses = sample.weighted.synapses;
  synapses.sources = group.dataset("source").read_indices(kAny, "the index of a source");
  const std::uint64_t n = synapses.sources.size();
  synapses.targets = group.dataset("target").read_indices(kAny, "the index of a target", n);
  synapses.delay_steps = read_delays(group.dataset("delay"), n, dt_ms);
  if (n > 0) {
    const hdf5::Dataset weights = group.dataset("weight");
    const std::vector<std::uint64_t> shape = weights.shape();
    if (shape.size() != 2 || shape[0] != times_ms.size() || shape[1] != n)
      refuse(weights, "expected a table of " + std::to_string(times_ms.size()) + " samples of " +
                          std::to_string(n) + " weights");
    sample.weighted.magnitudes = weights.read_rows(number, 1);
    take_sign(weights, sample);
  }
  return sample;
}

hdf5::Group edges_named(const hdf5::Group& edges, const std::optional<std::string>& population) {
  const std::vector<std::string> names = edges.names();
  const std::string name = population.value_or(names.size() == 1 ? names.front() : "");
  if (std::ranges::find(names, name) != names.end()) return edges.group(name);
  constexpr std::size_t kMostNames = 10;
  std::string known;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    known += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kMostNames) known += ", ...";
  throw Error(
      ExitCode::invalid_config,
      edges.where() + ": " +
          (population ? "has no population '" + *population + "'"
                      : "has " + std::to_string(names.size()) + " populations") +
          (names.empty() ? "; expected one" : "; expected edge_population to be one of its own: " + known));
}

/// As the network has them: by source, target, delay, and the order in the file.
void sort_edges(WeightedSynapses& edges) {
  PlasticSynapses& s = edges.synapses;
  const auto place = [&](std::uint64_t i) {
    return std::tuple(s.sources[i], s.targets[i], s.delay_steps[i]);
  };
  std::vector<std::uint64_t> order(s.sources.size());
  std::iota(order.begin(), order.end(), std::uint64_t{0});
  if (std::ranges::is_sorted(order, {}, place)) return;  // as those are that were exported
  std::ranges::stable_sort(order, {}, place);
  const auto ordered = [&](auto& values) {
    std::remove_reference_t<decltype(values)> result;
    result.reserve(values.size());
    for (const std::uint64_t i : order) result.push_back(values[i]);
    values = std::move(result);
  };
  ordered(s.sources);
  ordered(s.targets);
  ordered(s.delay_steps);
  ordered(edges.magnitudes);
}

/// Each edge is a synapse, whose weight and delay are in group 0, in the order of the edges.
WeightSample read_sonata(const hdf5::Group& population, double dt_ms) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint32_t>::max();
  WeightSample sample;
  PlasticSynapses& synapses = sample.weighted.synapses;
  const hdf5::Dataset sources = population.dataset("source_node_id");
  const hdf5::Dataset targets = population.dataset("target_node_id");
  sample.source_population = sources.text_attribute("node_population");
  sample.target_population = targets.text_attribute("node_population");
  synapses.sources = sources.read_indices(kAny, "the index of a source");
  const std::uint64_t n = synapses.sources.size();
  synapses.targets = targets.read_indices(kAny, "the index of a target", n);
  if (population.has_dataset("edge_group_id"))
    static_cast<void>(population.dataset("edge_group_id").read_indices(1, "a group", n));
  if (population.has_dataset("edge_group_index")) {
    const hdf5::Dataset index = population.dataset("edge_group_index");
    const std::vector<std::uint32_t> positions = index.read_indices(kAny, "a position in group 0", n);
    for (std::size_t i = 0; i < positions.size(); ++i)
      if (positions[i] != i)
        refuse(index, value_text(i, positions[i]) + std::to_string(i) + ", the edge itself");
  }
  const hdf5::Group group = population.group("0");
  if (group.has_dataset("nsyns")) {
    const hdf5::Dataset numbers = group.dataset("nsyns");
    const std::vector<double> n_synapses = numbers.read_doubles(n);
    for (std::size_t i = 0; i < n_synapses.size(); ++i)
      if (n_synapses[i] != 1)
        refuse(numbers, value_text(i, n_synapses[i]) + "1: each synapse has a weight of its own");
  }
  synapses.delay_steps.assign(n, 0);
  if (group.has_dataset("delay")) synapses.delay_steps = read_delays(group.dataset("delay"), n, dt_ms);
  const hdf5::Dataset weights = group.dataset("syn_weight");
  std::vector<float>& magnitudes = sample.weighted.magnitudes;
  magnitudes.reserve(n);
  weights.visit_doubles(n, [&](std::span<const double> block) {
    for (const double w : block) {
      if (!(std::fabs(w) <= double{std::numeric_limits<float>::max()}))
        refuse(weights, value_text(magnitudes.size(), w) + "a weight that float32 holds");
      magnitudes.push_back(static_cast<float>(w));
    }
  });
  take_sign(weights, sample);
  sort_edges(sample.weighted);
  return sample;
}

}  // namespace

WeightSample read_weight_sample(const std::filesystem::path& path, const WeightChoice& choice, double dt_ms) {
  const hdf5::File file = hdf5::File::open(path);
  const hdf5::Group root = file.root();
  WeightSample sample;
  if (root.has_group("edges")) {
    const hdf5::Group edges = root.group("edges");
    if (choice.time_ms)
      throw Error(ExitCode::invalid_config,
                  edges.where() + ": edges have one weight each; expected no `time`");
    sample = read_sonata(edges_named(edges, choice.edge_population), dt_ms);
  } else {
    if (!root.has_group("weights"))
      refuse(root, "has neither /weights, of a recording, nor /edges, of SONATA; expected one of them");
    const hdf5::Group weights = root.group("weights");
    if (choice.edge_population)
      throw Error(ExitCode::invalid_config,
                  weights.where() + ": weights that were recorded; expected no `edge_population`");
    sample = read_recorded(weights, choice.time_ms, dt_ms);
  }
  set_extremes(sample);
  sample.digest = digest_of(sample);
  return sample;
}

}  // namespace sharpwave
