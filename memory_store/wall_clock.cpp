#include "memory_store/wall_clock.hpp"

#include <fmt/chrono.h>

namespace sharpwave::memory {

std::string moment(std::int64_t us) {
  const std::chrono::sys_seconds seconds = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(us)));
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

}  // namespace sharpwave::memory
