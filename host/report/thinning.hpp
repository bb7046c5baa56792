// Fewer of what lies along an axis than there is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sharpwave::report {

/// `most` of n places, evenly spread, the first and the last among them.
[[nodiscard]] inline std::vector<std::size_t> thinned(std::size_t n, std::size_t most) {
  std::vector<std::size_t> places(std::min(n, most));
  for (std::size_t k = 0; k < places.size(); ++k)
    places[k] = places.size() == 1 ? n - 1 : k * (n - 1) / (places.size() - 1);
  return places;
}

}  // namespace sharpwave::report
