// Where a step's spikes of files lie.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// The first entry at or after `step`.
__device__ inline std::uint64_t first_file_spike(const FileSpikes& list, std::uint64_t step) {
  std::uint64_t begin = 0;
  for (std::uint64_t end = list.n; begin < end;) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    if (list.spikes[middle].step < step)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

}  // namespace sharpwave::device
