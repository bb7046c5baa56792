// What happens in given steps, in the order of time.
#pragma once

#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

/// Events, ascending by step.
template <class Event>
struct EventList {
  const Event* events = nullptr;
  std::uint64_t n = 0;

  /// The first at or after `step`.
  SHARPWAVE_HD std::uint64_t first_at(std::uint64_t step) const {
    std::uint64_t begin = 0;
    for (std::uint64_t end = n; begin < end;) {
      const std::uint64_t middle = begin + (end - begin) / 2;
      if (events[middle].step < step)
        begin = middle + 1;
      else
        end = middle;
    }
    return begin;
  }
  /// Calls visit(event) for those in `step`, in their order.
  template <class Visit>
  SHARPWAVE_HD void for_each_in(std::uint64_t step, const Visit& visit) const {
    for (std::uint64_t i = first_at(step); i < n && events[i].step == step; ++i) visit(events[i]);
  }
};

}  // namespace sharpwave
