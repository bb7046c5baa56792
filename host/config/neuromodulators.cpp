// `neuromodulators`: the signals of regions, and what drives them.
#include <algorithm>
#include <string>
#include <utility>

#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"

namespace sharpwave::config {
namespace {

constexpr std::size_t kMostRegions = 1000;
constexpr std::size_t kMostSources = 10'000;  // of one list

ModulatorSpec defaults_of(Modulator modulator) {
  switch (modulator) {
    case Modulator::dopamine:
      break;
    case Modulator::serotonin:
      return {.tau_phasic_ms = 949};
    case Modulator::noradrenaline:
      return {.tau_phasic_ms = 280};
    case Modulator::acetylcholine:
      return {.min = 0.1, .max = 0.9, .tau_tonic_ms = 448, .tau_phasic_ms = 448};
  }
  return {};
}

/// Ascending, > 0.
std::vector<std::uint64_t> read_steps(MapReader& map, const Node& times) {
  Context& context = map.context();
  const std::string path = map.path_of("times");
  const auto times_ms = context.numbers(times, path, map.info("times"));
  check_ascending(context, times, path, times_ms);
  std::vector<std::uint64_t> steps;
  for (std::size_t i = 0; i < times_ms.size(); ++i)
    steps.push_back(context.steps(times_ms[i], times.children[i], path).value_or(1));
  return steps;
}

/// One number for each time; empty after a fault.
std::vector<double> read_values_at(MapReader& map, std::string_view key, std::size_t n_times) {
  const Node* node = map.require(key);
  if (node == nullptr) return {};
  std::vector<double> values = map.context().numbers(*node, map.path_of(key), map.info(key));
  if (node->is_sequence() && node->children.size() != n_times) {
    map.fault(key, "as many as times, " + std::to_string(n_times));
    return {};
  }
  return values;
}

void add_events(Modulator modulator, const std::vector<std::uint64_t>& steps,
                const std::vector<double>& values, std::vector<ModulatorEvent>& events) {
  for (std::size_t i = 0; i < std::min(steps.size(), values.size()); ++i)
    events.push_back({modulator, steps[i], values[i]});
}

void read_pulses(Context& context, const Node& node, const std::string& path, Modulator modulator,
                 RegionSpec& region) {
  MapReader map(context, node, Section::pulses, path);
  const Node* times = map.require("times");
  const auto amount = map.optional_number("amount");
  if (map.has("amount") == map.has("amounts")) map.fault("amount", "either `amount` or `amounts`");
  if (times == nullptr) return static_cast<void>(map.find("amounts"));
  const std::vector<std::uint64_t> steps = read_steps(map, *times);
  std::vector<double> amounts(steps.size(), amount.value_or(0));
  if (map.has("amounts")) amounts = read_values_at(map, "amounts", times->children.size());
  add_events(modulator, steps, amounts, region.pulses);
}

void read_levels(Context& context, const Node& node, const std::string& path, Modulator modulator,
                 RegionSpec& region) {
  MapReader map(context, node, Section::levels, path);
  const Node* times = map.require("times");
  if (times == nullptr) return static_cast<void>(map.find("levels"));
  add_events(modulator, read_steps(map, *times), read_values_at(map, "levels", times->children.size()),
             region.targets);
}

/// Calls read(item, its path) for the items of a list.
template <class Read>
void for_each_item(MapReader& map, std::string_view key, const Read& read) {
  const Node* node = map.find(key);
  if (node == nullptr) return;
  if (!node->is_sequence() || node->children.size() > kMostSources)
    return map.fault(key, "a list of at most " + std::to_string(kMostSources) + " maps");
  for (std::size_t i = 0; i < node->children.size(); ++i)
    read(node->children[i], map.path_of(key) + "[" + std::to_string(i) + "]");
}

void read_volume(Draft& draft, const Node& node, const std::string& path, Modulator modulator,
                 RegionSpec& region) {
  MapReader map(draft.context, node, Section::volume, path);
  VolumeSpec volume{.modulator = modulator};
  volume.per_spike = map.required_number("per_spike").value_or(0);
  volume.delay_steps = std::max<std::uint64_t>(1, map.optional_steps("delay").value_or(1));
  const Node* source = map.require("source");
  if (source == nullptr) return;
  const auto slice = read_slice(draft, *source, map.path_of("source"), Sizes::scaled);
  if (!slice) return;
  volume.source = slice->slice;
  region.volumes.push_back(volume);
}

void read_modulator(Draft& draft, const Node& node, const std::string& path, Modulator modulator,
                    RegionSpec& region) {
  Context& context = draft.context;
  MapReader map(context, node, Section::modulator, path);
  ModulatorSpec spec = defaults_of(modulator);
  spec.baseline = map.number("baseline");
  spec.min = map.optional_number("min").value_or(spec.min);
  spec.max = map.optional_number("max").value_or(spec.max);
  spec.tau_phasic_ms = map.optional_number("tau").value_or(spec.tau_phasic_ms);
  spec.tau_tonic_ms = map.optional_number("tau_tonic").value_or(spec.tau_tonic_ms);
  if (spec.min >= spec.max)
    map.fault("min", "less than max, " + number_text(spec.max));
  else if (spec.baseline < spec.min || spec.baseline > spec.max)
    map.fault("baseline",
              "within min and max, from " + number_text(spec.min) + " to " + number_text(spec.max));
  if (const Node* pulses = map.find("pulses"))
    read_pulses(context, *pulses, map.path_of("pulses"), modulator, region);
  if (const Node* levels = map.find("levels"))
    read_levels(context, *levels, map.path_of("levels"), modulator, region);
  for_each_item(map, "volume", [&](const Node& item, const std::string& at) {
    read_volume(draft, item, at, modulator, region);
  });
  region.modulators[static_cast<std::size_t>(modulator)] = spec;
}

void read_rewards(Draft& draft, const Node& node, const std::string& path, RegionSpec& region) {
  Context& context = draft.context;
  MapReader map(context, node, Section::rewards, path);
  if (map.has("file")) {
    const TimedColumn column{
        .name = "reward", .name_and_unit = "reward", .expected_instead_of = [](std::optional<double> reward) {
          return reward && kModerate.contains(*reward)
                     ? std::nullopt
                     : std::optional<std::string>("a number from -1000000 to 1000000");
        }};
    const TimedValues read = read_timed_file(draft, map, "file", column);
    for (std::size_t i = 0; i < read.times_ms.size(); ++i) {
      const auto step = context.steps(read.times_ms[i], *map.find("file"), map.path_of("file"));
      region.rewards.push_back({step.value_or(1), read.values[i]});
    }
    return map.set_inapplicable("not beside `file`");
  }
  const Node* times = map.require("times");
  if (times == nullptr) return static_cast<void>(map.find("rewards"));
  const std::vector<std::uint64_t> steps = read_steps(map, *times);
  const std::vector<double> rewards = read_values_at(map, "rewards", times->children.size());
  for (std::size_t i = 0; i < std::min(steps.size(), rewards.size()); ++i)
    region.rewards.push_back({steps[i], rewards[i]});
}

std::optional<Slice> read_neuron(Draft& draft, MapReader& map, std::string_view key) {
  const Node* node = map.require(key);
  if (node == nullptr) return std::nullopt;
  const auto slice = read_slice(draft, *node, map.path_of(key), Sizes::scaled);
  if (!slice) return std::nullopt;
  if (slice->slice.size() != 1) {
    map.fault(key, "one element, NAME[i]");
    return std::nullopt;
  }
  return slice->slice;
}

void read_trigger(Draft& draft, const Node& node, const std::string& path, RegionSpec& region) {
  Context& context = draft.context;
  MapReader map(context, node, Section::trigger, path);
  TriggerSpec trigger;
  const auto source = read_neuron(draft, map, "source");
  const auto target = read_neuron(draft, map, "target");
  static_cast<void>(map.require("within"));
  trigger.window_steps = std::max<std::uint64_t>(1, map.optional_steps("within").value_or(1));
  trigger.amount = map.required_number("amount").value_or(0);
  trigger.modulator = modulator_named(map.optional_choice("modulator").value_or("dopamine"));
  if (!region.has(trigger.modulator)) map.fault("modulator", "one that the region has");
  if (const Node* after = map.require("after")) {
    const std::string at = map.path_of("after");
    const auto times_ms = context.numbers(*after, at, map.info("after"));
    if (times_ms.size() == 2 && times_ms[0] <= times_ms[1]) {
      trigger.least_delay_steps = context.steps(times_ms[0], after->children[0], at).value_or(1);
      trigger.most_delay_steps = context.steps(times_ms[1], after->children[1], at).value_or(1);
    } else if (!after->is_sequence() || times_ms.size() == after->children.size()) {
      map.fault("after", "two times, the shorter one first");
    }
  }
  if (!source || !target) return;
  trigger.source = *source;
  trigger.target = *target;
  region.triggers.push_back(trigger);
}

RegionSpec read_region_map(Draft& draft, const std::string& name, const Node& node) {
  RegionSpec region{.name = name};
  const std::string path = "neuromodulators." + name;
  MapReader map(draft.context, node, Section::region, path);
  for (int m = 0; m < kModulators; ++m) {
    const auto modulator = static_cast<Modulator>(m);
    if (const Node* own = map.find(name_of(modulator)))
      read_modulator(draft, *own, map.path_of(name_of(modulator)), modulator, region);
  }
  if (std::ranges::none_of(region.modulators, [](const auto& modulator) { return modulator.has_value(); }))
    draft.context.fault(node, path,
                        "a neuromodulator at least: dopamine, serotonin, noradrenaline, or acetylcholine");
  region.crosstalk = map.optional_boolean("crosstalk").value_or(true);
  region.expected_reward = map.number("expected_reward");
  region.reward_learning_rate = map.number("reward_learning_rate");
  region.release = map.number("release");
  region.surprise = map.number("surprise");
  if (const Node* rewards = map.find("rewards")) {
    read_rewards(draft, *rewards, map.path_of("rewards"), region);
    if (!region.has(Modulator::dopamine)) map.fault("rewards", "`dopamine` beside them");
  }
  for_each_item(map, "triggers",
                [&](const Node& item, const std::string& at) { read_trigger(draft, item, at, region); });
  if (const Node* gates = map.find("gates")) read_gates(draft.context, *gates, map.path_of("gates"), region);
  std::ranges::stable_sort(region.pulses, {}, &ModulatorEvent::step);
  std::ranges::stable_sort(region.targets, {}, &ModulatorEvent::step);
  return region;
}

/// Gains follow modulators that their regions have.
void check_gains(Draft& draft) {
  for (std::size_t p = 0; p < draft.spec.populations.size(); ++p) {
    const PopulationSpec& population = draft.spec.populations[p];
    const auto check = [&](const std::optional<std::uint32_t>& region, const char* key,
                           LevelGate RegionGates::*gate) {
      if (!region) return;
      const RegionSpec& followed = draft.spec.regions[*region];
      const Modulator modulator = (followed.gates.*gate).modulator;
      if (followed.has(modulator)) return;
      const Origin& origin = draft.population_origins[p];
      draft.context.fault(origin.position, origin.path + "." + key, in_quotes(followed.name),
                          std::string("a region that has ") + name_of(modulator));
    };
    check(population.input_gain, "input_gain", &RegionGates::input_gain);
    check(population.external_gain, "external_gain", &RegionGates::external_gain);
  }
}

}  // namespace

Modulator modulator_named(std::string_view name) {
  for (int m = 0; m < kModulators; ++m)
    if (name == name_of(static_cast<Modulator>(m))) return static_cast<Modulator>(m);
  return Modulator::dopamine;
}

void read_region_names(Draft& draft, const Node& node) {
  Context& context = draft.context;
  if (!node.is_map()) return context.fault(node, "neuromodulators", "a map of regions");
  if (node.keys.size() > kMostRegions)
    return context.fault(node, "neuromodulators", "at most " + std::to_string(kMostRegions) + " regions");
  for (const auto& [name, position] : node.keys) {
    if (!is_file_word(name))
      context.fault(position, "neuromodulators." + name, in_quotes(name),
                    "a name of at most 100 letters, digits, _ and -");
    draft.region_index.emplace(name, static_cast<std::uint32_t>(draft.region_index.size()));
  }
}

void read_regions(Draft& draft, const Node& node) {
  if (draft.region_index.size() != node.keys.size()) return;
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    draft.spec.regions.push_back(read_region_map(draft, node.keys[i].text, node.children[i]));
  check_gains(draft);
}

std::optional<std::uint32_t> read_region(Draft& draft, MapReader& map, std::string_view key) {
  const auto name = map.optional_text(key);
  if (!name) return std::nullopt;
  const auto found = draft.region_index.find(*name);
  if (found != draft.region_index.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& entry : draft.region_index) names.push_back(entry.first);
  map.fault(key, "the name of a region of `neuromodulators`", did_you_mean(*name, names));
  return std::nullopt;
}

}  // namespace sharpwave::config
