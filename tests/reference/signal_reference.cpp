#include "tests/reference/signal_reference.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace sharpwave::reference {
namespace {

double count(const Train& train, std::uint64_t after, std::uint64_t until, std::uint32_t neuron) {
  return static_cast<double>(std::count_if(train.begin(), train.end(), [&](const auto& spike) {
    return spike.first > after && spike.first <= until && spike.second == neuron;
  }));
}

double largest_share(const Train& train, const SignalSetup& setup, std::uint64_t after, std::uint64_t until) {
  std::size_t most = 0;
  for (std::uint64_t begin = after; begin < until; begin += setup.bin_steps) {
    std::set<std::uint32_t> fired;
    for (const auto& [step, neuron] : train)
      if (step > begin && step <= std::min(until, begin + setup.bin_steps)) fired.insert(neuron);
    most = std::max(most, fired.size());
  }
  return static_cast<double>(most) / setup.n_neurons;
}

}  // namespace

std::vector<ExpectedSignal> signals_of(const Train& train, const SignalSetup& setup, const Spans& spans) {
  std::vector<std::vector<double>> counts;  // [span][neuron]
  std::vector<ExpectedSignal> signals;
  for (const auto& [after, until] : spans) {
    std::vector<double>& now = counts.emplace_back();
    for (std::uint32_t i = 0; i < setup.n_neurons; ++i) now.push_back(count(train, after, until, i));
    const auto n = static_cast<double>(counts.size());
    ExpectedSignal signal{.begin_step = after, .end_step = until};
    double square = 0;
    for (std::uint32_t i = 0; i < setup.n_neurons; ++i) {
      double mean = 0;
      for (const auto& window : counts) mean += window[i] / n;
      double variance = 0;
      for (const auto& window : counts) variance += (window[i] - mean) * (window[i] - mean) / (n - 1);
      signal.embedding.push_back(n > 1 && variance > 1e-12 ? (now[i] - mean) / std::sqrt(variance) : 0);
      square += signal.embedding.back() * signal.embedding.back();
      signal.n_spikes += static_cast<std::uint64_t>(now[i]);
    }
    if (after < setup.warm_up_steps || counts.size() <= setup.settle || signal.n_spikes == 0 || square == 0)
      continue;
    for (double& value : signal.embedding) value /= std::sqrt(square);
    signal.rate_Hz = static_cast<double>(signal.n_spikes) * 1000 /
                     (static_cast<double>(until - after) * setup.dt_ms * setup.n_neurons);
    signal.synchrony = largest_share(train, setup, after, until);
    signals.push_back(std::move(signal));
  }
  return signals;
}

std::pair<Spans, std::vector<double>> ripples_of(const Train& train, const SignalSetup& setup) {
  std::vector<double> bins;
  for (std::uint64_t begin = 0; begin + setup.bin_steps <= setup.n_steps; begin += setup.bin_steps)
    bins.push_back(static_cast<double>(std::count_if(train.begin(), train.end(), [&](const auto& spike) {
      return spike.first > begin && spike.first <= begin + setup.bin_steps;
    })));
  const auto over = [&](std::size_t b) {
    double sum = 0;
    for (std::size_t k = 0; k < b; ++k) sum += bins[k];
    const double threshold = setup.factor * sum / static_cast<double>(b);
    return b >= 100 && bins[b] > threshold ? bins[b] / threshold : 0;
  };
  std::pair<Spans, std::vector<double>> ripples;
  for (std::size_t b = 0; b < bins.size();) {
    std::size_t end = b;
    double burst = 0;
    while (end < bins.size() && end - b < setup.longest_bins && over(end) > 0)
      burst = std::max(burst, over(end++));
    // One that reaches the last bin has not been seen to end, unless it is as long as it can be.
    const bool has_ended = end < bins.size() || end - b == setup.longest_bins;
    if (has_ended && end - b >= setup.shortest_bins) {
      ripples.first.emplace_back(b * setup.bin_steps, end * setup.bin_steps);
      ripples.second.push_back(burst);
    }
    b = std::max(end, b + 1);
  }
  return ripples;
}

}  // namespace sharpwave::reference
