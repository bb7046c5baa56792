#include "tests/host/io/tiny_network.hpp"

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "host/io/hdf5.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::test {
namespace {

using U64 = std::vector<std::uint64_t>;

void write_nodes(const std::filesystem::path& path, const std::string& population, const U64& types,
                 const std::vector<double>& own_currents) {
  hdf5::File file = hdf5::File::create(path);
  {
    hdf5::Group root = file.root();
    hdf5::Group group = root.create_group("nodes").create_group(population);
    U64 ids;
    for (std::uint64_t i = 0; i < types.size(); ++i) ids.push_back(i);
    group.write("node_type_id", types);
    group.write("node_id", ids);
    group.write("node_group_id", U64(types.size(), 0));
    group.write("node_group_index", ids);
    hdf5::Group properties = group.create_group("0");
    if (!own_currents.empty()) properties.create_group("dynamics_params").write("I_e", own_currents);
  }
  file.close();
}

struct Edges {
  std::string name, source, target;
  U64 sources, targets, types;
  std::vector<double> weights;
};

void write_edges(const std::filesystem::path& path, const Edges& edges) {
  hdf5::File file = hdf5::File::create(path);
  {
    hdf5::Group root = file.root();
    hdf5::Group group = root.create_group("edges").create_group(edges.name);
    U64 positions;
    for (std::uint64_t i = 0; i < edges.sources.size(); ++i) positions.push_back(i);
    group.write("source_node_id", edges.sources);
    group.write("target_node_id", edges.targets);
    group.dataset("source_node_id").set_attribute("node_population", edges.source);
    group.dataset("target_node_id").set_attribute("node_population", edges.target);
    group.write("edge_type_id", edges.types);
    group.write("edge_group_id", U64(edges.sources.size(), 0));
    group.write("edge_group_index", positions);
    hdf5::Group properties = group.create_group("0");
    if (!edges.weights.empty()) properties.write("syn_weight", edges.weights);
  }
  file.close();
}

void write_spikes(const std::filesystem::path& path) {
  hdf5::File file = hdf5::File::create(path);
  {
    hdf5::Group root = file.root();
    hdf5::Group group = root.create_group("spikes").create_group("input");
    group.write("node_ids", U64{2, 0, 1, 0});
    group.write("timestamps", std::vector<double>{3.0, 1.25, 3.0, 99.0});
  }
  file.close();
}

constexpr const char* kSimulation = R"({
  "manifest": {"$BASE": "${configdir}", "$IN": "$BASE/inputs"},
  "run": {"tstop": 50.0, "dt": 0.1},
  "network": "$BASE/circuit.json",
  "node_sets_file": "$BASE/node_sets.json",
  "inputs": {"drive": {"input_type": "spikes", "module": "h5", "input_file": "$IN/spikes.h5",
                       "node_set": "input"}},
  "reports": {"potential": {"module": "membrane_report", "cells": "odd", "variable_name": "V_m", "dt": 0.5}}
})";

constexpr const char* kCircuit = R"({
  "manifest": {"$BASE": ".", "$NET": "$BASE/network"},
  "components": {"point_neuron_models_dir": "$BASE/models", "synaptic_models_dir": "$BASE/models"},
  "networks": {
    "nodes": [{"nodes_file": "$NET/cells.h5", "node_types_file": "$NET/cells_types.csv"},
              {"nodes_file": "$NET/input.h5", "node_types_file": "$NET/input_types.csv"}],
    "edges": [{"edges_file": "$NET/recurrent.h5", "edge_types_file": "$NET/recurrent_types.csv"},
              {"edges_file": "$NET/feedforward.h5", "edge_types_file": "$NET/feedforward_types.csv"}]
  }
})";

}  // namespace

void write_tiny_network(const std::filesystem::path& folder) {
  write_text(folder / "simulation.json", kSimulation);
  write_text(folder / "circuit.json", kCircuit);
  write_text(folder / "node_sets.json", R"({"odd": {"population": "cells", "node_id": [1, 3]}})");
  write_text(folder / "models/seven.json", R"({"C_m": 200.0, "tau_m": 15.0, "E_L": -65.0, "t_ref": 3.0})");
  write_text(folder / "models/nine.json", R"({"V_th": -50.0, "V_reset": -60.0})");
  write_text(folder / "network/cells_types.csv",
             "node_type_id model_type model_template dynamics_params ei\n"
             "7 point_neuron nest:iaf_psc_exp seven.json e\n"
             "9 point_neuron nest:iaf_psc_exp nine.json i\n");
  write_text(folder / "network/input_types.csv", "node_type_id model_type\n1 virtual\n");
  write_text(folder / "network/recurrent_types.csv",
             "edge_type_id syn_weight delay target_query\n"
             "20 5.0 1.5 \"ei=='e' & x > 3\"\n"
             "21 -8.0 NULL *\n");
  write_text(folder / "network/feedforward_types.csv", "edge_type_id model_template\n30 static_synapse\n");
  std::filesystem::create_directories(folder / "inputs");
  write_nodes(folder / "network/cells.h5", "cells", {7, 7, 9, 7, 9}, {0, 10, 20, 30, 40});
  write_nodes(folder / "network/input.h5", "input", {1, 1, 1}, {});
  write_edges(folder / "network/recurrent.h5", {"cells_to_cells",
                                                "cells",
                                                "cells",
                                                {0, 1, 2, 3, 4, 4},
                                                {1, 2, 3, 4, 0, 0},
                                                {20, 20, 21, 20, 21, 21},
                                                {}});
  write_edges(
      folder / "network/feedforward.h5",
      {"input_to_cells", "input", "cells", {0, 0, 1, 2}, {0, 1, 2, 4}, {30, 30, 30, 30}, {50, 51, 52, 53}});
  write_spikes(folder / "inputs/spikes.h5");
}

void replace_in_file(const std::filesystem::path& file, const std::string& from, const std::string& to) {
  std::string text = read_text(file);
  const std::size_t position = text.find(from);
  if (position == std::string::npos) throw std::runtime_error(file.string() + " has no '" + from + "'");
  write_text(file, text.replace(position, from.size(), to));
}

}  // namespace sharpwave::test
