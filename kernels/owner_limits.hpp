// What a device allows the kernel whose blocks own neurons (run_owners.cuh).
#pragma once

#include <cstdint>

namespace sharpwave {

/// Thread blocks that wait for each other: how many at once, one on each multiprocessor (0: none can), and
/// the shared memory that each may have.
struct OwnerLimits {
  std::uint32_t n_owners = 0;
  std::uint64_t shared_bytes = 0;
};

}  // namespace sharpwave
