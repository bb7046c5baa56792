// The random numbers of the whole program: Philox 4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random
// numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405). A draw is a pure function of
// (purpose, seed, object, index, draw), so it does not depend on who draws it, or in which order.
#pragma once

#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

/// What a stream is drawn for. The key of a stream is the first 64 bits of SHA-256 over (purpose_name, seed,
/// object name), so the names below are part of every result: never change one.
enum class RandomPurpose {
  neuron_parameter,
  initial_value,
  connection,  ///< what a rule draws before its rows: sources, in-degrees
  synapse,     ///< words 0 and 3: target; 1: weight; 2: delay
  poisson_input,
  poisson_source,
  noise_input,
  mip_mother,      ///< events of the train that the targets of a `mip` input share
  mip_copy,        ///< which of them reach a target
  trigger,         ///< after how long a coincidence of spikes is rewarded
  trial_order,     ///< of the items of a protocol's phase
  missing_pixels,  ///< of the images of a stimulus
  window_shuffle,  ///< of the neurons of a window, which the memory's threshold of similarity is held against
  projection_of_counts,  ///< of a memory's embeddings: where a neuron's spikes go, and with which sign
};

constexpr const char* purpose_name(RandomPurpose purpose) {
  switch (purpose) {
    case RandomPurpose::neuron_parameter:
      return "neuron_parameter";
    case RandomPurpose::initial_value:
      return "initial_value";
    case RandomPurpose::connection:
      return "connection";
    case RandomPurpose::synapse:
      return "synapse";
    case RandomPurpose::poisson_input:
      return "poisson_input";
    case RandomPurpose::poisson_source:
      return "poisson_source";
    case RandomPurpose::noise_input:
      return "noise_input";
    case RandomPurpose::mip_mother:
      return "mip_mother";
    case RandomPurpose::mip_copy:
      return "mip_copy";
    case RandomPurpose::trigger:
      return "trigger";
    case RandomPurpose::trial_order:
      return "trial_order";
    case RandomPurpose::missing_pixels:
      return "missing_pixels";
    case RandomPurpose::window_shuffle:
      return "window_shuffle";
    case RandomPurpose::projection_of_counts:
      return "projection_of_counts";
  }
  return "";
}

struct PhiloxKey {
  std::uint32_t k0, k1;
  constexpr bool operator==(const PhiloxKey&) const = default;
};

/// Four independent words, each uniform over all 32-bit values.
struct PhiloxBlock {
  std::uint32_t w0, w1, w2, w3;
  constexpr bool operator==(const PhiloxBlock&) const = default;
};

/// The ten rounds, on one counter or on a vector of them: a lane is 64 bits wide and holds a word in its
/// lower half. What is in the upper halves of c0 and c2 is never read, and that of c1 and c3 only reaches
/// those. `low_product(a, m)` multiplies the lower halves of `a` by `m`, to 64 bits.
template <class Lane, class LowProduct>
SHARPWAVE_HD constexpr void philox_rounds(PhiloxKey key, Lane& c0, Lane& c1, Lane& c2, Lane& c3,
                                          LowProduct low_product) {
  constexpr std::uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;  // golden ratio, sqrt(3) - 1
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const Lane p0 = low_product(c0, kMultiplier0);
    const Lane p1 = low_product(c2, kMultiplier1);
    c0 = (p1 >> 32) ^ c1 ^ std::uint64_t{key.k0};
    c1 = p1;
    c2 = (p0 >> 32) ^ c3 ^ std::uint64_t{key.k1};
    c3 = p0;
    key.k0 += kWeyl0;
    key.k1 += kWeyl1;
  }
}

struct LowProduct {
  SHARPWAVE_HD constexpr std::uint64_t operator()(std::uint64_t a, std::uint32_t m) const {
    return (a & 0xFFFFFFFFU) * m;
  }
};

/// The block of element `index` and draw (or step) `draw`.
/// The counter words are (index low, index high, draw low, draw high).
SHARPWAVE_HD constexpr PhiloxBlock philox4x32_10(PhiloxKey key, std::uint64_t index, std::uint64_t draw) {
  std::uint64_t c0 = index, c1 = index >> 32, c2 = draw, c3 = draw >> 32;
  philox_rounds(key, c0, c1, c2, c3, LowProduct{});
  return {static_cast<std::uint32_t>(c0), static_cast<std::uint32_t>(c1), static_cast<std::uint32_t>(c2),
          static_cast<std::uint32_t>(c3)};
}

}  // namespace sharpwave
