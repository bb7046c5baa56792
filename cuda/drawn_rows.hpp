// Rows of a network that are drawn where they will be used. Plain C++: CUDA's language stays behind this
// header. What the fields of kernels/drawn_views.hpp mean is said there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/drawn_views.hpp"

namespace sharpwave::device {

struct NetworkModel;

/// A projection whose pairs are drawn on a device.
struct PairsModel {
  DrawnPairs pairs;                       ///< without its pointers
  std::vector<std::uint32_t> outdegrees;  ///< where the rule has them from the start, else empty
};

/// A projection among the rows of its sources.
struct ValuesModel {
  std::size_t projection = 0;
  std::uint32_t source_class = 0;
  DrawnValues values;           ///< without its bits
  std::int32_t pair_bits = -1;  ///< index into NetworkModel::pair_bits, or synapses
};

/// What came of all.
struct DrawnTotals {
  std::vector<std::uint32_t> outdegrees;             ///< [n_sources] of the network
  std::vector<std::vector<std::uint32_t>> arrivals;  ///< [projection] as DrawnSynapses has them
  std::uint64_t connectivity_sum = 0;
};

/// Who is connected to whom is drawn when this is made.
class DrawnRows {
 public:
  virtual ~DrawnRows() = default;
  DrawnRows() = default;
  DrawnRows(const DrawnRows&) = delete;
  DrawnRows& operator=(const DrawnRows&) = delete;

  /// Synapses of each element of the target slice.
  [[nodiscard]] virtual std::vector<std::uint32_t> indegrees(std::size_t projection) = 0;
  /// Draws what the synapses are, once, and lets go of what is needed for that only.
  /// @param network  without rows; its precision, its classes and the sizes of its connections are looked at.
  [[nodiscard]] virtual DrawnTotals fill(const NetworkModel& network, std::uint32_t n_sources,
                                         std::span<const ValuesModel> values) = 0;
  /// Of what fill() has filled.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
};

/// @throws RuntimeError.
[[nodiscard]] std::shared_ptr<DrawnRows> draw_rows(const std::vector<PairsModel>& projections);

}  // namespace sharpwave::device
