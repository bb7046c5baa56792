// What the neurons of a population did in a window, or in a ripple, as a memory is told.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/sha256.hpp"
#include "kernels/neuromodulation.hpp"

namespace sharpwave {

enum class SignalKind : std::uint32_t { window, ripple };

struct Signal {
  static constexpr std::uint32_t kNothing = 0xffffffff;

  SignalKind kind = SignalKind::window;
  std::uint32_t stream = 0;  ///< of MemorySpec::populations
  std::uint64_t number = 0;  ///< of that stream, from 1
  std::uint64_t begin_step = 0;
  std::uint64_t end_step = 0;      ///< steps begin_step + 1 to end_step
  std::uint32_t item = kNothing;   ///< of a protocol, that was presented
  std::uint32_t label = kNothing;  ///< of the item
  std::vector<float> embedding{};  ///< of length 1
  std::uint64_t n_spikes = 0;
  double mean_rate_Hz = 0;
  double synchrony = 0;      ///< share of the neurons that fire in the best 5 ms
  double burst = 0;          ///< highest rate of a bin over its threshold; 0 of windows
  double weight_change = 0;  ///< sum of |dw|
  double eligibility = 0;    ///< sum of the absolute traces
  ModulatorLevels levels{};
};

/// The next value of the chain: SHA-256 of the one before and of all that the signal says.
[[nodiscard]] Sha256::Digest chained(Sha256& hash, const Sha256::Digest& before, const Signal& signal);

}  // namespace sharpwave
