// Where a step's spikes of files lie.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// The first entry of the files' spikes at or after `step`.
template <class Acc>
__device__ inline std::uint64_t first_file_spike(const Instance<Acc>& own, std::uint64_t step) {
  std::uint64_t begin = 0;
  for (std::uint64_t end = own.n_file_spikes; begin < end;) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    if (own.file_spikes[middle].step < step)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

}  // namespace sharpwave::device
