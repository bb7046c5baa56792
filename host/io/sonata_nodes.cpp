#include "host/io/sonata_nodes.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/sonata_parameters.hpp"

namespace sharpwave::sonata {
namespace {

// The rows of a population's datasets in the order of node ids.
std::vector<std::uint32_t> rows_by_id(const hdf5::Group& group, std::uint32_t size) {
  std::vector<std::uint32_t> rows(size);
  for (std::uint32_t i = 0; i < size; ++i) rows[i] = i;
  if (!group.has_dataset("node_id")) return rows;
  const hdf5::Dataset dataset = group.dataset("node_id");
  const std::vector<std::uint32_t> ids =
      dataset.read_indices(size, "a node id; ids that leave gaps are not supported", std::uint64_t{size});
  std::vector<bool> seen(size, false);
  for (std::uint32_t row = 0; row < size; ++row) {
    if (seen[ids[row]]) {
      throw Error(ExitCode::damaged_data, dataset.where() + ": value " + std::to_string(row) + " is " +
                                              std::to_string(ids[row]) +
                                              ", which stands there twice; expected every id once");
    }
    seen[ids[row]] = true;
    rows[ids[row]] = row;
  }
  return rows;
}

// One text that all types of the population must share; a problem names both rows that differ.
std::optional<std::string> shared_field(const NodePopulation& population,
                                        const std::vector<std::uint64_t>& used_types,
                                        const std::string& column, Problems& problems) {
  std::optional<std::string> shared;
  for (const std::uint64_t id : used_types) {
    const TypeTable::Row& row = *population.type_rows.at(id);
    const std::optional<std::string> field = population.types->field(row, column);
    const std::string place = population.types->place(row, column);
    if (!field) {
      problems.add(place + ": has no value; expected one for population '" + population.name + "'");
      return std::nullopt;
    }
    if (shared && *field != *shared) {
      problems.add(place + ": read '" + *field + "'; expected '" + *shared +
                   "' as in the population's other types: one model per population is supported");
      return std::nullopt;
    }
    shared = field;
  }
  return shared;
}

// Values of datasets in <group>/dynamics_params, which override those of the types.
void apply_group_overrides(const hdf5::Group& group, const std::vector<std::uint32_t>& rows,
                           std::vector<PointNeuron>& neurons, Problems& problems) {
  const std::uint64_t size = neurons.size();
  std::vector<std::uint64_t> group_ids(size, 0);
  if (group.has_dataset("node_group_id")) group_ids = group.dataset("node_group_id").read_unsigned(size);
  std::map<std::uint64_t, std::vector<std::uint32_t>> nodes_of;
  for (std::uint32_t node = 0; node < size; ++node) nodes_of[group_ids[rows[node]]].push_back(node);
  std::optional<std::vector<std::uint64_t>> positions;
  for (const auto& [id, nodes] : nodes_of) {
    const std::string name = std::to_string(id);
    if (!group.has_group(name) || !group.group(name).has_group("dynamics_params")) continue;
    const hdf5::Group parameters = group.group(name).group("dynamics_params");
    if (!positions) {
      positions = group.has_dataset("node_group_index")
                      ? group.dataset("node_group_index").read_unsigned(size)
                      : std::vector<std::uint64_t>(rows.begin(), rows.end());
    }
    for (const std::string& key : parameters.names()) {
      const hdf5::Dataset dataset = parameters.dataset(key);
      const std::vector<double> values = dataset.read_doubles();
      for (const std::uint32_t node : nodes) {
        const std::uint64_t position = (*positions)[rows[node]];
        if (position >= values.size()) {
          throw Error(ExitCode::damaged_data, dataset.where() + ": has " + std::to_string(values.size()) +
                                                  " values; node " + std::to_string(node) +
                                                  " refers to number " + std::to_string(position));
        }
        neurons[node].set(key, values[position], dataset.where(), problems);
      }
    }
  }
}

void make_neurons(const CircuitConfig& circuit, const hdf5::Group& group,
                  const std::vector<std::uint64_t>& used_types, const std::vector<std::uint32_t>& rows,
                  NodePopulation& population, Problems& problems) {
  const std::optional<std::string> model = shared_field(population, used_types, "model_template", problems);
  if (!model) return;
  population.is_parrot = *model == kParrotTemplate;
  if (population.is_parrot) return;
  const std::optional<NeuronModel> known = neuron_model(*model);
  if (!known) {
    problems.add(population.file + ": population '" + population.name + "': read model_template '" + *model +
                 "'; expected " + known_templates());
    return;
  }
  std::map<std::uint64_t, PointNeuron> by_type;
  for (const std::uint64_t id : used_types) {
    by_type.emplace(
        id, neuron_of_type(circuit, *known, *population.types, *population.type_rows.at(id), problems));
  }
  std::vector<PointNeuron> neurons;
  neurons.reserve(population.size);
  for (const std::uint64_t id : population.type_ids) neurons.push_back(by_type.at(id));
  apply_group_overrides(group, rows, neurons, problems);
  const std::string place = population.file + ": " + group.path();
  population.neurons = to_neuron_spec(neurons, place, problems);
}

NodePopulation read_population(const CircuitConfig& circuit, const hdf5::Group& nodes,
                               const std::string& name, const std::shared_ptr<const TypeTable>& types,
                               Problems& problems) {
  const hdf5::Group group = nodes.group(name);
  NodePopulation population;
  population.name = name;
  population.file = group.file();
  population.types = types;
  population.type_rows = types->rows_of("node_type_id", name, problems);

  const hdf5::Dataset type_dataset = group.dataset("node_type_id");
  const std::vector<std::uint64_t> type_of_row = type_dataset.read_unsigned();
  if (type_of_row.empty() || type_of_row.size() > std::numeric_limits<std::uint32_t>::max()) {
    problems.add(type_dataset.where() + ": has " + std::to_string(type_of_row.size()) +
                 " nodes; expected 1 to 4294967295");
    return population;
  }
  population.size = static_cast<std::uint32_t>(type_of_row.size());
  const std::vector<std::uint32_t> rows = rows_by_id(group, population.size);
  population.type_ids.reserve(rows.size());
  for (const std::uint32_t row : rows) population.type_ids.push_back(type_of_row[row]);

  std::vector<std::uint64_t> used_types = type_of_row;
  std::sort(used_types.begin(), used_types.end());
  used_types.erase(std::unique(used_types.begin(), used_types.end()), used_types.end());
  bool all_known = true;
  for (const std::uint64_t id : used_types) {
    if (population.type_rows.contains(id)) continue;
    problems.add(type_dataset.where() + ": names node type " + std::to_string(id) + "; expected one of " +
                 types->file());
    all_known = false;
  }
  if (!all_known) return population;

  const std::optional<std::string> type = shared_field(population, used_types, "model_type", problems);
  if (!type) return population;
  population.is_virtual = *type == "virtual";
  if (population.is_virtual) return population;
  if (*type != "point_neuron" && *type != "point_process") {
    problems.add(population.file + ": population '" + name + "': read model_type '" + *type +
                 "'; expected point_neuron, point_process, or virtual (" +
                 "neurons with compartments are not supported)");
    return population;
  }
  make_neurons(circuit, group, used_types, rows, population, problems);
  return population;
}

}  // namespace

std::vector<NodePopulation> read_nodes(const CircuitConfig& circuit, Problems& problems) {
  std::vector<NodePopulation> populations;
  std::map<std::string, std::string> file_of;
  for (const TypedFile& files : circuit.nodes) {
    const auto types = std::make_shared<const TypeTable>(TypeTable::read(files.types));
    const hdf5::File file = hdf5::File::open(files.data);
    const hdf5::Group nodes = file.root().group("nodes");
    for (const std::string& name : nodes.names()) {
      const auto [first, is_new] = file_of.emplace(name, nodes.file());
      if (!is_new) {
        problems.add(nodes.where() + ": population '" + name + "' is in " + first->second +
                     " as well; expected it once");
        continue;
      }
      populations.push_back(read_population(circuit, nodes, name, types, problems));
    }
  }
  return populations;
}

}  // namespace sharpwave::sonata
