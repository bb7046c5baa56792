#include "host/config/config.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <utility>

#include "host/base/sha256.hpp"
#include "host/config/draft.hpp"
#include "host/io/sonata.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave {
namespace config {

/// A key of a map with its value.
struct Entry {
  Node::Key key;
  Node value;
};

namespace {

void erase_child(Node& map, std::size_t i) {
  map.keys.erase(map.keys.begin() + static_cast<std::ptrdiff_t>(i));
  map.children.erase(map.children.begin() + static_cast<std::ptrdiff_t>(i));
}

/// Takes the key out of the map, with its value; nothing where it is not there.
std::optional<Entry> take_entry(Node& map, std::string_view key) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (map.keys[i].text != key) continue;
    Entry entry{std::move(map.keys[i]), std::move(map.children[i])};
    erase_child(map, i);
    return entry;
  }
  return std::nullopt;
}

constexpr std::size_t kMostParameters = 10'000;

// --- overrides ----------------------------------------------------------------------------------

std::deque<std::string> split_path(const std::string& path) {
  std::deque<std::string> keys;
  std::size_t start = 0;
  for (std::size_t end = path.find('.'); end != std::string::npos; end = path.find('.', start)) {
    keys.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  keys.push_back(path.substr(start));
  return keys;
}

/// "inputs" and "3" of "inputs[3]"; nothing for a key that does not end in a position.
std::optional<std::pair<std::string, std::string>> split_position(const std::string& key) {
  const std::size_t open = key.rfind('[');
  if (open == std::string::npos || open == 0 || open + 2 >= key.size()) return std::nullopt;
  if (key.find_first_not_of("0123456789", open + 1) != key.size() - 1 || key.back() != ']')
    return std::nullopt;
  return std::pair(key.substr(0, open), key.substr(open + 1, key.size() - open - 2));
}

/// The item of a list by its position or its `name`.
Node* find_item(Node& list, const std::string& key) {
  std::size_t position = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), position);
  if (read.ec == std::errc{} && read.ptr == key.data() + key.size()) {
    return position < list.children.size() ? &list.children[position] : nullptr;
  }
  for (Node& item : list.children) {
    const Node* name = item.is_map() ? item.find("name") : nullptr;
    if (name != nullptr && name->text == key) return &item;
  }
  return nullptr;
}

/// @return the keys to what is overridden, each with a point behind it, items of lists by their position;
///         nothing after a fault.
std::string apply_override(Context& context, Node& root, const Override& override, std::uint32_t source) {
  const Position at{source, 0, 0};
  std::vector<Diagnostic> faults;
  Node value =
      parse_document(override.value.empty() ? "~" : override.value, "--set " + override.path, source, faults);
  if (!faults.empty()) {
    context.fault(at, override.path, in_quotes(override.value), faults[0].expected, faults[0].hint);
    return {};
  }
  std::string path;
  Node* node = &root;
  std::deque<std::string> keys = split_path(override.path);
  if (keys.size() >= kDeepestNesting) {
    context.fault(at, override.path, "a path of " + std::to_string(keys.size()) + " keys", "fewer keys");
    return {};
  }
  while (!keys.empty()) {
    const std::string key = keys.front();
    if (node->kind == Node::Kind::null) node->kind = Node::Kind::map;
    Node* const child = node->is_sequence() ? find_item(*node, key)
                        : node->is_map()    ? node->find(key)
                                            : nullptr;
    const auto split = child == nullptr ? split_position(key) : std::nullopt;
    if (split && (node->is_sequence() || node->is_map()) && keys.size() < kDeepestNesting) {
      keys.front() = split->second;
      keys.push_front(split->first);
      continue;
    }
    keys.pop_front();
    path +=
        (node->is_sequence() && child != nullptr ? std::to_string(child - node->children.data()) : key) + ".";
    if (child != nullptr) {
      node = child;
    } else if (node->is_sequence()) {
      context.fault(at, override.path, in_quotes(key), "the position or `name` of an item of the list");
      return {};
    } else if (!node->is_map()) {
      context.fault(at, override.path, in_quotes(key),
                    "a key below a map; " + describe_read(*node) + " stands there", "set the whole value");
      return {};
    } else {
      node->keys.push_back({key, at});
      node->children.emplace_back().position = at;
      node = &node->children.back();
    }
  }
  *node = std::move(value);
  return path;
}

/// What another key of a batch's `vary` changes as well would not be what the results say.
/// @param paths  [number of an override]: of apply_override().
void check_varied_once(Context& context, const std::vector<Override>& overrides,
                       const std::vector<std::string>& paths) {
  std::vector<std::pair<std::string_view, std::size_t>> varied;
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (overrides[i].varied && !paths[i].empty()) varied.emplace_back(paths[i], i);
  std::sort(varied.begin(), varied.end());
  for (std::size_t k = 1; k < varied.size(); ++k) {
    if (!varied[k].first.starts_with(varied[k - 1].first)) continue;
    const auto [first, second] = std::minmax(varied[k - 1].second, varied[k].second);
    context.fault({static_cast<std::uint32_t>(second + 1), 0, 0}, overrides[second].path,
                  in_quotes(overrides[second].value),
                  "a key in `vary` that changes nothing that `" + overrides[first].path + "` changes");
  }
}

// --- small sections -----------------------------------------------------------------------------

void read_parameters(Context& context, const Node& node) {
  if (!node.is_map()) return context.fault(node, "parameters", "a map of names to numbers");
  if (node.keys.size() > kMostParameters) {
    return context.fault(node, "parameters", "at most " + std::to_string(kMostParameters) + " of them");
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string path = "parameters." + node.keys[i].text;
    if (!Parameters::is_allowed_name(node.keys[i].text)) {
      context.fault(node.keys[i].position, path, in_quotes(node.keys[i].text),
                    "a name of letters, digits and _ that is not a function or pi");
    } else if (!node.children[i].is_scalar()) {
      context.fault(node.children[i], path, "a number or an expression");
    } else {
      context.parameters.define(node.keys[i].text, node.children[i].text);
    }
  }
  for (std::size_t i = 0; i < node.keys.size() && !context.stopped(); ++i) {
    if (!Parameters::is_allowed_name(node.keys[i].text) || !node.children[i].is_scalar()) continue;
    const Evaluated evaluated = context.parameters.value(node.keys[i].text);
    if (!evaluated.value) {
      context.fault(node.children[i], "parameters." + node.keys[i].text, evaluated.fault, evaluated.hint);
    }
  }
}

struct SimulationKeys {
  SimulationSpec spec;
  std::optional<double> dt_ms;
  std::optional<double> duration_ms;
  double warm_up_ms = 0;
};

SimulationKeys read_simulation(Context& context, const Node& node, bool duration_required) {
  MapReader map(context, node, Section::simulation, "simulation");
  SimulationKeys keys;
  SimulationSpec& spec = keys.spec;
  keys.dt_ms = map.optional_number("dt");
  context.dt_ms = spec.dt_ms = keys.dt_ms.value_or(*parse_number(map.info("dt").fallback));
  keys.duration_ms = duration_required ? map.required_number("duration") : map.optional_number("duration");
  keys.warm_up_ms = map.number("warm_up");
  const auto seed = map.optional_integer("seed");
  const auto network_seed = map.optional_integer("network_seed");
  spec.seed = seed.value_or(network_seed.value_or(1));
  spec.network_seed = network_seed.value_or(spec.seed);
  const auto precision = map.optional_choice("precision");
  spec.precision = precision == "float64" ? Precision::float64 : Precision::float32;
  return keys;
}

/// Times to steps; separate, because a SONATA network may bring its own dt.
void set_steps(Context& context, const Node& node, SimulationKeys& keys) {
  const auto steps = [&](const char* key, double time_ms) {
    const Node* at = node.find(key);
    return context.steps(time_ms, at == nullptr ? node : *at, std::string("simulation.") + key).value_or(1);
  };
  keys.spec.steps = steps("duration", keys.duration_ms.value_or(context.dt_ms));
  keys.spec.warm_up_steps = steps("warm_up", keys.warm_up_ms);
}

DeviceSpec read_device(Context& context, const Node& node) {
  DeviceSpec device;
  std::optional<std::string> kind;
  if (node.is_map()) {
    MapReader map(context, node, Section::device, "device");
    kind = map.optional_choice("kind");
    device.threads = static_cast<int>(map.integer("threads"));
  } else {
    const KeyInfo& key = key_info(Section::device, "kind");
    const std::vector<std::string> words = choices_of(key);
    kind = node.text;
    if (!node.is_scalar() || std::find(words.begin(), words.end(), node.text) == words.end()) {
      context.fault(node, "device", expectation(key) + ", or a map", did_you_mean(node.text, words));
    }
  }
  if (kind == "cpu") device.kind = DeviceKind::cpu;
  if (kind == "cuda") device.kind = DeviceKind::cuda;
  return device;
}

void read_scaling(Draft& draft, const Node& node) {
  MapReader map(draft.context, node, Section::scaling, "scaling");
  draft.scaling = {map.number("neurons"), map.number("indegrees")};
  draft.scaling_origin = {node.position, "scaling"};
}

// --- SONATA -------------------------------------------------------------------------------------

std::optional<std::filesystem::path> find_network(Draft& draft, MapReader& map) {
  static_cast<void>(map.require("sonata"));
  const auto name = map.optional_text("sonata");
  const std::string hint = where_to_obtain(map);
  return name ? find_data_file(draft, map, "sonata", *name, hint) : std::nullopt;
}

/// `network.poisson_sources`: virtual populations of the files and their rates.
void read_poisson_sources(Draft& draft, const Node& node) {
  Context& context = draft.context;
  std::vector<std::string> names;
  for (const PopulationSpec& population : draft.spec.populations)
    if (population.is_virtual()) names.push_back(population.name);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& [name, position] = node.keys[i];
    const std::string path = "network.poisson_sources." + name;
    const auto found = draft.population_index.find(name);
    if (found == draft.population_index.end() || !draft.spec.populations[found->second].is_virtual()) {
      context.fault(position, path, in_quotes(name), "the name of a virtual population of the files",
                    did_you_mean(name, names));
      continue;
    }
    draft.spec.populations[found->second].kind =
        PoissonSourceSpec{read_rate(draft, node.children[i], path, key_info(Section::population, "rate"), 1)};
  }
}

CheckpointSpec read_checkpoint(Context& context, const Node& node) {
  MapReader map(context, node, Section::checkpoint, "checkpoint");
  CheckpointSpec checkpoint;
  if (const double interval_ms = map.number("interval"); interval_ms > 0) {
    const Node* at = node.find("interval");
    checkpoint.interval_steps =
        context.steps(interval_ms, at == nullptr ? node : *at, "checkpoint.interval").value_or(0);
  }
  checkpoint.wall_interval_s = map.number("wall_interval");
  checkpoint.at_end = map.optional_boolean("at_end").value_or(true);
  checkpoint.keep = static_cast<int>(map.integer("keep"));
  return checkpoint;
}

void read_sonata_network(Draft& draft, const Node& root, const Node& node, const Node& simulation) {
  Context& context = draft.context;
  for (const char* key : {"populations", "projections", "projection_table", "population_defaults",
                          "neuromodulators", "stimuli", "protocol"}) {
    const Node* other = root.find(key);
    if (other != nullptr) context.fault(*other, key, "no such key here: `network` brings it");
  }
  SimulationKeys keys = read_simulation(context, simulation, false);
  if (draft.scaling.active()) {
    context.fault(draft.scaling_origin.position, "scaling", "a SONATA network",
                  "no scaling: its connections are given one by one, and its rates are not known");
  }
  std::optional<std::filesystem::path> path;
  const Node* poisson_sources = nullptr;
  {
    MapReader map(context, node, Section::network, "network");
    path = find_network(draft, map);
    poisson_sources = map.find("poisson_sources");
    if (poisson_sources != nullptr && !poisson_sources->is_map())
      map.fault("poisson_sources", "a map of populations to rates");
  }
  if (!path || context.n_faults() > 0) return;
  SonataOptions options;
  options.dt_ms = keys.dt_ms;
  options.duration_ms = keys.duration_ms;
  options.warm_up_ms = keys.warm_up_ms;
  options.seed = keys.spec.seed;
  options.network_seed = keys.spec.network_seed;
  options.precision = keys.spec.precision;
  if (poisson_sources != nullptr)
    for (const Node::Key& key : poisson_sources->keys) options.poisson_sources.insert(key.text);
  options.warn = [&](const std::string& text) { context.warn(node.position, "network", text, ""); };
  draft.spec = read_sonata(*path, options);
  draft.file_digests.push_back(to_hex(sha256(read_text_file(*path, kLargestFileBytes))));
  context.dt_ms = draft.spec.simulation.dt_ms;
  if (keys.duration_ms) set_steps(context, simulation, keys);
  for (std::uint32_t i = 0; i < draft.spec.populations.size(); ++i) {
    draft.population_index.emplace(draft.spec.populations[i].name, i);
  }
  if (poisson_sources != nullptr) read_poisson_sources(draft, *poisson_sources);
  if (const Node* inputs = root.find("inputs")) read_inputs(draft, *inputs);
}

// --- the whole ----------------------------------------------------------------------------------

/// How long a protocol takes is known once it is read, and not shorter than any time in the config until
/// then.
void refuse_times_of_protocol(Context& context, const Node& simulation, SimulationKeys& keys) {
  for (const char* key : {"duration", "warm_up"})
    if (const Node* node = simulation.find(key))
      context.fault(*node, std::string("simulation.") + key,
                    "no such key beside a protocol: a phase without `present` lets the network run freely");
  keys.spec.steps = std::uint64_t{1} << 52;
}

void read_own_network(Draft& draft, MapReader& top, const Node& simulation) {
  Context& context = draft.context;
  const Node* phases = top.find("protocol");
  const Node* stimuli = top.find("stimuli");
  SimulationKeys keys = read_simulation(context, simulation, top.has("simulation") && phases == nullptr);
  set_steps(context, simulation, keys);
  if (phases != nullptr) refuse_times_of_protocol(context, simulation, keys);
  draft.spec.simulation = keys.spec;
  if (stimuli != nullptr) read_presented_names(draft, *stimuli);
  const Node* populations = top.require("populations");
  if (populations == nullptr) return;
  const Node* regions = top.find("neuromodulators");
  if (regions != nullptr) read_region_names(draft, *regions);
  read_populations(draft, *populations, top.find("population_defaults"));
  if (regions != nullptr) read_regions(draft, *regions);
  if (const Node* node = top.find("projections")) read_projections(draft, *node);
  if (const Node* node = top.find("projection_table")) read_projection_table(draft, *node);
  if (const Node* node = top.find("inputs")) read_inputs(draft, *node);
  Node no_stimuli;
  no_stimuli.kind = Node::Kind::map;
  if (phases != nullptr)
    read_protocol(draft, stimuli == nullptr ? no_stimuli : *stimuli, *phases);
  else if (stimuli != nullptr)
    context.fault(*stimuli, "stimuli", "a `protocol` beside them, which presents them");
}

void read_model(Draft& draft, const Node& root) {
  Context& context = draft.context;
  MapReader top(context, root, Section::top, "");
  for (const std::string& key : key_names(Section::top)) static_cast<void>(top.find(key));
  if (!root.is_map()) return;
  if (const Node* node = top.find("parameters")) read_parameters(context, *node);
  if (const Node* node = top.find("scaling")) read_scaling(draft, *node);
  const Node* network = top.find("network");
  Node no_simulation;
  no_simulation.kind = Node::Kind::map;
  no_simulation.position = root.position;
  const Node* simulation = network == nullptr ? top.require("simulation") : top.find("simulation");
  if (simulation == nullptr) simulation = &no_simulation;
  const Node* record = top.find("record");
  if (network != nullptr) {
    read_sonata_network(draft, root, *network, *simulation);
  } else {
    read_own_network(draft, top, *simulation);
  }
  const bool has_populations = !draft.spec.populations.empty();
  if (has_populations && (network == nullptr || record != nullptr)) read_record(draft, record);
  if (const Node* node = top.find("device")) draft.spec.device = read_device(context, *node);
  if (const Node* node = top.find("checkpoint")) draft.spec.checkpoint = read_checkpoint(context, *node);
  draft.spec.watchdog =
      read_watchdog(context, *(top.has("watchdog") ? top.find("watchdog") : &no_simulation));
  if (const Node* node = top.find("batch"))
    draft.spec.batch = read_batch(context, *node, draft.spec.simulation);
  const Node* memory = top.find("memory");
  if (memory != nullptr && memory->kind != Node::Kind::null && has_populations) read_memory(draft, *memory);
  if (const auto title = top.optional_text("title")) draft.spec.title = *title;
  if (context.n_faults() == 0) apply_scaling(draft);
}

Source source_of(const std::string& config, const Override& override) {
  if (override.line > 0) return {config, override.line, override.column};
  return {"--set " + shortened(to_text(override))};
}

std::string digest_of(Node root, const std::vector<std::string>& file_digests, const ModelSpec& spec) {
  for (std::size_t i = root.keys.size(); i-- > 0;) {
    const std::string& key = root.keys[i].text;
    if (key != "device" && key != "title" && key != "checkpoint" && key != "batch") continue;
    erase_child(root, i);
  }
  std::string text = canonical_text(root);
  for (const std::string& digest : file_digests) text += "\n" + digest;
  if (spec.watchdog.rolls_back())  // to a multiple of it
    text += "\ncheckpoint.interval " + std::to_string(spec.checkpoint.interval_steps);
  return to_hex(sha256(text));
}

}  // namespace

}  // namespace config

Override parse_override(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw Error(ExitCode::usage, "--set: read " + in_quotes(argument) +
                                     ", expected KEY=VALUE, for example populations.E.size=500");
  }
  return {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1))};
}

std::vector<Override> parse_overrides(const std::vector<std::string>& arguments) {
  std::vector<Override> overrides;
  for (const std::string& argument : arguments) overrides.push_back(parse_override(argument));
  return overrides;
}

std::string to_text(const Override& override) {
  return override.path + "=" + override.value;
}

struct ConfigText::Parsed {
  std::string text;
  std::string name;
  std::vector<Override> overrides;
  std::filesystem::path base_folder;
  std::vector<Diagnostic> faults{};  ///< repeated keys
  config::Node root{};               ///< of the text, but for `batch`
  std::optional<config::Entry> batch{};

  /// @param root  becomes that of a whole config by the overrides.
  [[nodiscard]] ModelSpec read(config::Node root, const std::vector<Override>& all, bool with_batch,
                               std::vector<Diagnostic>* warnings) const;
};

ModelSpec ConfigText::Parsed::read(config::Node tree, const std::vector<Override>& all, bool with_batch,
                                   std::vector<Diagnostic>* warnings) const {
  using namespace config;
  std::vector<Source> sources = {{name}};
  for (const Override& override : all) sources.push_back(source_of(name, override));
  Context context(std::move(sources));
  context.add_faults(faults);
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < all.size(); ++i)
    paths.push_back(apply_override(context, tree, all[i], static_cast<std::uint32_t>(i + 1)));
  check_varied_once(context, all, paths);
  if (!with_batch) static_cast<void>(take_entry(tree, "batch"));
  Draft draft{.context = context, .base_folder = base_folder};
  read_model(draft, tree);
  if (context.n_faults() > 0) throw ConfigError(context.take_faults());
  if (draft.spec.title.empty()) draft.spec.title = std::filesystem::path(name).stem().string();
  draft.spec.config_text = text;
  draft.spec.config_digest = digest_of(std::move(tree), draft.file_digests, draft.spec);
  if (warnings != nullptr) *warnings = context.take_warnings();
  return std::move(draft.spec);
}

ConfigText::ConfigText(std::string_view text, const std::string& name, std::vector<Override> overrides,
                       const std::filesystem::path& base_folder) {
  auto parsed = std::make_unique<Parsed>(Parsed{std::string(text), name, std::move(overrides), base_folder});
  parsed->root = config::parse_document(text, name, 0, parsed->faults);
  if (!parsed->faults.empty() && !parsed->root.is_map()) throw ConfigError(std::move(parsed->faults));
  parsed->batch = config::take_entry(parsed->root, "batch");
  parsed_ = std::move(parsed);
}

ConfigText::~ConfigText() = default;
ConfigText::ConfigText(ConfigText&&) noexcept = default;
ConfigText& ConfigText::operator=(ConfigText&&) noexcept = default;

const std::string& ConfigText::name() const {
  return parsed_->name;
}

ModelSpec ConfigText::load(std::vector<Diagnostic>* warnings) const {
  config::Node root = parsed_->root;
  if (parsed_->batch) {
    root.keys.push_back(parsed_->batch->key);
    root.children.push_back(parsed_->batch->value);
  }
  return parsed_->read(std::move(root), parsed_->overrides, true, warnings);
}

ModelSpec ConfigText::load_instance(const std::vector<Override>& further) const {
  std::vector<Override> all = parsed_->overrides;
  all.insert(all.end(), further.begin(), further.end());
  return parsed_->read(parsed_->root, all, false, nullptr);
}

ConfigText config_text_of(const std::filesystem::path& file, std::vector<Override> overrides) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code ignored;
  if (std::filesystem::is_regular_file(file, ignored) &&
      std::filesystem::file_size(file, ignored) > config::kLargestFileBytes) {
    throw ConfigError({{file.string(), 0, 0, "", "a file of more than 64 MiB", "a config",
                        "long lists of spikes can stand in a file of their own"}});
  }
  return {read_text_file(file, config::kLargestFileBytes), file.string(), std::move(overrides), folder};
}

ModelSpec load_config_text(std::string_view text, const std::string& name,
                           const std::vector<Override>& overrides, std::vector<Diagnostic>* warnings,
                           const std::filesystem::path& base_folder) {
  return ConfigText(text, name, overrides, base_folder).load(warnings);
}

ModelSpec load_config(const std::filesystem::path& file, const std::vector<Override>& overrides,
                      std::vector<Diagnostic>* warnings) {
  return config_text_of(file, overrides).load(warnings);
}

}  // namespace sharpwave
