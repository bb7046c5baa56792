#include "host/io/sonata_writer.hpp"

#include <numeric>
#include <optional>
#include <set>
#include <span>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/base/number_text.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/sonata_parameters.hpp"
#include "host/io/spike_writer.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;
using Indices = std::vector<std::uint32_t>;

constexpr const char* kCircuitConfig = "circuit_config.json";
constexpr const char* kNodeTypes = "node_types.csv";
constexpr const char* kEdgeTypes = "edge_types.csv";
constexpr const char* kEdges = "edges.h5";
constexpr const char* kNone = "NULL";  // of a column that does not apply

std::string nodes_file(const std::string& population) {
  return "nodes_" + population + ".h5";
}
std::string neurons_file(const std::string& population) {
  return "neurons_" + population + ".json";
}
std::string spikes_file(const std::string& population) {
  return "spikes_" + population + ".h5";
}

std::optional<double> constant(const Values& values) {
  const auto* distribution = std::get_if<Distribution>(&values);
  return distribution == nullptr ? std::nullopt : std::optional(distribution->a);
}

Indices counting(std::size_t n) {
  Indices indices(n);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

void write_json(const fs::path& path, const Json& json) {
  write_file_atomically(path, json.dump(2) + "\n");
}

// ---- nodes ----------------------------------------------------------------------------------------------

/// A variant that no other simulator has. It then must not take ours for its own model of that name.
bool is_ours_alone(const NeuronSpec& neurons) {
  const bool adapts = neurons.model == NeuronModel::iaf_cond_exp &&
                      constant(neurons[NeuronParameter::theta_plus]) != std::optional(0.0);
  return adapts || neurons.model == NeuronModel::lif_discrete ||
         neurons.substeps != model_info(neurons.model).substeps;
}

/// What the file of a node type says, and what each node has of its own.
struct DynamicsParameters {
  Json of_type = Json::object();
  std::vector<std::pair<std::string, std::vector<double>>> of_nodes;

  void add(std::string_view name, const Values& values) {
    if (const std::optional<double> value = constant(values))
      of_type[std::string(name)] = *value;
    else
      of_nodes.emplace_back(name, std::get<std::vector<double>>(values));
  }
};

DynamicsParameters dynamics_parameters(const NeuronSpec& neurons) {
  const NeuronModelInfo& info = model_info(neurons.model);
  const NeuronSpec defaults = default_neurons(neurons.model);
  DynamicsParameters result;
  for (const auto& [parameter, fallback] : info.parameters) {
    // NEST's iaf_cond_exp has no such parameters; where they matter, the model is not called NEST's.
    const bool of_theta = parameter == NeuronParameter::theta_plus || parameter == NeuronParameter::tau_theta;
    if (of_theta && neurons[parameter] == defaults[parameter]) continue;
    result.add(quantity(parameter).name, neurons[parameter]);
  }
  for (const StateVariable variable : info.variables)
    if (variable == StateVariable::V_m || neurons[variable] != defaults[variable])
      result.add(quantity(variable).name, neurons[variable]);
  if (neurons.refractory_input) result.of_type["refractory_input"] = true;
  if (!neurons.consistent_integration) result.of_type["consistent_integration"] = false;
  if (neurons.substeps != info.substeps) result.of_type["substeps"] = neurons.substeps;
  return result;
}

void write_node_file(const fs::path& path, const PopulationSpec& population, std::uint32_t type,
                     const DynamicsParameters& parameters) {
  hdf5::File file = hdf5::File::create(partial_path(path));
  {
    hdf5::Group root = file.root();
    root.mark_as_sonata();
    hdf5::Group nodes = root.create_group("nodes");
    hdf5::Group group = nodes.create_group(population.name);
    const Indices ids = counting(population.size);
    group.write("node_id", ids);
    group.write("node_type_id", Indices(population.size, type));
    group.write("node_group_id", Indices(population.size, 0));
    group.write("node_group_index", ids);
    hdf5::Group properties = group.create_group("0");
    if (!parameters.of_nodes.empty()) {
      hdf5::Group own = properties.create_group("dynamics_params");
      for (const auto& [name, values] : parameters.of_nodes) own.write(name, values);
    }
  }
  file.close();
  publish_file(path);
}

void write_spike_file(const fs::path& path, const PopulationSpec& population) {
  const auto& source = std::get<SpikeSourceSpec>(population.kind);
  SpikeWriter writer(path, {{population.name, population.size}});
  const std::vector<std::uint64_t> ids(source.indices.begin(), source.indices.end());
  writer.append(0, ids, source.times_ms);
  writer.finish();
}

void write_nodes(const std::vector<PopulationSpec>& populations, const fs::path& directory) {
  std::string types = "node_type_id population model_type model_template dynamics_params\n";
  for (std::uint32_t i = 0; i < populations.size(); ++i) {
    const PopulationSpec& population = populations[i];
    const std::string type = std::to_string(i) + " " + population.name;
    DynamicsParameters parameters;
    if (const NeuronSpec* neurons = population.neurons()) {
      parameters = dynamics_parameters(*neurons);
      write_json(directory / neurons_file(population.name), parameters.of_type);
      types += type + " point_process " + (is_ours_alone(*neurons) ? sonata::kSharpwave : sonata::kNest) +
               std::string(model_info(neurons->model).name) + " " + neurons_file(population.name) + "\n";
    } else if (population.is_virtual()) {
      types += type + " virtual " + kNone + " " + kNone + "\n";
    } else {
      types += type + " point_process " + sonata::kParrotTemplate + " " + kNone + "\n";
    }
    if (std::holds_alternative<SpikeSourceSpec>(population.kind))
      write_spike_file(directory / spikes_file(population.name), population);
    write_node_file(directory / nodes_file(population.name), population, i, parameters);
  }
  write_file_atomically(directory / kNodeTypes, types);
}

// ---- edges ----------------------------------------------------------------------------------------------

/// A projection's name as that of an HDF5 group. It keys nothing any more: all is drawn.
std::string edge_population(const std::string& projection, std::set<std::string>& taken) {
  std::string name = projection.empty() || projection == "." ? "_" : projection;
  for (char& c : name)
    if (c == '/' || c == '\0') c = '_';
  const std::string first = name;
  for (int i = 2; !taken.insert(name).second; ++i) name = first + "#" + std::to_string(i);
  return name;
}

void write_edge_population(hdf5::Group& edges, const std::string& name, const ProjectionSpec& projection,
                           std::uint32_t type, const std::vector<PopulationSpec>& populations) {
  hdf5::Group group = edges.create_group(name);
  const std::size_t n = projection.edge_sources.size();
  group.write("source_node_id", projection.edge_sources);
  group.write("target_node_id", projection.edge_targets);
  group.dataset("source_node_id")
      .set_attribute("node_population", populations[projection.source.population].name);
  group.dataset("target_node_id")
      .set_attribute("node_population", populations[projection.target.population].name);
  group.write("edge_type_id", Indices(n, type));
  group.write("edge_group_id", Indices(n, 0));
  group.write("edge_group_index", counting(n));
  hdf5::Group properties = group.create_group("0");
  if (const auto* weights = std::get_if<std::vector<double>>(&projection.weight))
    properties.write("syn_weight", *weights);
  if (const auto* delays = std::get_if<std::vector<double>>(&projection.delay_ms))
    properties.write("delay", *delays);
}

/// Draws and writes all projections; the file keeps its temporary name. Returns the number of synapses.
std::uint64_t write_edges(DrawnNetwork& network, const fs::path& path, std::string& types) {
  types = "edge_type_id model_template syn_weight delay\n";
  std::uint64_t n_synapses = 0;
  std::set<std::string> taken;
  hdf5::File file = hdf5::File::create(partial_path(path));
  {
    hdf5::Group root = file.root();
    root.mark_as_sonata();
    hdf5::Group edges = root.create_group("edges");
    for (std::uint32_t k = 0; k < network.spec().projections.size(); ++k) {
      const ProjectionSpec projection = network.projection(k);
      if (projection.edge_sources.empty()) continue;
      n_synapses += projection.edge_sources.size();
      write_edge_population(edges, edge_population(projection.name, taken), projection, k,
                            network.populations());
      const std::optional<double> weight = constant(projection.weight);
      const std::optional<double> delay = constant(projection.delay_ms);
      types += std::to_string(k) + " static_synapse " + (weight ? number_text(*weight) : kNone) + " " +
               (delay ? number_text(*delay) : kNone) + "\n";
    }
  }
  file.close();
  return n_synapses;
}

// ---- configs --------------------------------------------------------------------------------------------

const Json kManifest = {{"$BASE_DIR", "."}};

std::string beside(const std::string& name) {
  return "$BASE_DIR/" + name;
}

Json circuit_config(const std::vector<PopulationSpec>& populations, bool has_edges) {
  Json nodes = Json::array();
  for (const PopulationSpec& population : populations)
    nodes.push_back(
        {{"nodes_file", beside(nodes_file(population.name))}, {"node_types_file", beside(kNodeTypes)}});
  Json edges = Json::array();
  if (has_edges) edges.push_back({{"edges_file", beside(kEdges)}, {"edge_types_file", beside(kEdgeTypes)}});
  return {{"manifest", kManifest},
          {"components", {{"point_neuron_models_dir", "$BASE_DIR"}}},
          {"networks", {{"nodes", nodes}, {"edges", edges}}}};
}

Json simulation_config(const DrawnNetwork& network) {
  const SimulationSpec& simulation = network.spec().simulation;
  const double stop_ms = time_of_step_ms(simulation.warm_up_steps + simulation.steps, simulation.dt_ms);
  Json inputs = Json::object();
  for (const PopulationSpec& population : network.populations())
    if (std::holds_alternative<SpikeSourceSpec>(population.kind))
      inputs[population.name] = {{"input_type", "spikes"},
                                 {"module", "h5"},
                                 {"input_file", beside(spikes_file(population.name))},
                                 {"node_set", population.name}};
  return {{"manifest", kManifest},
          {"run", {{"tstop", stop_ms}, {"dt", simulation.dt_ms}}},
          {"network", beside(kCircuitConfig)},
          {"inputs", inputs}};
}

}  // namespace

bool is_sonata_export_file(std::string_view name) {
  for (const std::string_view fixed :
       {kSonataSimulationConfig, kCircuitConfig, kNodeTypes, kEdgeTypes, kEdges})
    if (name == fixed) return true;
  return (name.starts_with("nodes_") && name.ends_with(".h5")) ||
         (name.starts_with("neurons_") && name.ends_with(".json")) ||
         (name.starts_with("spikes_") && name.ends_with(".h5"));
}

std::uint64_t write_sonata(DrawnNetwork& network, const fs::path& directory) {
  std::string edge_types;
  const std::uint64_t n_synapses = write_edges(network, directory / kEdges, edge_types);
  network.require_exact_weights();
  if (n_synapses > 0) {
    publish_file(directory / kEdges);
    write_file_atomically(directory / kEdgeTypes, edge_types);
  } else {
    fs::remove(partial_path(directory / kEdges));
  }
  write_nodes(network.populations(), directory);
  write_json(directory / kCircuitConfig, circuit_config(network.populations(), n_synapses > 0));
  write_json(directory / kSonataSimulationConfig, simulation_config(network));
  return n_synapses;
}

}  // namespace sharpwave
