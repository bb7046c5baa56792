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

/// Does each synapse have a trace of its own?
[[nodiscard]] bool has_synapse_traces(const StdpSpec& rule);

/// What they take, upper estimate; with traces, and their weights a second time, which an engine has for
/// itself.
[[nodiscard]] double plastic_rows_bytes(const ProjectionSpec& projection, double dt_ms,
                                        const NetworkShape& shape);
/// Of one, its share of the offsets included; 0 where there is none.
[[nodiscard]] double bytes_per_plastic_synapse(const ProjectionSpec& projection, double dt_ms,
                                               const NetworkShape& shape);
/// What they do take, likewise.
[[nodiscard]] std::uint64_t plastic_bytes(const ModelSpec& spec, const PlasticRows& rows);

/// Fills Network::plastic, and adds what its synapses are to out-degrees, burdens and the connectivity's sum.
/// @throws Error(no_room) where a part has more than 2^32 of them; Error(interrupted).
void build_plastic_rows(Construction& construction, const Grids& grids, const Connectivities& connectivities,
                        ThreadPool& pool);

}  // namespace sharpwave
