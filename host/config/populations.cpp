// The `populations` section.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/base/sha256.hpp"
#include "host/config/draft.hpp"
#include "host/io/sonata.hpp"
#include "host/io/text_file.hpp"
#include "host/network/distribution.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave::config {
namespace {

/// Far above what anybody writes; a list among the defaults would be copied for each population.
constexpr std::uint64_t kMostDefaults = 200'000;

/// Value i of constants and lists; nothing for distributions.
std::optional<double> element(const Values& values, std::size_t i) {
  if (const auto* list = std::get_if<std::vector<double>>(&values)) return (*list)[i];
  const auto& distribution = std::get<Distribution>(values);
  if (distribution.kind != Distribution::Kind::constant) return std::nullopt;
  return distribution.a;
}

void read_parameters(MapReader& map, std::uint32_t size, const NeuronModelInfo& info, NeuronSpec& neurons) {
  Context& context = map.context();
  for (const auto& [parameter, fallback] : info.parameters) {
    const std::string name(quantity(parameter).name);
    const Node* node = map.find(name);
    if (node == nullptr) continue;
    if (parameter == NeuronParameter::t_ref && node->is_map()) {
      context.fault(*node, map.path_of(name), "a number or a list: it counts steps");
      continue;
    }
    const std::size_t n_faults = context.n_faults();
    Values values = read_values(context, *node, map.path_of(name), map.info(name), size);
    // After a fault the default stays, which causes no further ones.
    if (context.n_faults() == n_faults) neurons[parameter] = std::move(values);
  }
}

void check_t_ref(MapReader& map, const NeuronSpec& neurons) {
  const Values& values = neurons[NeuronParameter::t_ref];
  Node fallback;
  fallback.kind = Node::Kind::scalar;
  fallback.position = map.node().position;
  const Node* node = map.has("t_ref") ? map.find("t_ref") : &fallback;
  if (const auto* list = std::get_if<std::vector<double>>(&values)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      static_cast<void>(map.context().steps((*list)[i], node->children[i], map.path_of("t_ref")));
    }
  } else if (node->is_scalar()) {
    const double t_ref_ms = std::get<Distribution>(values).a;
    if (node == &fallback) fallback.text = plain(t_ref_ms);
    static_cast<void>(map.context().steps(t_ref_ms, *node, map.path_of("t_ref")));
  }
}

/// The potential after a spike is below the one that makes it, wherever both are known; drawn ones are
/// compared when they are drawn.
void check_threshold(MapReader& map, std::uint32_t size, const NeuronSpec& neurons) {
  const auto is_list = [](const Values& values) { return values.index() != 0; };
  const bool lists = std::any_of(neurons.parameters.begin(), neurons.parameters.end(), is_list);
  for (std::size_t i = 0; i < (lists ? size : 1); ++i) {
    const auto rule = reset_rule(neurons.model, element(neurons[NeuronParameter::Delta_T], i).value_or(1));
    if (!rule) return;
    const Values& reset = neurons[rule->reset];
    const Values& spike = neurons[rule->spike];
    const auto low = element(reset, i);
    const auto high = element(spike, i);
    if (!low || !high || *low < *high) continue;
    const std::string low_name(quantity(rule->reset).name);
    const std::string high_name(quantity(rule->spike).name);
    map.fault(map.has(low_name) ? low_name : high_name,
              low_name + " below " + high_name + ", or every step spikes",
              lists ? "element " + std::to_string(i) : "");
    return;
  }
}

void read_initial(MapReader& map, std::uint32_t size, const NeuronModelInfo& info, NeuronSpec& neurons) {
  neurons[StateVariable::V_m] = resting_potential(neurons);
  for (const StateVariable variable : info.variables) {
    const std::string name(quantity(variable).name);
    if (const Node* node = map.find(name))
      neurons[variable] = read_values(map.context(), *node, map.path_of(name), map.info(name), size);
  }
}

void read_options(MapReader& population, const NeuronModelInfo& info, NeuronSpec& neurons) {
  if (info.model == NeuronModel::iaf_psc_delta)
    neurons.refractory_input = population.optional_boolean("refractory_input").value_or(false);
  if (info.model == NeuronModel::izhikevich)
    neurons.consistent_integration = population.optional_boolean("consistent_integration").value_or(true);
  if (info.substeps > 0)
    if (const auto substeps = population.optional_integer("substeps"))
      neurons.substeps = static_cast<int>(*substeps);
}

NeuronSpec read_neurons(MapReader& population, const std::string& model, std::uint32_t size) {
  NeuronSpec neurons = default_neurons(*neuron_model(model));
  const NeuronModelInfo& info = model_info(neurons.model);
  Node absent;
  absent.kind = Node::Kind::map;
  absent.position = population.node().position;
  const auto section = [&](const char* key) -> const Node& {
    const Node* node = population.find(key);
    return node == nullptr ? absent : *node;
  };
  Context& context = population.context();
  MapReader parameters(context, section("params"), Section::neuron_parameters, population.path_of("params"),
                       "not a parameter of " + model);
  read_parameters(parameters, size, info, neurons);
  if (info.has(NeuronParameter::t_ref)) check_t_ref(parameters, neurons);
  check_threshold(parameters, size, neurons);
  MapReader initial(context, section("initial"), Section::initial_values, population.path_of("initial"),
                    "not a state variable of " + model);
  read_initial(initial, size, info, neurons);
  read_options(population, info, neurons);
  return neurons;
}

void append_spike(MapReader& map, const Node& node, const std::string& path, double index, double time,
                  std::uint32_t size, SpikeSourceSpec& spikes) {
  if (!(index >= 0 && index < size && index == std::floor(index))) {
    map.context().fault(node, path, "an index from 0 to " + std::to_string(size - 1));
  } else if (!(time > 0)) {
    map.context().fault(node, path, "a time > 0 ms: the first step ends at dt");
  } else {
    spikes.indices.push_back(static_cast<std::uint32_t>(index));
    spikes.times_ms.push_back(time);
  }
}

void read_spike_pairs(MapReader& map, const Node& node, std::uint32_t size, SpikeSourceSpec& spikes) {
  if (!node.is_sequence()) return map.fault("spikes", "a list of pairs [index, time in ms]");
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const std::string path = map.path_of("spikes") + "[" + std::to_string(i) + "]";
    const Node& pair = node.children[i];
    if (!pair.is_sequence() || pair.children.size() != 2) {
      map.context().fault(pair, path, "a pair [index, time in ms]");
      continue;
    }
    const KeyInfo number{.name = "spikes"};
    const auto values = map.context().numbers(pair, path, number);
    if (values.size() == 2) append_spike(map, pair, path, values[0], values[1], size, spikes);
  }
}

void read_spike_lists(MapReader& map, const Node& node, std::uint32_t size, SpikeSourceSpec& spikes) {
  if (!node.is_sequence() || node.children.size() != size) {
    return map.fault("times", "one list of times per element, " + std::to_string(size) + " of them");
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const std::string path = map.path_of("times") + "[" + std::to_string(i) + "]";
    const KeyInfo number{.name = "times", .unit = "ms"};
    for (const double time : map.context().numbers(node.children[i], path, number)) {
      append_spike(map, node.children[i], path, static_cast<double>(i), time, size, spikes);
    }
  }
}

void read_spike_file(MapReader& map, Draft& draft, std::uint32_t size, SpikeSourceSpec& spikes) {
  const Node* name = map.find("file");
  const bool is_hdf5 = name->text.ends_with(".h5") || name->text.ends_with(".hdf5");
  const auto population = is_hdf5 ? map.optional_text("file_population") : std::nullopt;
  const auto path = find_file(draft, map, "file");
  if (!path) return;
  constexpr std::uint64_t kLargestSpikeFile = 4ULL << 30;
  try {
    spikes =
        is_hdf5 ? read_sonata_spikes(*path, population.value_or(""), size) : read_text_spikes(*path, size);
    draft.file_digests.push_back(to_hex(sha256(read_text_file(*path, kLargestSpikeFile))));
  } catch (const Error& error) {
    return map.fault("file", "a readable spike file", error.what());
  }
  if (std::any_of(spikes.times_ms.begin(), spikes.times_ms.end(), [](double t) { return !(t > 0); })) {
    map.fault("file", "times > 0 ms only: the first step ends at dt");
  }
}

void sort_spikes(SpikeSourceSpec& spikes) {
  std::vector<std::size_t> order(spikes.indices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) { return std::pair(spikes.times_ms[i], spikes.indices[i]); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  SpikeSourceSpec sorted;
  for (const std::size_t i : order) {
    sorted.indices.push_back(spikes.indices[i]);
    sorted.times_ms.push_back(spikes.times_ms[i]);
  }
  spikes = std::move(sorted);
}

SpikeSourceSpec read_spike_source(MapReader& map, Draft& draft, std::uint32_t size) {
  SpikeSourceSpec spikes;
  const Node* pairs = map.find("spikes");
  const Node* times = map.find("times");
  const bool from_file = map.find("file") != nullptr;
  if ((pairs != nullptr) + (times != nullptr) + from_file != 1) {
    map.context().fault(map.node(), map.path(), "exactly one of spikes, times, file");
  }
  if (pairs != nullptr) read_spike_pairs(map, *pairs, size, spikes);
  if (times != nullptr) read_spike_lists(map, *times, size, spikes);
  if (from_file) read_spike_file(map, draft, size, spikes);
  sort_spikes(spikes);
  const SimulationSpec& simulation = draft.spec.simulation;
  const double end_ms = static_cast<double>(simulation.warm_up_steps + simulation.steps) * simulation.dt_ms;
  // Half a step of slack: a time is rounded up to the grid, and end_ms itself is a product of rounded
  // numbers.
  const auto late =
      std::upper_bound(spikes.times_ms.begin(), spikes.times_ms.end(), end_ms + 1e-6 * simulation.dt_ms);
  const auto kept = static_cast<std::size_t>(late - spikes.times_ms.begin());
  if (kept < spikes.times_ms.size()) {
    map.context().warn(map.node().position, map.path(),
                       std::to_string(spikes.times_ms.size() - kept) + " spikes after the end",
                       "times up to " + std::to_string(end_ms) + " ms; the later ones are ignored");
  }
  spikes.indices.resize(kept);
  spikes.times_ms.resize(kept);
  return spikes;
}

std::uint64_t n_nodes(const Node& node) {
  std::uint64_t n = 1;
  for (const Node& child : node.children) n += n_nodes(child);
  return n;
}

/// `population` with what it lacks taken from `population_defaults`; params and initial key by key. Keys that
/// a population cannot take (a parrot has no params) are left out.
/// `copied` counts the nodes that are taken over.
Node with_defaults(const Node& population, const Node& defaults, std::uint64_t& copied) {
  Node merged = population;
  const Node* own_model = population.find("model");
  const bool is_neuron = own_model == nullptr || neuron_model(own_model->text).has_value();
  if (!is_neuron) return merged;
  for (std::size_t i = 0; i < defaults.keys.size(); ++i) {
    Node* own = merged.find(defaults.keys[i].text);
    if (own == nullptr) {
      copied += n_nodes(defaults.children[i]);
      merged.keys.push_back(defaults.keys[i]);
      merged.children.push_back(defaults.children[i]);
    } else if (own->is_map() && defaults.children[i].is_map()) {
      std::set<std::string> own_keys;
      for (const Node::Key& key : own->keys) own_keys.insert(key.text);
      for (std::size_t j = 0; j < defaults.children[i].keys.size(); ++j) {
        if (own_keys.contains(defaults.children[i].keys[j].text)) continue;
        copied += n_nodes(defaults.children[i].children[j]);
        own->keys.push_back(defaults.children[i].keys[j]);
        own->children.push_back(defaults.children[i].children[j]);
      }
    }
  }
  return merged;
}

/// A step of theta is rounded by up to 2^-24 of it, and decays by dt / tau_theta of it.
void warn_of_slow_theta(Draft& draft, MapReader& map, const NeuronSpec& neurons) {
  constexpr double kRounding = 0x1p-24;
  constexpr double kTolerated = 0.01;
  if (draft.spec.simulation.precision == Precision::float64 || neurons.model != NeuronModel::iaf_cond_exp)
    return;
  if (!(range_of(neurons[NeuronParameter::theta_plus]).high > 0)) return;
  const double tau_ms = range_of(neurons[NeuronParameter::tau_theta]).high;
  const double most_ms = draft.spec.simulation.dt_ms * kTolerated / kRounding;
  if (tau_ms > most_ms)
    map.context().warn(
        map.node().position, map.path_of("params.tau_theta"), number_text(tau_ms) + " ms in float32",
        "at most " + number_text(std::round(most_ms)) +
            " ms, or `precision: float64`: theta decays by less than its rounding can follow to 1 %");
}

void read_population(Draft& draft, const std::string& name, const Node& node) {
  Context& context = draft.context;
  const std::string path = "populations." + name;
  MapReader map(context, node, Section::population, path, "not for this model");
  PopulationSpec population;
  population.name = name;
  const Node* size_node = map.require("size");
  const auto size = size_node == nullptr ? std::nullopt
                                         : context.integer(*size_node, map.path_of("size"), map.info("size"));
  population.size = static_cast<std::uint32_t>(size.value_or(1));
  const auto model = map.required_choice("model");
  map.set_inapplicable(model ? "not for " + *model : "not for this model");
  population.expected_rate_Hz = map.optional_number("expected_rate");
  if (model && size) {
    if (*model == "parrot") {
      population.kind = ParrotSpec{};
    } else if (*model == "poisson_source") {
      PoissonSourceSpec source;
      const bool is_presented = draft.presented.contains(name);
      if (is_presented) source.presented_up_to_Hz = 0;
      if (is_presented) map.set_inapplicable("not where `stimuli` bring it");
      const Node* rate = is_presented ? nullptr : map.require("rate");
      if (rate != nullptr) source.rate = read_rate(draft, *rate, map.path_of("rate"), map.info("rate"), 1);
      population.kind = source;
    } else if (*model == "spike_source") {
      const bool is_presented = draft.presented.contains(name);
      if (is_presented) map.set_inapplicable("not where `stimuli` bring it");
      population.kind =
          is_presented ? SpikeSourceSpec{.presented = true} : read_spike_source(map, draft, population.size);
    } else {
      NeuronSpec neurons = read_neurons(map, *model, population.size);
      warn_of_slow_theta(draft, map, neurons);
      population.kind = std::move(neurons);
      population.input_gain = read_region(draft, map, "input_gain");
      population.external_gain = read_region(draft, map, "external_gain");
    }
  } else {
    // Without size or model nothing more can be judged; do not call the rest unknown.
    for (const std::string& key : key_names(Section::population)) static_cast<void>(map.find(key));
  }
  draft.population_index.emplace(name, static_cast<std::uint32_t>(draft.spec.populations.size()));
  draft.spec.populations.push_back(std::move(population));
  draft.population_origins.push_back({node.position, path});
}

}  // namespace

std::optional<std::filesystem::path> find_file(Draft& draft, MapReader& map, std::string_view key) {
  const auto name = map.optional_text(key);
  if (!name) return std::nullopt;
  const std::filesystem::path path = draft.base_folder / *name;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return path;
  map.fault(key, "a file at " + in_quotes(path.string()),
            std::filesystem::is_directory(path, ignored) ? "that is a folder" : "there is none");
  return std::nullopt;
}

bool is_population_name(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-';
  });
}

void read_populations(Draft& draft, const Node& node, const Node* defaults) {
  Context& context = draft.context;
  if (!node.is_map()) return context.fault(node, "populations", "a map of populations");
  if (node.keys.empty()) return context.fault(node, "populations", "at least one population");
  if (defaults != nullptr) {
    MapReader map(context, *defaults, Section::population_defaults, "population_defaults");
    for (const std::string& key : key_names(Section::population_defaults)) static_cast<void>(map.find(key));
  }
  std::uint64_t n_elements = 0;
  std::uint64_t n_copied = 0;
  for (std::size_t i = 0; i < node.keys.size() && !context.stopped(); ++i) {
    const auto& [name, position] = node.keys[i];
    if (!is_population_name(name)) {
      context.fault(position, "populations", in_quotes(name),
                    "a name of at most 64 letters, digits, _, + and -");
      continue;
    }
    const bool merge = defaults != nullptr && defaults->is_map() && node.children[i].is_map();
    read_population(draft, name,
                    merge ? with_defaults(node.children[i], *defaults, n_copied) : node.children[i]);
    if (n_copied > kMostDefaults) {
      context.fault(*defaults, "population_defaults",
                    "values that come to at most " + std::to_string(kMostDefaults) +
                        " once every population has taken them");
      break;
    }
    n_elements += draft.spec.populations.back().size;
  }
  if (n_elements > kMostElements) {
    context.fault(node.position, "populations", std::to_string(n_elements) + " elements in all",
                  "at most " + std::to_string(kMostElements) + ", so that ids have 32 bits");
  }
}

}  // namespace sharpwave::config
