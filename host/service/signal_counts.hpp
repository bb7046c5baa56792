#pragma once

#include <atomic>
#include <cstdint>

namespace sharpwave::service {

/// What became of the signals of runs.
struct SignalCounts {
  std::atomic<std::uint64_t> taken{0};    ///< in a space, on the disk
  std::atomic<std::uint64_t> held{0};     ///< not yet
  std::atomic<std::uint64_t> refused{0};  ///< lost, for there was no room to hold them
};

}  // namespace sharpwave::service
