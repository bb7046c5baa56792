// Edge populations of a SONATA network: one projection each.
#pragma once

#include <vector>

#include "host/io/sonata_config.hpp"
#include "host/io/sonata_nodes.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::sonata {

/// Reads all edge files of a circuit. Weights and delays come from the edge's group in the HDF5 file, else
/// from its type's `dynamics_params` file, else from the type's column, else they are 1 (pA or mV) and 1 ms.
///
/// @param dt_ms  delays must reach the next step.
/// @throws Error(io), Error(damaged_data); what is not supported goes to `problems`.
[[nodiscard]] std::vector<ProjectionSpec> read_edges(const CircuitConfig& circuit,
                                                     const std::vector<NodePopulation>& populations,
                                                     double dt_ms, Problems& problems);

}  // namespace sharpwave::sonata
