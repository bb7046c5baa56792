// How many steps of input fit an owner's shared memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

#include "cuda/device_model.hpp"
#include "kernels/owner_views.hpp"

namespace sharpwave::device {

struct OwnerWindows {
  bool fit = false;  ///< else not even a step of each receptor does
  std::uint32_t near_steps[kMaxReceptors] = {1, 1};
  double far_share = 0;  ///< of the synapses, expected
};

/// Synapses with longer delays than `near_steps`, expected.
inline double far_synapses(const OwnersModel& model, const OwnerWindows& windows) {
  double far = 0;
  for (int r = 0; r < kMaxReceptors; ++r) {
    const std::vector<double>& by_delay = model.synapses[r];
    for (std::size_t d = windows.near_steps[r]; d < by_delay.size(); ++d) far += by_delay[d];
  }
  return far;
}

/// Windows that leave as few synapses as possible beyond them: all delays, or without those last steps that
/// fewest synapses have.
/// @param sizes  but `window_rows`.
inline OwnerWindows fit_windows(const OwnersModel& model, std::uint32_t n_receptors, OwnerSizes sizes) {
  OwnerWindows windows;
  sizes.window_rows = 0;
  const std::uint64_t fixed = owner_layout(sizes).end;
  const std::uint64_t row = std::uint64_t{sizes.cells_per_step} * sizes.acc_bytes;
  const std::uint64_t n_rows = fixed < model.shared_bytes ? (model.shared_bytes - fixed) / row : 0;
  windows.fit = n_rows >= n_receptors;
  if (!windows.fit) return windows;
  for (std::uint32_t r = 0; r < n_receptors; ++r)
    windows.near_steps[r] = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(model.synapses[r].size()));
  const auto last = [&](std::uint32_t r) {
    return windows.near_steps[r] > 1 ? model.synapses[r][windows.near_steps[r] - 1]
                                     : std::numeric_limits<double>::infinity();
  };
  const auto rows = [&] {
    return std::accumulate(windows.near_steps, windows.near_steps + n_receptors, std::uint64_t{0});
  };
  while (rows() > n_rows) {
    const std::uint32_t shorter = n_receptors > 1 && last(1) < last(0) ? 1 : 0;
    --windows.near_steps[shorter];
  }
  double all = 0;
  for (const std::vector<double>& by_delay : model.synapses)
    all = std::accumulate(by_delay.begin(), by_delay.end(), all);
  windows.far_share = all > 0 ? far_synapses(model, windows) / all : 0;
  return windows;
}

}  // namespace sharpwave::device
