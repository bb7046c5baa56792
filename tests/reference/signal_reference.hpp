// What a memory should be told of the spikes of one population, worked out anew for each window from all
// spikes, in double and without a state that goes on. It shares no code and no formula with the product.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace sharpwave::reference {

/// Of neuron `second` in step `first` (> 0); in any order.
using Train = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

struct SignalSetup {
  std::uint32_t n_neurons = 1;
  std::uint64_t n_steps = 0;
  std::uint64_t warm_up_steps = 0;
  double dt_ms = 0.1;
  std::uint64_t bin_steps = 50;
  std::uint64_t settle = 10;
  // Of ripples.
  double factor = 3;
  std::uint64_t shortest_bins = 3;
  std::uint64_t longest_bins = 40;
};

struct ExpectedSignal {
  std::uint64_t begin_step = 0;
  std::uint64_t end_step = 0;
  std::uint64_t n_spikes = 0;
  double rate_Hz = 0;
  double synchrony = 0;
  double burst = 0;
  std::vector<double> embedding;  ///< [neuron], of length 1
};

/// Steps after the first up to and including the second.
using Spans = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

/// One signal for each span that makes one; the spans ascend, and mean and deviation are of those so far.
[[nodiscard]] std::vector<ExpectedSignal> signals_of(const Train& train, const SignalSetup& setup,
                                                     const Spans& spans);

/// Where the ripples are, short ones left out, and the burst strength of each.
[[nodiscard]] std::pair<Spans, std::vector<double>> ripples_of(const Train& train, const SignalSetup& setup);

}  // namespace sharpwave::reference
