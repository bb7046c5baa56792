// A SONATA network of five neurons and three virtual nodes, written into a folder, for tests to read whole
// and to damage.
#pragma once

#include <filesystem>
#include <string>

namespace sharpwave::test {

/// Neurons "cells" (node types 7, 7, 9, 7, 9), virtual nodes "input", edges "cells_to_cells" (6) and
/// "input_to_cells" (4), spikes of "input", a node set "odd", a report of it. Files: simulation.json,
/// circuit.json, node_sets.json, network/{cells,input}.h5, network/{recurrent,feedforward}.h5,
/// network/{cells,input,recurrent,feedforward}_types.csv, models/{seven,nine}.json, inputs/spikes.h5.
void write_tiny_network(const std::filesystem::path& folder);

/// Replaces the first occurrence of `from`, which must be there.
void replace_in_file(const std::filesystem::path& file, const std::string& from, const std::string& to);

}  // namespace sharpwave::test
