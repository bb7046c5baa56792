// The order of the synapses of a plastic projection in files: that of the network, not of its layout.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/network/network.hpp"

namespace sharpwave {

struct PlasticSynapsePlace {
  std::uint32_t source;  ///< its position in the slice
  std::uint32_t target;  ///< global id
  std::uint32_t delay;   ///< steps
  std::uint32_t part;
  std::uint32_t index;  ///< within the rows of the part
};

/// Those of one source: by target, delay, and the order in which they were drawn.
inline void places_of_source(const PlasticRows& rows, std::uint32_t n_parts, std::uint32_t source,
                             std::vector<PlasticSynapsePlace>& places) {
  places.clear();
  for (std::uint32_t part = 0; part < rows.parts.size(); ++part)
    for (std::uint32_t delay = rows.first_delay; delay < rows.first_delay + rows.n_delays; ++delay) {
      const PlasticRows::OfPart& of_part = rows.parts[part];
      const std::size_t row = rows.row(source, delay);
      for (std::uint32_t i = of_part.begin[row]; i < of_part.begin[row + 1]; ++i)
        places.push_back({source, of_part.elements[i] * n_parts + part, delay, part, i});
    }
  std::stable_sort(places.begin(), places.end(),
                   [](const PlasticSynapsePlace& a, const PlasticSynapsePlace& b) {
                     return a.target != b.target ? a.target < b.target : a.delay < b.delay;
                   });
}

/// Calls visit(place) for each, by source.
template <class Visit>
void for_each_in_order(const PlasticRows& rows, std::uint32_t n_parts, const Visit& visit) {
  std::vector<PlasticSynapsePlace> places;
  for (std::uint32_t source = 0; source < rows.source.size(); ++source) {
    places_of_source(rows, n_parts, source, places);
    for (const PlasticSynapsePlace& place : places) visit(place);
  }
}

}  // namespace sharpwave
