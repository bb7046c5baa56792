#include "host/analysis/spike_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "host/base/error.hpp"

namespace sharpwave::analysis {
namespace {

// A table of this many entries is always affordable, and one of as many as eight for each spike is linear.
constexpr std::uint64_t kSmallTable = std::uint64_t{1} << 22;
constexpr std::uint64_t kTableEntriesPerSpike = 8;

std::vector<std::uint32_t> number_by_table(std::vector<std::uint32_t>& ids, std::uint64_t n_entries) {
  std::vector<std::uint32_t> number(n_entries, 0);
  for (const std::uint32_t id : ids) number[id] = 1;
  std::vector<std::uint32_t> fired;
  for (std::uint64_t id = 0; id < n_entries; ++id) {
    if (number[id] == 0) continue;
    number[id] = static_cast<std::uint32_t>(fired.size());
    fired.push_back(static_cast<std::uint32_t>(id));
  }
  for (std::uint32_t& id : ids) id = number[id];
  return fired;
}

std::vector<std::uint32_t> number_by_sorting(std::vector<std::uint32_t>& ids) {
  std::vector<std::uint32_t> fired = ids;
  std::sort(fired.begin(), fired.end());
  fired.erase(std::unique(fired.begin(), fired.end()), fired.end());
  for (std::uint32_t& id : ids) {
    id = static_cast<std::uint32_t>(std::lower_bound(fired.begin(), fired.end(), id) - fired.begin());
  }
  return fired;
}

/// Intervals of one neuron: of whole steps, so that those of a regular train vary by exactly nothing.
struct Intervals {
  std::uint64_t n_spikes = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  unsigned __int128 squares = 0;

  void add(std::uint64_t step) {
    if (n_spikes++ == 0) first = last = step;
    const std::uint64_t interval = step - last;
    squares += static_cast<unsigned __int128>(interval) * interval;
    last = step;
  }

  [[nodiscard]] std::optional<double> cv() const {
    if (n_spikes < 3 || first == last) return std::nullopt;
    const std::uint64_t n = n_spikes - 1;
    const unsigned __int128 sum = last - first;
    // n times the sum of squared deviations; the sum is below 2^40, so the squares are below 2^80.
    const auto deviations = static_cast<double>(squares * n - sum * sum);
    const double variance = deviations / static_cast<double>(n) / static_cast<double>(n - 1);
    return std::sqrt(variance) / (static_cast<double>(sum) / static_cast<double>(n));
  }
};

}  // namespace

std::vector<std::uint32_t> number_those_that_fired(std::vector<std::uint32_t>& ids) {
  if (ids.empty()) return {};
  const std::uint64_t n_entries = std::uint64_t{*std::max_element(ids.begin(), ids.end())} + 1;
  const bool affordable = n_entries <= std::max(kSmallTable, kTableEntriesPerSpike * ids.size());
  return affordable ? number_by_table(ids, n_entries) : number_by_sorting(ids);
}

std::uint64_t steps_of_bin(double bin_ms, double dt_ms) {
  // Limited before the conversion: the quotient may be anything.
  return static_cast<std::uint64_t>(
      std::clamp(std::nearbyint(bin_ms / dt_ms), 1.0, static_cast<double>(kMostSteps)));
}

std::vector<std::uint64_t> spike_counts(const SpikeTrains& trains) {
  std::vector<std::uint64_t> counts(trains.n_fired, 0);
  for (const std::uint32_t neuron : trains.neurons) ++counts[neuron];
  return counts;
}

std::vector<double> isi_cvs(const SpikeTrains& trains) {
  SHARPWAVE_ASSERT(trains.steps.size() == trains.neurons.size());
  std::vector<Intervals> intervals(trains.n_fired);
  for (std::size_t i = 0; i < trains.steps.size(); ++i) intervals[trains.neurons[i]].add(trains.steps[i]);
  std::vector<double> cvs;
  for (const Intervals& of_neuron : intervals) {
    if (const std::optional<double> cv = of_neuron.cv()) cvs.push_back(*cv);
  }
  return cvs;
}

RateOverTime rate_over_time(const SpikeTrains& trains, std::uint64_t most_bins) {
  SHARPWAVE_ASSERT(most_bins > 0);
  RateOverTime rate;
  rate.bin_steps = std::max<std::uint64_t>(1, (trains.n_steps + most_bins - 1) / most_bins);
  if (trains.n_recorded == 0) return rate;
  std::vector<std::uint64_t> counts(trains.n_steps / rate.bin_steps, 0);
  BinsInOrder bins(trains, rate.bin_steps);
  for (const std::uint64_t step : trains.steps) {
    const std::uint64_t bin = bins.of(step);
    if (bin == counts.size()) break;  // not filled
    ++counts[bin];
  }
  const double neuron_s =
      static_cast<double>(trains.n_recorded) * static_cast<double>(rate.bin_steps) * trains.dt_ms / 1000;
  for (const std::uint64_t count : counts) rate.Hz.push_back(static_cast<double>(count) / neuron_s);
  return rate;
}

}  // namespace sharpwave::analysis
