// `batch`: which runs a config asks for besides itself, as overrides of its keys.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "host/config/config.hpp"
#include "host/config/draft.hpp"

namespace sharpwave {
namespace config {
namespace {

constexpr std::uint64_t kLargestSeed = std::numeric_limits<std::uint64_t>::max();

bool is_plain(const std::string& text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return std::any_of(text.begin(), text.end(), is_letter_or_digit) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter_or_digit(c) || c == '_' || c == '.' || c == '+' || c == '-';
         });
}

/// Text in double quotes, as JSON and YAML have in common.
std::string in_double_quotes(const std::string& text) {
  return nlohmann::json(text).dump();
}

/// One line of YAML that reads as the node does.
void append_yaml(const Node& node, std::string& text) {
  const auto append_text = [&](const std::string& word, bool quoted) {
    text += quoted || !is_plain(word) ? in_double_quotes(word) : word;
  };
  switch (node.kind) {
    case Node::Kind::null:
      text += '~';
      return;
    case Node::Kind::scalar:
      return append_text(node.text, node.quoted);
    case Node::Kind::sequence:
    case Node::Kind::map:
      break;
  }
  text += node.is_map() ? '{' : '[';
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) text += ", ";
    if (node.is_map()) {
      append_text(node.keys[i].text, false);
      text += ": ";
    }
    append_yaml(node.children[i], text);
  }
  text += node.is_map() ? '}' : ']';
}

BatchSpec::Value value_at(std::string yaml, const Position& at) {
  const bool in_config = at.source == 0;
  return {.yaml = std::move(yaml),
          .line = in_config ? static_cast<int>(at.line) : 0,
          .column = in_config ? static_cast<int>(at.column) : 0};
}

struct SweptRange {
  double from = 0;
  double to = 0;
  std::optional<std::uint64_t> count{};
  std::optional<double> step{};
  bool log = false;
};

/// Nothing after a fault.
std::optional<SweptRange> read_range(Context& context, const Node& node, const std::string& path) {
  MapReader map(context, node, Section::batch_range, path);
  const auto from = map.required_number("from");
  const auto to = map.required_number("to");
  SweptRange range;
  range.count = map.optional_integer("count");
  range.step = map.optional_number("step");
  range.log = map.optional_choice("scale") == "log";
  const std::size_t n_faults = context.n_faults();
  if (map.has("count") == map.has("step")) {
    context.fault(node.position, path, map.has("count") ? "`count` and `step`" : "neither `count` nor `step`",
                  "one of the two");
  } else if (range.log && map.has("step")) {
    map.fault("step", "`count` where `scale` is log");
  }
  if (!from || !to) return {};
  range.from = *from;
  range.to = *to;
  if (range.log && !(range.from > 0)) map.fault("from", "a number > 0, as `scale` is log");
  if (range.log && !(range.to > 0)) map.fault("to", "a number > 0, as `scale` is log");
  if (range.step && !(std::fabs(range.to - range.from) / *range.step < kMostInstances))
    map.fault("step", "at most " + std::to_string(kMostInstances) + " values");
  if (context.n_faults() > n_faults || (!range.count && !range.step)) return {};
  return range;
}

std::vector<double> values_of(const SweptRange& range) {
  std::vector<double> values;
  if (range.step) {
    // A quotient that should be whole may come out a little below.
    const double n = std::floor(std::fabs(range.to - range.from) / *range.step + 1e-9);
    const double step = range.to < range.from ? -*range.step : *range.step;
    for (double i = 0; i <= n; ++i) values.push_back(range.from + i * step);
    return values;
  }
  const auto last = static_cast<double>(*range.count - 1);
  for (double i = 0; i < last; ++i) {
    const double share = i / last;
    values.push_back(range.log ? range.from * std::pow(range.to / range.from, share)
                               : range.from + (range.to - range.from) * share);
  }
  values.push_back(range.to);
  return values;
}

/// The values of one key; none after a fault.
std::vector<BatchSpec::Value> read_varied(Context& context, const Node& node, const std::string& path) {
  std::vector<BatchSpec::Value> values;
  if (node.is_map()) {
    const auto range = read_range(context, node, path);
    if (!range) return values;
    const std::vector<double> numbers = values_of(*range);
    if (!context.may_read(node, path, numbers.size())) return values;  // few words ask for many
    for (const double value : numbers) values.push_back(value_at(plain(value), node.position));
    return values;
  }
  if (!node.is_sequence() || node.children.empty()) {
    context.fault(node, path, "a list of values, or a range {from: ..., to: ..., count: ...}");
    return values;
  }
  if (!context.may_read(node, path, node.children.size())) return values;
  for (const Node& child : node.children) {
    std::string yaml;
    append_yaml(child, yaml);
    values.push_back(value_at(std::move(yaml), child.position));
  }
  return values;
}

/// The first key of a path: "inputs" of "inputs[0].rate".
std::string first_key(const std::string& path) {
  return path.substr(0, path.find_first_of(".["));
}

void read_vary(Context& context, const Node& node, BatchSpec& batch) {
  if (!node.is_map() || node.keys.empty())
    return context.fault(node, "batch.vary", "a map of keys to their values");
  const std::vector<std::string> known = key_names(Section::top);
  for (std::size_t i = 0; i < node.keys.size() && !context.stopped(); ++i) {
    const auto& [key, position] = node.keys[i];
    const std::string path = "batch.vary." + key;
    const std::string first = first_key(key);
    if (std::find(known.begin(), known.end(), first) == known.end() || key.find('=') != std::string::npos) {
      context.fault(position, path, "key " + in_quotes(key), "a key of the config, as in --set",
                    did_you_mean(first, known));
      continue;
    }
    for (const char* fixed : {"batch", "device", "record", "checkpoint", "title"})
      if (first == fixed)
        context.fault(position, path, "key " + in_quotes(key),
                      "a key that changes the simulation: `" + first + "` is the same for all instances");
    std::vector<BatchSpec::Value> values = read_varied(context, node.children[i], path);
    if (!values.empty()) batch.vary.push_back({key, std::move(values)});
  }
}

/// How many different instances `vary` gives; nothing after a fault.
std::optional<std::uint64_t> n_combinations(Context& context, const Node& vary, const BatchSpec& batch) {
  std::uint64_t n = 1;
  for (const BatchSpec::VariedKey& key : batch.vary) {
    const std::uint64_t n_values = key.values.size();
    if (!batch.zip) {
      n *= n_values;  // neither is above the limit
    } else if (&key == &batch.vary.front()) {
      n = n_values;
    } else if (n_values != n) {
      context.fault(*vary.find(key.path), "batch.vary." + key.path,
                    "as many values as `" + batch.vary.front().path + "` has, " + std::to_string(n) +
                        ": `mode` is zip");
      return {};
    }
    if (n > kMostInstances) {
      context.fault(vary.position, "batch.vary", "more than " + std::to_string(kMostInstances) + " instances",
                    "at most " + std::to_string(kMostInstances));
      return {};
    }
  }
  return n;
}

bool varies_seed(const BatchSpec& batch) {
  return std::any_of(batch.vary.begin(), batch.vary.end(), [](const auto& key) {
    return key.path == "simulation.seed" || key.path == "simulation";
  });
}

void set_size(MapReader& map, std::uint64_t combinations, const SimulationSpec& simulation,
              BatchSpec& batch) {
  const std::uint64_t size = map.optional_integer("size").value_or(combinations);
  if (size % combinations != 0)
    map.fault("size", std::to_string(combinations) + ", the number of combinations in `vary`, or a multiple");
  else if (size > combinations && varies_seed(batch))
    map.fault("size",
              std::to_string(combinations) + ": `vary` gives the seeds, so that more would be the same");
  else if (!varies_seed(batch) && size - 1 > kLargestSeed - simulation.seed)
    map.fault("size", "a `simulation.seed` that leaves room for as many after it, up to " +
                          std::to_string(kLargestSeed));
  batch.size = static_cast<std::uint32_t>(size);
}

}  // namespace

std::optional<BatchSpec> read_batch(Context& context, const Node& node, const SimulationSpec& simulation) {
  if (node.kind == Node::Kind::null) return {};
  const std::size_t n_faults = context.n_faults();
  BatchSpec batch;
  {
    MapReader map(context, node, Section::batch, "batch");
    batch.zip = map.optional_choice("mode") == "zip";
    batch.stop_on_failure = map.optional_choice("on_failure") == "stop";
    const Node* vary = map.find("vary");
    if (vary != nullptr) read_vary(context, *vary, batch);
    std::optional<std::uint64_t> combinations = 1;
    if (vary == nullptr)
      static_cast<void>(map.require("size"));
    else if (context.n_faults() == n_faults)
      combinations = n_combinations(context, *vary, batch);
    static_cast<void>(map.find("size"));
    if (combinations && context.n_faults() == n_faults) set_size(map, *combinations, simulation, batch);
  }
  if (context.n_faults() > n_faults) return {};
  return batch;
}

}  // namespace config

std::vector<Override> instance_overrides(const ModelSpec& spec, std::uint32_t instance) {
  const BatchSpec& batch = spec.batch.value();
  std::vector<Override> overrides = {
      {"simulation.seed", std::to_string(spec.simulation.seed + instance)},
      {"simulation.network_seed", std::to_string(spec.simulation.network_seed)},
  };
  std::vector<Override> varied;
  std::size_t rest = instance;
  for (std::size_t k = batch.vary.size(); k-- > 0;) {
    const auto& [path, values] = batch.vary[k];
    const BatchSpec::Value& value = values[(batch.zip ? instance : rest) % values.size()];
    rest /= values.size();
    varied.push_back({path, value.yaml, value.line, value.column, true});
  }
  overrides.insert(overrides.end(), varied.rbegin(), varied.rend());
  return overrides;
}

}  // namespace sharpwave
