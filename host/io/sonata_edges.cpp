#include "host/io/sonata_edges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/sonata_parameters.hpp"
#include "host/io/sonata_types.hpp"

namespace sharpwave::sonata {
namespace {

struct EdgeType {
  // NEST's defaults of static_synapse.
  double weight = 1.0;
  double delay_ms = 1.0;
};
using EdgeTypes = std::map<std::uint64_t, EdgeType>;

void apply_dynamics_file(const CircuitConfig& circuit, const TypeTable& types, const TypeTable::Row& row,
                         EdgeType& type, Problems& problems) {
  const std::optional<std::string> name = types.field(row, "dynamics_params");
  if (!name) return;
  if (!circuit.synaptic_models) {
    problems.add(circuit.file.string() + ": expected components.synaptic_models_dir, because " +
                 types.place(row, "dynamics_params") + " names '" + *name + "'");
    return;
  }
  const std::filesystem::path file = *circuit.synaptic_models / *name;
  const Json json = read_json(file);
  for (const auto& [key, place] : JsonPlace(json, file.string() + ": ").members(problems)) {
    if (key == "weight" || key == "syn_weight") {
      type.weight = place.number(problems).value_or(type.weight);
    } else if (key == "delay") {
      type.delay_ms = place.number(problems).value_or(type.delay_ms);
    } else {
      problems.add(place.place() + ": expected weight, syn_weight or delay: other parameters of synapses " +
                   "are not supported");
    }
  }
}

EdgeTypes edge_types(const CircuitConfig& circuit, const TypeTable& types, const std::string& population,
                     Problems& problems) {
  EdgeTypes result;
  for (const auto& [id, row] : types.rows_of("edge_type_id", population, problems)) {
    const std::string model = types.field(*row, "model_template").value_or("static_synapse");
    if (model != "static_synapse" && model != "nest:static_synapse") {
      problems.add(types.place(*row, "model_template") + ": read '" + model +
                   "'; expected static_synapse, the only model of synapses that is supported");
    }
    if (const auto function = types.field(*row, "weight_function")) {
      problems.add(types.place(*row, "weight_function") + ": read '" + *function +
                   "'; expected NULL: weights must be given, functions are not supported");
    }
    EdgeType& type = result[id];
    type.weight = types.number(*row, "syn_weight", problems).value_or(type.weight);
    type.delay_ms = types.number(*row, "delay", problems).value_or(type.delay_ms);
    apply_dynamics_file(circuit, types, *row, type, problems);
  }
  return result;
}

/// Properties of edges that a group of the HDF5 file holds; empty where it does not.
struct EdgeGroup {
  std::string where;
  std::vector<double> weights;
  std::vector<double> delays_ms;
  std::vector<double> multiplicities;

  void load(const hdf5::Group& group) {
    if (group.has_dataset("syn_weight")) weights = group.dataset("syn_weight").read_doubles();
    if (group.has_dataset("delay")) delays_ms = group.dataset("delay").read_doubles();
    if (group.has_dataset("nsyns")) multiplicities = group.dataset("nsyns").read_doubles();
  }

  [[nodiscard]] double value(const std::vector<double>& values, const char* name, std::uint64_t position,
                             double otherwise) const {
    if (values.empty()) return otherwise;
    if (position < values.size()) return values[position];
    throw Error(ExitCode::damaged_data, where + "/" + name + ": has " + std::to_string(values.size()) +
                                            " values; an edge refers to number " + std::to_string(position));
  }
};

EdgeGroup read_edge_group(const hdf5::Group& population, std::uint64_t id, Problems& problems) {
  EdgeGroup result;
  const std::string name = std::to_string(id);
  result.where = population.where() + "/" + name;
  if (!population.has_group(name)) return result;
  const hdf5::Group group = population.group(name);
  result.load(group);
  if (!group.has_group("dynamics_params")) return result;
  const hdf5::Group parameters = group.group("dynamics_params");
  for (const std::string& key : parameters.names()) {
    if (key != "syn_weight" && key != "delay" && key != "nsyns") {
      problems.add(parameters.where() + "/" + key + ": expected syn_weight, delay or nsyns: other " +
                   "parameters of synapses are not supported");
    }
  }
  result.load(parameters);
  return result;
}

/// The side of the edges that `dataset` holds node ids of.
const NodePopulation* side(const hdf5::Dataset& dataset, const std::vector<NodePopulation>& populations,
                           Slice& slice, Problems& problems) {
  const std::string name = dataset.text_attribute("node_population").value_or("");
  const auto found = std::find_if(populations.begin(), populations.end(),
                                  [&](const NodePopulation& p) { return p.name == name; });
  if (found == populations.end()) {
    problems.add(dataset.where() + ": attribute 'node_population' is '" + name +
                 "'; expected the name of a population in the circuit's node files");
    return nullptr;
  }
  slice = {static_cast<std::uint32_t>(found - populations.begin()), 0, found->size, 1};
  return &*found;
}

void set_weights_and_delays(const hdf5::Group& population, const EdgeTypes& types, std::uint64_t n_edges,
                            double dt_ms, ProjectionSpec& projection, Problems& problems) {
  const hdf5::Dataset type_dataset = population.dataset("edge_type_id");
  const std::vector<std::uint64_t> type_ids = type_dataset.read_unsigned(n_edges);
  std::vector<std::uint64_t> group_ids(n_edges, 0);
  if (population.has_dataset("edge_group_id")) {
    group_ids = population.dataset("edge_group_id").read_unsigned(n_edges);
  }
  const bool has_positions = population.has_dataset("edge_group_index");
  const std::vector<std::uint64_t> positions =
      has_positions ? population.dataset("edge_group_index").read_unsigned(n_edges)
                    : std::vector<std::uint64_t>{};
  std::map<std::uint64_t, EdgeGroup> groups;
  for (const std::uint64_t id : std::set<std::uint64_t>(group_ids.begin(), group_ids.end())) {
    groups.emplace(id, read_edge_group(population, id, problems));
  }
  // A delay must reach the next step; the tolerance lets 0.1 be a step of 0.1 however it was computed.
  const double least_delay_ms = dt_ms * (1 - 1e-9);
  std::vector<double> weights(n_edges);
  std::vector<double> delays_ms(n_edges);
  for (std::uint64_t i = 0; i < n_edges; ++i) {
    const auto type = types.find(type_ids[i]);
    if (type == types.end()) {
      throw Error(ExitCode::damaged_data, type_dataset.where() + ": value " + std::to_string(i) + " is " +
                                              std::to_string(type_ids[i]) +
                                              "; expected a type of the edge types file");
    }
    const EdgeGroup& group = groups.at(group_ids[i]);
    const std::uint64_t position = has_positions ? positions[i] : i;
    // An edge of n synapses is one of n times the weight, as in BMTK's PointNet; they arrive together.
    weights[i] = group.value(group.weights, "syn_weight", position, type->second.weight) *
                 group.value(group.multiplicities, "nsyns", position, 1.0);
    delays_ms[i] = group.value(group.delays_ms, "delay", position, type->second.delay_ms);
    if (!std::isfinite(weights[i]) || !(delays_ms[i] >= least_delay_ms) || !std::isfinite(delays_ms[i])) {
      problems.add(population.where() + ": edge " + std::to_string(i) + " has the weight " +
                   std::to_string(weights[i]) + " and the delay " + std::to_string(delays_ms[i]) +
                   " ms; expected finite numbers, and a delay of at least one step of " +
                   std::to_string(dt_ms) + " ms");
      return;
    }
  }
  projection.weight = compact(std::move(weights));
  projection.delay_ms = compact(std::move(delays_ms));
}

std::optional<ProjectionSpec> read_population(const CircuitConfig& circuit,
                                              const std::vector<NodePopulation>& populations,
                                              const hdf5::Group& edges, const std::string& name,
                                              const TypeTable& types, double dt_ms, Problems& problems) {
  const hdf5::Group group = edges.group(name);
  const hdf5::Dataset sources = group.dataset("source_node_id");
  const hdf5::Dataset targets = group.dataset("target_node_id");
  ProjectionSpec projection;
  projection.name = name;
  projection.rule = ConnectionRule::explicit_list;
  const NodePopulation* source = side(sources, populations, projection.source, problems);
  const NodePopulation* target = side(targets, populations, projection.target, problems);
  if (source == nullptr || target == nullptr) return std::nullopt;
  if (target->is_virtual) {
    problems.add(targets.where() + ": edges lead to the virtual population '" + target->name +
                 "'; expected one of neurons");
    return std::nullopt;
  }
  projection.edge_sources = sources.read_indices(source->size, "a node of population " + source->name);
  const std::uint64_t n_edges = projection.edge_sources.size();
  projection.edge_targets =
      targets.read_indices(target->size, "a node of population " + target->name, n_edges);
  set_weights_and_delays(group, edge_types(circuit, types, name, problems), n_edges, dt_ms, projection,
                         problems);
  return projection;
}

}  // namespace

std::vector<ProjectionSpec> read_edges(const CircuitConfig& circuit,
                                       const std::vector<NodePopulation>& populations, double dt_ms,
                                       Problems& problems) {
  std::vector<ProjectionSpec> projections;
  std::map<std::string, std::string> file_of;
  for (const TypedFile& files : circuit.edges) {
    const TypeTable types = TypeTable::read(files.types);
    const hdf5::File file = hdf5::File::open(files.data);
    const hdf5::Group edges = file.root().group("edges");
    for (const std::string& name : edges.names()) {
      const auto [first, is_new] = file_of.emplace(name, edges.file());
      if (!is_new) {
        problems.add(edges.where() + ": population '" + name + "' is in " + first->second +
                     " as well; expected it once");
        continue;
      }
      std::optional<ProjectionSpec> projection =
          read_population(circuit, populations, edges, name, types, dt_ms, problems);
      if (projection) projections.push_back(std::move(*projection));
    }
  }
  return projections;
}

}  // namespace sharpwave::sonata
