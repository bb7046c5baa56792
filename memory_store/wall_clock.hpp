// The time of day, for records. What is decided does not depend on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sharpwave::memory {

/// Microseconds since 1970, UTC.
[[nodiscard]] inline std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// "2026-11-30T14:05:00Z", of microseconds since 1970.
[[nodiscard]] std::string moment(std::int64_t us);

}  // namespace sharpwave::memory
