#include "memory_store/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/stream_key.hpp"
#include "kernels/dot_product.hpp"
#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory {

namespace {

using Windows = std::vector<std::vector<float>>;

Windows read_windows(std::span<const float> values, std::uint32_t dimension) {
  const std::size_t n = dimension > 0 ? values.size() / dimension : 0;
  if (n * dimension != values.size() || n < 2 || n > kMostCalibrationWindows)
    throw Error(ExitCode::usage, fmt::format("{} values of windows of dimension {}, expected 2 to {} windows",
                                             values.size(), dimension, kMostCalibrationWindows));
  Windows windows;
  for (std::size_t i = 0; i < n; ++i) {
    try {
      windows.push_back(unit_vector(values.subspan(i * dimension, dimension), dimension));
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("window {} of {}: {}", i, n, error.what()));
    }
  }
  return windows;
}

/// In the order of 64-bit draws, one for each value.
std::vector<float> shuffled(const std::vector<float>& window, PhiloxKey key, std::uint64_t number) {
  std::vector<std::pair<std::uint64_t, std::size_t>> drawn;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const PhiloxBlock words = philox4x32_10(key, i, number);
    drawn.emplace_back(std::uint64_t{words.w1} << 32 | words.w0, i);
  }
  std::ranges::sort(drawn);
  std::vector<float> result;
  for (const auto& [draw, i] : drawn) result.push_back(window[i]);
  return result;
}

/// Of each to any other; [n].
std::vector<double> largest_cosines(const Windows& windows) {
  std::vector<double> largest(windows.size(), -1);
  for (std::size_t i = 0; i < windows.size(); ++i)
    for (std::size_t k = i + 1; k < windows.size(); ++k) {
      const auto cosine = static_cast<double>(
          dot_product(windows[i].data(), windows[k].data(), static_cast<std::uint32_t>(windows[i].size())));
      largest[i] = std::max(largest[i], cosine);
      largest[k] = std::max(largest[k], cosine);
    }
  return largest;
}

}  // namespace

Calibration calibrate(std::span<const float> values, std::uint32_t dimension, double least,
                      std::uint64_t seed, std::string_view name) {
  Windows windows = read_windows(values, dimension);
  const std::vector<double> real = largest_cosines(windows);
  const PhiloxKey key = stream_key(RandomPurpose::window_shuffle, seed, name);
  for (std::size_t i = 0; i < windows.size(); ++i) windows[i] = shuffled(windows[i], key, i);
  std::vector<double> largest = largest_cosines(windows);
  std::ranges::sort(largest);
  const auto n = static_cast<double>(largest.size());
  const auto quantile = [&](double q) {
    return largest[static_cast<std::size_t>(std::max(1.0, std::ceil(q * n))) - 1];
  };
  Calibration calibration{.n_windows = largest.size(),
                          .median = quantile(.5),
                          .q90 = quantile(.9),
                          .q99 = quantile(.99),
                          .q999 = quantile(.999),
                          .largest = largest.back()};
  calibration.threshold = std::clamp(calibration.q999, least, 1.0);
  const auto n_alike = std::ranges::count_if(real, [&](double x) { return x >= calibration.threshold; });
  calibration.share_alike = static_cast<double>(n_alike) / n;
  return calibration;
}

}  // namespace sharpwave::memory
