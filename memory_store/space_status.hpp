// What there is to say about a space.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "memory_store/records.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

struct SpaceStatus {
  static constexpr std::size_t kBins = 20;

  std::uint64_t n_items = 0;
  std::array<std::uint64_t, 3> by_type{};     ///< as ItemType counts
  std::array<std::uint64_t, 4> by_band{};     ///< as Band counts
  double mean_kappa = 0;                      ///< 0 without items
  double sd_kappa = 0;                        ///< of all items, not of a sample
  std::array<std::uint64_t, kBins> kappa{};   ///< items in [i, i + 1) / kBins, those of κ = 1 in the last
  std::uint64_t cycle = 0;                    ///< cycles so far
  std::uint64_t changes_since_cycle = 0;      ///< how far behind consolidation is; does not grow while idle
  std::map<std::string, PhaseRecord> phases;  ///< by name, of those that ran
  std::map<std::string, std::uint64_t> rejected;  ///< inputs so far, by reason
  std::uint64_t gated = 0;                        ///< signals that came while the gate was closed
};

/// Each figure is as of one moment, all together need not be where the space changes meanwhile.
/// @throws Error(damaged_data). O(items).
[[nodiscard]] SpaceStatus status_of(const Space& space);

}  // namespace sharpwave::memory
