// One run of a phase: what it has done, and the record of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "memory_store/records.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

class PhaseRun {
 public:
  /// @param space  outlives it.
  PhaseRun(Space& space, const char* name, std::stop_token stop);

  PhaseCounts counts;
  [[nodiscard]] std::int64_t began_us() const { return began_us_; }

  /// Writes the record, with what `more` does in the same change; nothing where the phase was stopped.
  /// Returns the counts. @throws as Space::commit().
  PhaseCounts finish(const std::function<void(Transaction&)>& more = nullptr);

 private:
  Space& space_;
  std::string key_;
  std::stop_token stop_;
  std::int64_t began_us_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace sharpwave::memory
