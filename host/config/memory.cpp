// `memory`: a consolidation plugin, what it is told, and what its answers do.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "host/base/json.hpp"
#include "host/config/draft.hpp"
#include "host/network/memory_spec.hpp"
#include "host/signals/stream.hpp"

namespace sharpwave::config {
namespace {

constexpr std::size_t kMostStreams = 1000;

bool is_space_name(const std::string& text) {
  return text.size() >= 3 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

bool is_plugin_name(const std::string& text) {
  return is_file_word(text) && text.find('-') == std::string::npos;
}

template <class Number>
bool read_whole(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// As YAML 1.2 reads it: numbers, truth values and nothing are such where they are not quoted.
Json json_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::sequence: {
      Json list = Json::array();
      for (const Node& child : node.children) list.push_back(json_of(child));
      return list;
    }
    case Node::Kind::map: {
      Json map = Json::object();
      for (std::size_t i = 0; i < node.keys.size(); ++i) map[node.keys[i].text] = json_of(node.children[i]);
      return map;
    }
    case Node::Kind::scalar:
      break;
  }
  if (node.quoted) return node.text;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  std::int64_t integer = 0;
  if (read_whole(node.text, integer)) return integer;
  double number = 0;
  if (read_whole(node.text, number) && std::isfinite(number)) return number;
  return node.text;
}

class MemoryReader {
 public:
  MemoryReader(Draft& draft, const Node& node)
      : draft_(draft), context_(draft.context), map_(draft.context, node, Section::memory, "memory") {}

  void read() {
    read_plugin();
    read_embedding();
    read_populations();
    read_windows();
    read_plasticity();
    read_region();
    read_queue();
    if (const Node* options = map_.find("options")) {
      if (!options->is_map()) map_.fault("options", "a map");
      memory_.options = json_of(*options).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    if (const Node* couple = map_.find("couple")) read_coupling(*couple);
    draft_.spec.memory = std::make_shared<const MemorySpec>(std::move(memory_));
  }

 private:
  void read_plugin() {
    static_cast<void>(map_.require("plugin"));
    const auto name = map_.optional_text("plugin");
    if (!name) return;
    memory_.plugin = *name;
    if (name->find('/') != std::string::npos)
      memory_.plugin = std::filesystem::absolute(draft_.base_folder / *name).lexically_normal().string();
    else if (!is_plugin_name(*name))
      map_.fault("plugin", "a name of letters, digits and _, or a file with a / in it");
  }

  void read_embedding() {
    const Node* node = map_.find("embedding");
    Node none;
    none.kind = Node::Kind::map;
    MapReader map(context_, node == nullptr ? none : *node, Section::embedding, "memory.embedding");
    EmbeddingSpec& embedding = memory_.embedding;
    embedding.is_projected = map.optional_choice("kind").value_or("projection") == "projection";
    embedding.settle = static_cast<std::uint32_t>(map.integer("settle"));
    if (!embedding.is_projected) return map.set_inapplicable("not of `counts`");
    embedding.dimension = static_cast<std::uint32_t>(map.integer("dimension"));
    embedding.seed = map.integer("seed");
  }

  void read_populations() {
    const Node* list = map_.require("populations");
    if (list == nullptr) return;
    if (!list->is_sequence() || list->children.empty() || list->children.size() > kMostStreams)
      return map_.fault("populations",
                        "a list of 1 to " + std::to_string(kMostStreams) + " populations or maps of them");
    for (std::size_t i = 0; i < list->children.size(); ++i)
      read_population(list->children[i], "memory.populations[" + std::to_string(i) + "]");
  }

  void read_population(const Node& node, const std::string& path) {
    if (!node.is_map()) {
      const auto name = context_.text(node, path);
      if (name) add_population(*name, "default", node, path);
      return;
    }
    MapReader map(context_, node, Section::remembered_population, path);
    const Node* at = map.require("population");
    const auto name = map.optional_text("population");
    const std::string space = map.optional_text("space").value_or("default");
    if (!is_space_name(space)) map.fault("space", "3 to 64 of a to z, 0 to 9, _ and -");
    if (name) add_population(*name, space, *at, map.path_of("population"));
  }

  void add_population(const std::string& name, const std::string& space, const Node& at,
                      const std::string& path) {
    const auto population = population_named(name, at, path);
    if (!population) return;
    if (!seen_.insert(*population).second)
      return context_.fault(at, path, "a population that is not there twice");
    const std::uint32_t size = draft_.scaled_size(*population);
    const std::uint32_t dimension = memory_.embedding.is_projected ? memory_.embedding.dimension : size;
    if (dimension > kMostCounts)
      return context_.fault(at, path,
                            "at most " + std::to_string(kMostCounts) + " neurons, not " +
                                std::to_string(size) + ", where the embedding is `counts`",
                            "`embedding: {kind: projection}` takes any number");
    const auto [of_space, is_new] = dimension_of_.emplace(space, dimension);
    if (!is_new && of_space->second != dimension)
      return context_.fault(at, path,
                            "as many neurons as others of the space '" + space + "', " +
                                std::to_string(of_space->second) + ", not " + std::to_string(size),
                            "`{population: " + name + ", space: ...}` gives it another one");
    memory_.populations.push_back({*population, space});
  }

  std::optional<std::uint32_t> population_named(const std::string& name, const Node& at,
                                                const std::string& path) {
    std::vector<std::string> names;
    for (std::uint32_t k = 0; k < draft_.spec.populations.size(); ++k) {
      if (draft_.spec.populations[k].is_virtual()) continue;
      if (draft_.spec.populations[k].name == name) return k;
      names.push_back(draft_.spec.populations[k].name);
    }
    context_.fault(at, path, "the name of a population of neurons or parrots", did_you_mean(name, names));
    return std::nullopt;
  }

  void read_windows() {
    const Node* window = map_.find("window");
    if (window != nullptr && window->is_scalar() && window->text == "presentation") {
      memory_.window_is_presentation = true;
      if (draft_.spec.protocol == nullptr && context_.n_faults() == 0)
        map_.fault("window", "a number of ms, as there is no `protocol` that presents anything");
    } else if (window != nullptr) {
      memory_.window_steps = std::max<std::uint64_t>(1, map_.optional_steps("window").value_or(1));
    }
    if (const Node* ripple = map_.find("ripple"))
      read_ripple(*ripple);
    else if (window == nullptr)
      static_cast<void>(map_.require("window"));
  }

  void read_ripple(const Node& node) {
    MapReader map(context_, node, Section::ripple, "memory.ripple");
    RippleSpec ripple;
    ripple.factor = map.number("threshold");
    ripple.rate_Hz = map.optional_number("rate");
    if (map.has("threshold") && ripple.rate_Hz) map.fault("rate", "either `threshold` or `rate`");
    const double bin_ms = static_cast<double>(signal_bin_steps(context_.dt_ms)) * context_.dt_ms;
    const auto bins = [&](const char* key) {
      return static_cast<std::uint64_t>(std::ceil(map.number(key) / bin_ms - 1e-9));
    };
    ripple.shortest_bins = std::max<std::uint64_t>(1, bins("shortest"));
    ripple.longest_bins = bins("longest");
    if (ripple.longest_bins < ripple.shortest_bins) map.fault("longest", "at least `shortest`");
    memory_.ripple = ripple;
  }

  void read_plasticity() {
    const Node* list = map_.find("plasticity");
    if (list == nullptr) return;
    if (!list->is_sequence()) return map_.fault("plasticity", "a list of names of projections");
    std::vector<std::string> names;
    for (const ProjectionSpec& projection : draft_.spec.projections)
      if (projection.plasticity) names.push_back(projection.name);
    for (std::size_t i = 0; i < list->children.size(); ++i) {
      const std::string path = "memory.plasticity[" + std::to_string(i) + "]";
      const auto name = context_.text(list->children[i], path);
      if (!name || draft_.faulty_rules.contains(*name)) continue;
      const auto found = std::ranges::find_if(
          draft_.spec.projections, [&](const ProjectionSpec& p) { return p.plasticity && p.name == *name; });
      if (found == draft_.spec.projections.end()) {
        context_.fault(list->children[i], path, "the name of a plastic projection",
                       did_you_mean(*name, names));
        continue;
      }
      memory_.plasticity.push_back(static_cast<std::uint32_t>(found - draft_.spec.projections.begin()));
    }
  }

  void read_region() {
    memory_.region = config::read_region(draft_, map_, "region");
    if (!map_.has("region") && !draft_.spec.regions.empty()) memory_.region = 0;
  }

  void read_queue() {
    const Node* node = map_.find("queue");
    Node none;
    none.kind = Node::Kind::map;
    MapReader map(context_, node == nullptr ? none : *node, Section::memory_queue, "memory.queue");
    memory_.queue_capacity = static_cast<std::uint32_t>(map.integer("capacity"));
    memory_.drops_when_full = map.optional_choice("when_full") == "drop";
    if (memory_.drops_when_full && map_.has("couple"))
      map.fault("when_full",
                "`wait` where the memory is coupled: an answer that is lost would change the run");
  }

  void read_coupling(const Node& node) {
    MapReader map(context_, node, Section::coupling, "memory.couple");
    CouplingSpec coupling;
    static_cast<void>(map.require("delay"));
    coupling.delay_steps = std::max<std::uint64_t>(1, map.optional_steps("delay").value_or(1));
    if (const Node* novelty = map.find("novelty")) read_novelty(*novelty, coupling);
    if (const Node* replay = map.find("replay")) read_replay(*replay, coupling);
    if (!map.has("novelty") && !map.has("replay"))
      context_.fault(node, "memory.couple", "`novelty`, `replay`, or both");
    if (draft_.spec.watchdog.rolls_back())
      context_.fault(node, "memory.couple", "no action of the watchdog that is `rollback`",
                     "what the memory has learned does not go back with the network");
    memory_.coupling = coupling;
  }

  void read_novelty(const Node& node, CouplingSpec& coupling) {
    MapReader map(context_, node, Section::coupled_novelty, "memory.couple.novelty");
    static_cast<void>(map.require("region"));
    coupling.novelty_region = config::read_region(draft_, map, "region");
    coupling.novelty_gain = map.number("gain");
    const auto& regions = draft_.spec.regions;
    if (coupling.novelty_region && *coupling.novelty_region < regions.size() &&
        !regions[*coupling.novelty_region].has(Modulator::noradrenaline))
      map.fault("region", "a region that has noradrenaline");
  }

  void read_replay(const Node& node, CouplingSpec& coupling) {
    MapReader map(context_, node, Section::coupled_replay, "memory.couple.replay");
    ReplaySpec replay;
    replay.blend = map.number("blend");
    static_cast<void>(map.require("duration"));
    replay.duration_steps = std::max<std::uint64_t>(1, map.optional_steps("duration").value_or(1));
    replay.current_pA = map.required_number("current").value_or(1);
    if (memory_.embedding.is_projected)
      context_.fault(node, map.path(), "`embedding: {kind: counts}` beside it",
                     "from a projection nobody can tell what a neuron did");
    coupling.replay = replay;
    const Node* at = map.require("population");
    const auto name = map.optional_text("population");
    if (!name) return;
    const auto population = population_named(*name, *at, map.path_of("population"));
    if (!population) return;
    if (!seen_.contains(*population)) map.fault("population", "one of `memory.populations`");
    const auto of_it =
        std::ranges::find(memory_.populations, *population, &RememberedPopulationSpec::population);
    if (of_it != memory_.populations.end() &&
        std::ranges::count(memory_.populations, of_it->space, &RememberedPopulationSpec::space) > 1)
      map.fault("population",
                "one that shares its `space` with no other: what is replayed is of a whole space");
    if (draft_.spec.populations[*population].neurons() == nullptr)
      map.fault("population", "neurons, which can be given a current");
    draft_.spec.replayed_into = *population;
  }

  Draft& draft_;
  Context& context_;
  MapReader map_;
  MemorySpec memory_;
  std::set<std::uint32_t> seen_;
  std::map<std::string, std::uint32_t> dimension_of_;  ///< of spaces
};

}  // namespace

void read_memory(Draft& draft, const Node& node) {
  MemoryReader(draft, node).read();
}

}  // namespace sharpwave::config
