#include "host/io/sonata_config.hpp"

#include <cctype>

#include "host/base/error.hpp"

namespace sharpwave::sonata {
namespace {

namespace fs = std::filesystem;

// Variables may refer to each other; deeper than this they do so in a circle. What one path may come to is
// limited as well: ten references in each of sixteen variables would stand for 10^16.
constexpr int kDeepestVariable = 16;
constexpr std::size_t kLongestPath = 4096;
constexpr int kMostReplacements = 1000;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The `manifest` block of one file: variables that stand in its paths as $NAME or ${NAME}.
class Manifest {
 public:
  Manifest(const fs::path& file, const JsonPlace& root, Problems& problems) : file_(file.string()) {
    folder_ = fs::absolute(file).parent_path();
    variables_["configdir"] = folder_.string();
    const std::optional<JsonPlace> block = root.find("manifest");
    if (!block) return;
    for (const auto& [key, place] : block->members(problems)) {
      const std::optional<std::string> value = place.text(problems);
      if (value) variables_[key.starts_with('$') ? key.substr(1) : key] = *value;
    }
  }

  /// A path with its variables replaced, relative ones based on the folder of the file that names them.
  [[nodiscard]] std::optional<fs::path> path(const JsonPlace& place, Problems& problems) const {
    const std::optional<std::string> text = place.text(problems);
    if (!text) return std::nullopt;
    int replacements_left = kMostReplacements;
    const std::optional<std::string> expanded = expand(*text, place.place(), problems, 0, replacements_left);
    if (!expanded) return std::nullopt;
    return (folder_ / *expanded).lexically_normal();
  }

 private:
  [[nodiscard]] std::optional<std::string> expand(const std::string& text, const std::string& place,
                                                  Problems& problems, int depth,
                                                  int& replacements_left) const {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
      if (result.size() > kLongestPath || replacements_left < 0) {
        problems.add(place + ": expected a path of at most " + std::to_string(kLongestPath) +
                     " characters and " + std::to_string(kMostReplacements) + " variables");
        return std::nullopt;
      }
      if (text[i] != '$') {
        result += text[i++];
        continue;
      }
      const bool braced = i + 1 < text.size() && text[i + 1] == '{';
      const std::size_t start = i + (braced ? 2 : 1);
      std::size_t end = start;
      while (end < text.size() && is_name_character(text[end])) ++end;
      const std::string name = text.substr(start, end - start);
      const auto variable = variables_.find(name);
      if (variable == variables_.end() || (braced && (end == text.size() || text[end] != '}'))) {
        problems.add(place + ": read '" + text + "'; expected $" + name +
                     " to be a variable of the manifest");
        return std::nullopt;
      }
      if (depth == kDeepestVariable) {
        problems.add(file_ + ": manifest: $" + name + " refers to itself");
        return std::nullopt;
      }
      --replacements_left;
      const std::optional<std::string> value =
          expand(variable->second, place, problems, depth + 1, replacements_left);
      if (!value) return std::nullopt;
      result += *value;
      i = end + (braced ? 1 : 0);
    }
    return result;
  }

  std::string file_;
  fs::path folder_;
  std::map<std::string, std::string> variables_;
};

std::optional<fs::path> optional_path(const JsonPlace& from, const std::string& key, const Manifest& manifest,
                                      Problems& problems) {
  const std::optional<JsonPlace> place = from.find(key);
  return place ? manifest.path(*place, problems) : std::nullopt;
}

std::vector<TypedFile> typed_files(const JsonPlace& networks, const std::string& kind,
                                   const Manifest& manifest, Problems& problems) {
  std::vector<TypedFile> files;
  const std::optional<JsonPlace> list = networks.find(kind + "s");
  if (!list) return files;
  for (const JsonPlace& entry : list->elements(problems)) {
    const std::optional<JsonPlace> enabled = entry.find("enabled");
    if (enabled && !enabled->boolean(problems).value_or(true)) continue;
    const std::optional<JsonPlace> data = entry.require(kind + "s_file", problems);
    const std::optional<JsonPlace> types = entry.require(kind + "_types_file", problems);
    if (!data || !types) continue;
    const std::optional<fs::path> data_path = manifest.path(*data, problems);
    const std::optional<fs::path> types_path = manifest.path(*types, problems);
    if (data_path && types_path) files.push_back({entry.place(), *data_path, *types_path});
  }
  return files;
}

CircuitConfig parse_circuit(const fs::path& file, const JsonPlace& root, const Manifest& manifest,
                            Problems& problems) {
  CircuitConfig circuit;
  circuit.file = file;
  if (const std::optional<JsonPlace> components = root.find("components")) {
    circuit.neuron_models = optional_path(*components, "point_neuron_models_dir", manifest, problems);
    circuit.synaptic_models = optional_path(*components, "synaptic_models_dir", manifest, problems);
  }
  const std::optional<JsonPlace> networks = root.require("networks", problems);
  if (!networks) return circuit;
  circuit.nodes = typed_files(*networks, "node", manifest, problems);
  circuit.edges = typed_files(*networks, "edge", manifest, problems);
  if (circuit.nodes.empty()) problems.add(networks->place() + ".nodes: expected at least one file of nodes");
  return circuit;
}

void parse_run(const JsonPlace& root, SimulationConfig& config, Problems& problems) {
  const std::optional<JsonPlace> run = root.find("run");
  if (!run) return;
  if (const auto dt = run->find("dt")) config.dt_ms = dt->number(problems);
  // NEST's SonataNetwork takes `duration` where there is no `tstop`.
  const auto stop = run->find("tstop") ? run->find("tstop") : run->find("duration");
  if (stop) config.tstop_ms = stop->number(problems);
  if (const auto start = run->find("tstart"); start && start->number(problems).value_or(0) != 0) {
    problems.add(start->place() + ": read " + start->value().dump() +
                 "; expected 0: a run starts at 0 ms here");
  }
}

void parse_inputs(const JsonPlace& root, const Manifest& manifest, SimulationConfig& config,
                  Problems& problems) {
  const std::optional<JsonPlace> inputs = root.find("inputs");
  if (!inputs) return;
  for (const auto& [name, input] : inputs->members(problems)) {
    const auto enabled = input.find("enabled");
    if (enabled && !enabled->boolean(problems).value_or(true)) continue;
    const auto type = input.require("input_type", problems);
    const auto module = input.require("module", problems);
    const auto node_set = input.require("node_set", problems);
    if (!type || !module || !node_set) continue;
    const std::string type_name = type->text(problems).value_or("");
    const std::string module_name = module->text(problems).value_or("");
    if (type_name != "spikes") {
      problems.add(type->place() + ": read '" + type_name +
                   "'; expected 'spikes', the only type of input that is supported");
      continue;
    }
    if (module_name != "h5" && module_name != "sonata" && module_name != "csv") {
      problems.add(module->place() + ": read '" + module_name + "'; expected 'h5', 'sonata', or 'csv'");
      continue;
    }
    const auto file = input.require("input_file", problems);
    const auto path = file ? manifest.path(*file, problems) : std::nullopt;
    if (path) config.inputs.push_back({input.place(), *path, module_name, node_set->value()});
  }
}

void parse_reports(const JsonPlace& root, SimulationConfig& config, Problems& problems) {
  const std::optional<JsonPlace> reports = root.find("reports");
  if (!reports) return;
  for (const auto& [name, place] : reports->members(problems)) {
    const auto enabled = place.find("enabled");
    if (enabled && !enabled->boolean(problems).value_or(true)) continue;
    ReportRequest request;
    request.name = name;
    request.place = place.place();
    const auto module = place.find("module");
    if (module && module->text(problems) != "membrane_report") {
      problems.add(module->place() + ": read " + module->value().dump() + "; expected 'membrane_report'");
      continue;
    }
    const auto cells = place.require("cells", problems);
    const auto variable = place.require("variable_name", problems);
    if (!cells || !variable) continue;
    request.cells = cells->value();
    request.variable = variable->text(problems).value_or("");
    if (const auto dt = place.find("dt")) request.dt_ms = dt->number(problems);
    if (const auto start = place.find("start_time")) request.start_ms = start->number(problems);
    if (const auto end = place.find("end_time")) request.end_ms = end->number(problems);
    config.reports.push_back(std::move(request));
  }
}

}  // namespace

SimulationConfig read_simulation_config(const fs::path& file) {
  const Json json = read_json(file);
  const JsonPlace root(json, file.string() + ": ");
  Problems problems;
  const Manifest manifest(file, root, problems);
  SimulationConfig config;
  config.file = file;
  parse_run(root, config, problems);
  parse_inputs(root, manifest, config, problems);
  parse_reports(root, config, problems);
  config.node_sets_file = optional_path(root, "node_sets_file", manifest, problems);
  const std::optional<fs::path> circuit_file = optional_path(root, "network", manifest, problems);
  if (circuit_file) {
    const Json circuit_json = read_json(*circuit_file);
    const JsonPlace circuit_root(circuit_json, circuit_file->string() + ": ");
    const Manifest circuit_manifest(*circuit_file, circuit_root, problems);
    config.circuit = parse_circuit(*circuit_file, circuit_root, circuit_manifest, problems);
    if (!config.node_sets_file) {
      config.node_sets_file = optional_path(circuit_root, "node_sets_file", circuit_manifest, problems);
    }
  } else if (root.find("networks")) {
    config.circuit = parse_circuit(file, root, manifest, problems);
  } else if (problems.empty()) {
    problems.add(file.string() +
                 ": expected a key 'network' that names a circuit config, or 'networks' itself");
  }
  problems.throw_if_any();
  return config;
}

}  // namespace sharpwave::sonata
