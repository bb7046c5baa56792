#include "host/report/pair_changes.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace sharpwave::report {
namespace {

// An experiment with pairs has few spikes; of a network at work not even the files are read.
constexpr std::uint64_t kMostPairSpikes = 200'000;
constexpr std::size_t kMostPoints = 1'000;

/// Steps of the spikes of each neuron that fired.
using Trains = std::map<std::uint32_t, std::vector<std::int64_t>>;

std::optional<Trains> trains_of(const analysis::RecordedRun& run, const std::string& name) {
  const analysis::PopulationRecord* population = run.population(name);
  if (population == nullptr || population->recorded < population->size ||
      population->spikes > kMostPairSpikes)
    return {};
  const analysis::Spikes spikes = analysis::read_spikes(run, *population);
  Trains trains;
  for (std::size_t i = 0; i < spikes.steps.size(); ++i)
    trains[spikes.fired[spikes.neurons[i]]].push_back(static_cast<std::int64_t>(spikes.steps[i]));
  return trains;
}

bool is_within(const Trains& trains, double dt_ms, double start_ms, double stop_ms) {
  return std::ranges::all_of(trains, [&](const auto& train) {
    return static_cast<double>(train.second.front()) * dt_ms > start_ms &&
           static_cast<double>(train.second.back()) * dt_ms <= stop_ms;
  });
}

/// From each spike of the one to that of the other; nothing where it differs, or their numbers do.
std::optional<std::int64_t> lag_of(const std::vector<std::int64_t>& source,
                                   const std::vector<std::int64_t>& target) {
  if (source.size() != target.size()) return {};
  const std::int64_t lag = target.front() - source.front();
  for (std::size_t i = 0; i < source.size(); ++i)
    if (target[i] - source[i] != lag) return {};
  return lag;
}

}  // namespace

Json pair_changes(const analysis::RecordedRun& run, const WeightsTwice& weights) {
  const auto sources = trains_of(run, weights.source);
  const auto targets = sources ? trains_of(run, weights.target) : std::nullopt;
  if (!targets || !is_within(*sources, run.dt_ms, weights.start_ms, weights.stop_ms) ||
      !is_within(*targets, run.dt_ms, weights.start_ms, weights.stop_ms))
    return nullptr;
  std::size_t n_pairs = 0;
  std::vector<double> lags_ms;
  std::vector<double> changes;
  const std::size_t n = weights.sources.size();
  const std::size_t stride = (n + kMostPoints - 1) / kMostPoints;
  for (std::size_t k = 0; k < n; ++k) {
    const auto source = sources->find(weights.sources[k]);
    const auto target = targets->find(weights.targets[k]);
    if (source == sources->end() || target == targets->end()) return nullptr;
    const auto lag = lag_of(source->second, target->second);
    if (!lag || (k > 0 && source->second.size() != n_pairs)) return nullptr;
    n_pairs = source->second.size();
    if (k % stride != 0) continue;
    lags_ms.push_back(static_cast<double>(*lag) * run.dt_ms);
    changes.push_back((static_cast<double>(weights.last[k]) - static_cast<double>(weights.first[k])) /
                      static_cast<double>(n_pairs));
  }
  return {{"per_synapse", n_pairs}, {"synapses", n}, {"lag_ms", lags_ms}, {"change", changes}};
}

}  // namespace sharpwave::report
