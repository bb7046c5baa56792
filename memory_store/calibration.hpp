// From which cosine on two windows are alike, rather than alike by chance.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sharpwave::memory {

/// Of the largest cosine of each shuffled window to any other: how alike unrelated windows of such values
/// look.
struct Calibration {
  std::uint64_t n_windows = 0;
  double median = 0;
  double q90 = 0;
  double q99 = 0;
  double q999 = 0;  ///< of fewer than 1,000 windows the largest
  double largest = 0;
  double threshold = 0;  ///< the larger of what was asked for and q999
  /// Share of the windows as they came that another one is as near to as the threshold.
  double share_alike = 0;
};

inline constexpr std::uint64_t kMostCalibrationWindows = 10'000;

/// Shuffles the values of each window, that is the identities of its neurons, each window in its own order,
/// and looks how alike they are then. Of n unrelated windows 0.1 % have a neighbour beyond q999, so that a
/// store of as many items takes hardly a new pattern for a replay.
///
/// @param windows     [n, dimension]: embeddings as the memory gets them; n from 2 to
/// kMostCalibrationWindows.
/// @param least       threshold asked for; what unrelated windows do not reach does not lower it.
/// @param seed, name  of the draws: of the run, and the population's.
/// @throws Error(usage) where a window is no embedding, naming it, or their number is outside of its range.
/// A quantile q is the smallest of the n values that at least q * n of them do not exceed. O(n² * dimension).
[[nodiscard]] Calibration calibrate(std::span<const float> windows, std::uint32_t dimension, double least,
                                    std::uint64_t seed, std::string_view name);

}  // namespace sharpwave::memory
