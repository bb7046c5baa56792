// The synapses of plastic projections, which are in no rows of a SourceClass.
#pragma once

#include "host/network/grids.hpp"
#include "host/network/row_builder.hpp"

namespace sharpwave {

struct PlasticSizes {
  double n_synapses = 0;            ///< upper estimate
  double n_rows = 0;                ///< in each part: one for each source and delay
  std::uint32_t longest_delay = 1;  ///< steps
};
[[nodiscard]] PlasticSizes plastic_sizes(const ProjectionSpec& projection, double dt_ms);

/// What they take, upper estimate; with their weights a second time, which an engine has for itself.
[[nodiscard]] double plastic_rows_bytes(const ProjectionSpec& projection, double dt_ms,
                                        const NetworkShape& shape);

/// Fills Network::plastic, and adds what its synapses are to out-degrees, burdens and the connectivity's sum.
/// @throws Error(no_room) where a part has more than 2^32 of them; Error(interrupted).
void build_plastic_rows(Construction& construction, const Grids& grids, const Connectivities& connectivities,
                        ThreadPool& pool);

}  // namespace sharpwave
