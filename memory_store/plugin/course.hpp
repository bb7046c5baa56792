// How κ goes over a run.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/json.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::memory {

/// What the items of a space were after each of its cycles; thinned to a bounded number, evenly.
class Course {
 public:
  /// @param time_ms  simulated; does not fall.
  void note(double time_ms, const SpaceStatus& status);
  [[nodiscard]] Json json() const;

 private:
  struct Moment {
    std::uint64_t number = 0;
    double time_ms = 0;
    SpaceStatus status;
  };
  std::vector<Moment> moments_;  ///< whose numbers are multiples of stride_
  std::uint64_t stride_ = 1;
  std::uint64_t n_noted_ = 0;
  Moment last_;
};

}  // namespace sharpwave::memory
