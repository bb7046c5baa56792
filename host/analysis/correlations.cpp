// Pearson's coefficients of binned spike counts.
#include <algorithm>
#include <cmath>

#include "host/analysis/spike_statistics.hpp"
#include "host/base/error.hpp"

namespace sharpwave::analysis {
namespace {

constexpr std::uint32_t kNotChosen = 0xffffffff;

/// Of one neuron's counts in all bins: the sum, and that of squares.
struct Sums {
  std::uint64_t bin = 0;
  std::uint64_t in_bin = 0;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;

  void add_spike(std::uint64_t in) {
    if (in != bin) in_bin = 0;
    bin = in;
    squares += 2 * in_bin + 1;  // (c + 1)^2 - c^2
    ++in_bin;
    ++sum;
  }
  /// n^2 times the variance, over n.
  [[nodiscard]] unsigned __int128 variance(std::uint64_t n_bins) const {
    return static_cast<unsigned __int128>(squares) * n_bins - static_cast<unsigned __int128>(sum) * sum;
  }
};

/// Calls visit(bin, neuron) for each spike that lies in a bin that the run filled.
template <class Visit>
void for_each_binned_spike(const SpikeTrains& trains, std::uint64_t bin_steps, Visit visit) {
  const std::uint64_t n_bins = trains.n_steps / bin_steps;
  BinsInOrder bins(trains, bin_steps);
  for (std::size_t i = 0; i < trains.steps.size(); ++i) {
    const std::uint64_t bin = bins.of(trains.steps[i]);
    if (bin == n_bins) break;
    visit(bin, trains.neurons[i]);
  }
}

/// Sums over bins of the products of the counts of two neurons: of the few that fired in a bin, instead of
/// a matrix with a column for every bin.
class Products {
 public:
  explicit Products(std::size_t n) : n_(n), counts_(n, 0), sums_(n * n, 0) {}

  void add_spike(std::uint64_t bin, std::uint32_t slot) {
    if (bin != bin_) finish_bin();
    bin_ = bin;
    if (counts_[slot]++ == 0) active_.push_back(slot);
  }
  void finish_bin() {
    std::sort(active_.begin(), active_.end());
    for (std::size_t i = 0; i < active_.size(); ++i) {
      const std::uint64_t count = counts_[active_[i]];
      std::uint64_t* const row = sums_.data() + active_[i] * n_;
      for (std::size_t j = i + 1; j < active_.size(); ++j) row[active_[j]] += count * counts_[active_[j]];
    }
    for (const std::uint32_t slot : active_) counts_[slot] = 0;
    active_.clear();
  }
  /// Of slots a < b, once the last bin is finished.
  [[nodiscard]] std::uint64_t sum(std::size_t a, std::size_t b) const { return sums_[a * n_ + b]; }

 private:
  std::size_t n_;
  std::uint64_t bin_ = 0;
  std::vector<std::uint64_t> counts_;  // in this bin
  std::vector<std::uint32_t> active_;  // those above 0
  std::vector<std::uint64_t> sums_;    // [n][n], above the diagonal
};

std::vector<std::uint32_t> evenly_spread(const std::vector<std::uint32_t>& candidates, std::uint64_t most) {
  const std::uint64_t n = std::min<std::uint64_t>(most, candidates.size());
  std::vector<std::uint32_t> chosen(n);
  for (std::uint64_t i = 0; i < n; ++i) chosen[i] = candidates[i * candidates.size() / n];
  return chosen;
}

}  // namespace

Correlations pairwise_correlations(const SpikeTrains& trains, double bin_ms, std::uint64_t most_neurons) {
  SHARPWAVE_ASSERT(trains.steps.size() == trains.neurons.size());
  Correlations result;
  result.bin_steps = steps_of_bin(bin_ms, trains.dt_ms);
  const std::uint64_t n_bins = trains.n_steps / result.bin_steps;

  std::vector<Sums> sums(trains.n_fired);
  for_each_binned_spike(trains, result.bin_steps,
                        [&](std::uint64_t bin, std::uint32_t neuron) { sums[neuron].add_spike(bin); });
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t neuron = 0; neuron < sums.size(); ++neuron) {
    if (sums[neuron].variance(n_bins) > 0) candidates.push_back(neuron);
  }
  result.neurons = evenly_spread(candidates, most_neurons);
  const std::size_t n = result.neurons.size();

  std::vector<std::uint32_t> slot_of(trains.n_fired, kNotChosen);
  for (std::size_t slot = 0; slot < n; ++slot) {
    slot_of[result.neurons[slot]] = static_cast<std::uint32_t>(slot);
  }
  Products products(n);
  for_each_binned_spike(trains, result.bin_steps, [&](std::uint64_t bin, std::uint32_t neuron) {
    if (slot_of[neuron] != kNotChosen) products.add_spike(bin, slot_of[neuron]);
  });
  products.finish_bin();

  for (std::size_t a = 0; a < n; ++a) {
    const Sums& of_a = sums[result.neurons[a]];
    for (std::size_t b = a + 1; b < n; ++b) {
      const Sums& of_b = sums[result.neurons[b]];
      const __int128 covariance =
          static_cast<__int128>(products.sum(a, b)) * n_bins - static_cast<__int128>(of_a.sum) * of_b.sum;
      // One root of the product: of identical trains the coefficient is exactly 1.
      const double scale =
          std::sqrt(static_cast<double>(of_a.variance(n_bins)) * static_cast<double>(of_b.variance(n_bins)));
      result.coefficients.push_back(std::clamp(static_cast<double>(covariance) / scale, -1.0, 1.0));
    }
  }
  return result;
}

}  // namespace sharpwave::analysis
