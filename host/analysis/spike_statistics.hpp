// Statistics of the recorded spikes of one population: pure functions, which know nothing of files. What each
// figure means is in docs/formats/statistics.md.
//
// All of them pass over the spikes once or twice, in order, and take memory for the neurons that fired and
// for what they return; a bin or a neuron without spikes costs nothing. Results do not depend on threads
// (there is one). Every count, interval and product of them is summed in integers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sharpwave::analysis {

/// Steps of a run are at most this: three years in steps of 0.1 ms, and squares of it fit into 128 bits.
inline constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 40;

/// Spikes, and of what they are: what every function here takes. Views: valid as long as what they show.
struct SpikeTrains {
  std::span<const std::uint64_t> steps;  ///< [n_spikes] first_step < step <= first_step + n_steps; no descent
  std::span<const std::uint32_t> neurons;  ///< [n_spikes] 0 .. n_fired - 1, each of which occurs
  std::uint64_t n_fired = 0;               ///< neurons with at least one spike
  std::uint64_t n_recorded = 0;            ///< those and the silent ones
  std::uint64_t first_step = 0;            ///< after which recording began: the end of the warm-up
  std::uint64_t n_steps = 0;               ///< recorded, at most kMostSteps
  double dt_ms = 0;
};

/// Numbers neurons from 0 in the order of their ids, leaving out those that did not fire.
/// @param[in,out] ids  [n_spikes] in: of each spike, the id; out: its number.
/// @return [n_fired] the ids, ascending.
/// Memory for the spikes, however large an id is.
[[nodiscard]] std::vector<std::uint32_t> number_those_that_fired(std::vector<std::uint32_t>& ids);

/// How many steps come nearest to a bin of `bin_ms`; at least one.
[[nodiscard]] std::uint64_t steps_of_bin(double bin_ms, double dt_ms);

/// @return [n_fired] spikes of each neuron.
[[nodiscard]] std::vector<std::uint64_t> spike_counts(const SpikeTrains& trains);

/// Coefficients of variation of inter-spike intervals, of the neurons that have one: three spikes, not all in
/// one step (sources may fire several times in a step). In the order of the neurons.
[[nodiscard]] std::vector<double> isi_cvs(const SpikeTrains& trains);

struct RateOverTime {
  std::uint64_t bin_steps = 1;
  std::vector<double> Hz;  ///< mean of the recorded neurons in each bin that the run filled
};
/// In bins as long as needed for at most `most_bins` of them. No bins where no neuron is recorded.
[[nodiscard]] RateOverTime rate_over_time(const SpikeTrains& trains, std::uint64_t most_bins = 1000);

struct Correlations {
  std::uint64_t bin_steps = 1;
  std::vector<std::uint32_t> neurons;  ///< the chosen ones, ascending
  std::vector<double> coefficients;    ///< [pairs] of neurons 0 and 1, 0 and 2, ..., 1 and 2, ...
};
/// Pearson's coefficients of spike counts, between neurons that are evenly spread over those whose counts
/// vary: of m candidates the neurons floor(i m / n), i = 0 .. n - 1. Bins that the run did not fill are left
/// out. Takes time for the spikes, and n of it for those of the chosen neurons.
[[nodiscard]] Correlations pairwise_correlations(const SpikeTrains& trains, double bin_ms = 2,
                                                 std::uint64_t most_neurons = 250);

struct PowerSpectrum {
  std::uint64_t bin_steps = 1;
  std::uint64_t segment_bins = 0;
  std::uint64_t segments = 0;
  std::vector<double> Hz2_per_Hz;  ///< [segment_bins / 2] at k / (segment_bins bins), k = 1, 2, ...
};
/// One-sided power spectral density of the mean rate of the recorded neurons, by Welch's method
/// (doi:10.1109/TAU.1967.1161901): periodic Hann windows that overlap by half, the mean of each segment taken
/// off, as scipy.signal.welch does it. Segments have the largest power of two of bins that fits, at most
/// `most_segment_bins`, itself a power of two. None where the run did not fill `least_bins` bins, of at least
/// two, or no neuron is recorded.
[[nodiscard]] std::optional<PowerSpectrum> power_spectrum(const SpikeTrains& trains, double bin_ms = 1,
                                                          std::uint64_t most_segment_bins = 1024,
                                                          std::uint64_t least_bins = 64);

/// Bins of some steps, for steps that come in order: no division where the bin stays the same.
class BinsInOrder {
 public:
  BinsInOrder(const SpikeTrains& trains, std::uint64_t bin_steps)
      : first_(trains.first_step + 1), bin_steps_(bin_steps) {}
  [[nodiscard]] std::uint64_t of(std::uint64_t step) {
    const std::uint64_t offset = step - first_;
    if (offset >= end_) {
      bin_ = offset / bin_steps_;
      end_ = (bin_ + 1) * bin_steps_;
    }
    return bin_;
  }

 private:
  std::uint64_t first_;
  std::uint64_t bin_steps_;
  std::uint64_t bin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace sharpwave::analysis
