// How many cycles of consolidation a space has been through.
#pragma once

#include <cstdint>

#include "memory_store/transaction.hpp"

namespace sharpwave::memory {

inline constexpr const char* kCycleKey = "cycle";

/// Cycles that came to their end. What is made, read or replayed before the next one ends is of this number.
[[nodiscard]] inline std::uint64_t cycle_number(const Transaction& change) {
  return change.number(kCycleKey);
}

}  // namespace sharpwave::memory
