#include "host/config/schema.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/config/key_table.hpp"

namespace sharpwave::config {
namespace {

Json any_of(std::initializer_list<Json> alternatives) {
  Json list = Json::array();
  for (const Json& alternative : alternatives) list.push_back(alternative);
  return {{"anyOf", std::move(list)}};
}

Json array_of(Json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

/// A list of it, too.
Json one_or_more(const Json& schema) {
  return any_of({schema, array_of(schema)});
}

/// A scalar that is read as text: YAML makes numbers and truth values of some of them.
Json word() {
  return {{"type", {"string", "number", "boolean"}}};
}

Json one_of_choices(const KeyInfo& key) {
  return {{"enum", choices_of(key)}};
}

/// "populations_NAME_params"
std::string name_of(Section section) {
  std::string name;
  for (const char c : section_info(section).title) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (plain)
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (name.back() == '_') name.pop_back();
  return name;
}

/// "number_above_0_to_100"
std::string name_of(const ValueRange& range, std::string_view type) {
  std::string name(type);
  if (range.low > kAnyNumber.low) name.append(range.low_open ? "_above_" : "_from_").append(plain(range.low));
  if (range.high < kAnyNumber.high)
    name.append(range.high_open ? "_below_" : "_to_").append(plain(range.high));
  return name;
}

/// Writes every map and every kind of number once, under "definitions", and refers to it.
class SchemaWriter {
 public:
  [[nodiscard]] Json whole();

 private:
  /// Refers to the definition of that name, which make() gives if it is not there yet.
  template <class Make>
  Json defined(const std::string& name, const Make& make) {
    if (!definitions_.contains(name)) {
      definitions_[name] = nullptr;  // its place, before those that it refers to itself
      Json definition = make();
      definitions_[name] = std::move(definition);
    }
    return {{"$ref", "#/definitions/" + name}};
  }

  Json map_of(Section section) {
    return defined(name_of(section), [&] { return map_in_full(section); });
  }
  Json maps_of(Section section) { return {{"type", "object"}, {"additionalProperties", map_of(section)}}; }
  Json number_in(const ValueRange& range, const char* type);
  Json drawn_or(const Json& number, const std::string& name);
  Json map_in_full(Section section);
  Json value_of(Section section, const KeyInfo& key);
  std::optional<Json> special(Section section, const KeyInfo& key);

  Json definitions_ = Json::object();
};

Json SchemaWriter::number_in(const ValueRange& range, const char* type) {
  return defined(name_of(range, type), [&] {
    Json number = {{"type", type}};
    if (range.low > kAnyNumber.low)
      number[range.low_open ? "exclusiveMinimum" : "minimum"] = Json::parse(plain(range.low));
    if (range.high < kAnyNumber.high)
      number[range.high_open ? "exclusiveMaximum" : "maximum"] = Json::parse(plain(range.high));
    const Json expression = defined("expression", [] {
      return Json{{"type", "string"},
                  {"pattern", "\\$\\{"},
                  {"description", "An expression over the parameters: ${...}"}};
    });
    return any_of({number, expression});
  });
}

/// One value for all, a distribution, or a value for each.
Json SchemaWriter::drawn_or(const Json& number, const std::string& name) {
  return defined(name + "_or_drawn", [&] {
    return any_of({number, map_of(Section::distribution), array_of(number)});
  });
}

/// Several keys of the table stand for more than their type says.
std::optional<Json> SchemaWriter::special(Section section, const KeyInfo& key) {
  const auto number = [&] { return number_in(key.range, "number"); };
  const auto matrix = [&] { return array_of(one_or_more(any_of({number(), {{"type", "null"}}}))); };
  const auto is = [&](Section s, std::string_view name) { return section == s && key.name == name; };
  if (is(Section::top, "simulation")) return map_of(Section::simulation);
  if (is(Section::top, "device"))
    return any_of({one_of_choices(key_info(Section::device, "kind")), map_of(Section::device)});
  if (is(Section::top, "parameters"))
    return Json{{"type", "object"}, {"additionalProperties", number_in(kAnyNumber, "number")}};
  if (is(Section::top, "population_defaults")) return map_of(Section::population_defaults);
  if (is(Section::top, "populations")) return maps_of(Section::population);
  if (is(Section::top, "neuromodulators")) return maps_of(Section::region);
  if (section == Section::region && key.type == KeyType::map)
    return map_of(key.name == "rewards" ? Section::rewards
                  : key.name == "gates" ? Section::gates
                                        : Section::modulator);
  if (section == Section::gates)
    return map_of(key.name == "learning_rate" ? Section::learning_gate : Section::level_gate);
  if (is(Section::region, "triggers")) return array_of(map_of(Section::trigger));
  if (is(Section::modulator, "pulses")) return map_of(Section::pulses);
  if (is(Section::modulator, "levels")) return map_of(Section::levels);
  if (is(Section::modulator, "volume")) return array_of(map_of(Section::volume));
  if (is(Section::top, "stimuli")) return maps_of(Section::stimulus);
  if (is(Section::top, "protocol")) return array_of(map_of(Section::phase));
  if (is(Section::stimulus, "rates")) return any_of({word(), array_of(array_of(number()))});
  if (is(Section::stimulus, "spikes")) return one_or_more(word());
  if (is(Section::stimulus, "labels")) return any_of({word(), array_of(number())});
  if (is(Section::phase, "items")) return any_of({word(), array_of(number())});
  if (is(Section::phase, "repeat")) return map_of(Section::phase_repeat);
  if (is(Section::top, "projections")) return array_of(map_of(Section::projection));
  if (is(Section::top, "projection_table")) return map_of(Section::projection_table);
  if (is(Section::top, "inputs")) return array_of(map_of(Section::input));
  if (is(Section::top, "record")) return map_of(Section::record);
  if (is(Section::top, "scaling")) return map_of(Section::scaling);
  if (is(Section::top, "network")) return map_of(Section::network);
  if (is(Section::top, "checkpoint")) return map_of(Section::checkpoint);
  if (is(Section::top, "watchdog")) return map_of(Section::watchdog);
  if (is(Section::top, "memory")) return any_of({map_of(Section::memory), {{"type", "null"}}});
  if (is(Section::memory, "populations"))
    return array_of(any_of({word(), map_of(Section::remembered_population)}));
  if (is(Section::memory, "window")) return any_of({number(), {{"const", "presentation"}}});
  if (is(Section::memory, "ripple")) return map_of(Section::ripple);
  if (is(Section::memory, "embedding")) return map_of(Section::embedding);
  if (is(Section::memory, "plasticity")) return array_of(word());
  if (is(Section::memory, "queue")) return map_of(Section::memory_queue);
  if (is(Section::memory, "options")) return Json{{"type", "object"}};
  if (is(Section::memory, "couple")) return map_of(Section::coupling);
  if (is(Section::coupling, "novelty")) return map_of(Section::coupled_novelty);
  if (is(Section::coupling, "replay")) return map_of(Section::coupled_replay);
  if (is(Section::top, "batch")) return any_of({map_of(Section::batch), {{"type", "null"}}});
  if (is(Section::batch, "vary"))
    return Json{{"type", "object"},
                {"additionalProperties",
                 any_of({{{"type", "array"}, {"minItems", 1}}, map_of(Section::batch_range)})}};
  if (key.name == "params") return map_of(Section::neuron_parameters);
  if (key.name == "initial") return map_of(Section::initial_values);
  if (is(Section::distribution, "normal")) return map_of(Section::normal);
  if (is(Section::distribution, "lognormal")) return map_of(Section::lognormal);
  if (is(Section::distribution, "uniform")) return map_of(Section::uniform);
  if (is(Section::network, "poisson_sources"))
    return Json{{"type", "object"},
                {"additionalProperties",
                 any_of({number_in(kNotNegative, "number"), map_of(Section::piecewise_rate)})}};
  if (is(Section::record, "spikes")) return one_or_more(word());
  if (is(Section::record, "traces")) return array_of(map_of(Section::report));
  if (is(Section::record, "plasticity"))
    return any_of({{{"const", "none"}}, map_of(Section::plasticity_record)});
  if (is(Section::record, "neuromodulators"))
    return any_of({{{"const", "none"}}, map_of(Section::modulator_record)});
  if (is(Section::record, "weights")) return array_of(map_of(Section::weight_record));
  if (is(Section::report, "variables")) return one_or_more(word());
  if (is(Section::projection_table, "except")) return array_of(map_of(Section::table_exception));
  if (section == Section::projection_table && (key.name == "sources" || key.name == "targets"))
    return array_of(word());
  if (section == Section::projection_table && (key.type == KeyType::list)) return matrix();
  if (section == Section::projection_table && key.type == KeyType::values)
    return any_of({number(), matrix(), map_of(Section::distribution), map_of(Section::table_cells)});
  if (section == Section::table_exception && key.type == KeyType::values)
    return any_of({number(), map_of(Section::distribution), map_of(Section::table_cells)});
  if (is(Section::table_cells, "mean")) return any_of({number(), matrix()});
  if (section == Section::projection && (key.name == "source" || key.name == "target"))
    return one_or_more(word());
  if (section == Section::projection && key.type == KeyType::integer)
    return one_or_more(number_in(key.range, "integer"));
  if (is(Section::projection, "weight"))
    return any_of({drawn_or(number(), name_of(key.range, "number")), map_of(Section::given_weights)});
  if (is(Section::projection, "plasticity")) return map_of(Section::plasticity);
  if (is(Section::plasticity, "homeostasis")) return map_of(Section::homeostasis);
  if (is(Section::plasticity, "learning_windows")) return array_of(array_of(number()));
  if (is(Section::projection, "edges") || is(Section::population, "spikes"))
    return array_of(array_of(number_in(kAnyNumber, "number")));
  if (is(Section::population, "times")) return array_of(array_of(number()));
  if (is(Section::input, "target")) return one_or_more(word());
  if (section == Section::input && key.type == KeyType::number) return one_or_more(number());
  if (section == Section::input && key.type == KeyType::rate)
    return one_or_more(any_of({number(), map_of(Section::piecewise_rate)}));
  return {};
}

Json SchemaWriter::value_of(Section section, const KeyInfo& key) {
  if (std::optional<Json> schema = special(section, key)) return *schema;
  const auto number = [&] { return number_in(key.range, "number"); };
  switch (key.type) {
    case KeyType::number:
      return number();
    case KeyType::integer:
      return number_in(key.range, "integer");
    case KeyType::boolean:
      return {{"type", "boolean"}};
    case KeyType::text:
      return word();
    case KeyType::choice:
      return one_of_choices(key);
    case KeyType::values:
      return drawn_or(number(), name_of(key.range, "number"));
    case KeyType::rate:
      return any_of({number(), map_of(Section::piecewise_rate)});
    case KeyType::list:
      return array_of(number());
    case KeyType::map:
      break;
  }
  SHARPWAVE_ASSERT(false && "a map without a section");
  return {};
}

std::string description_of(const KeyInfo& key) {
  std::string text;
  if (!key.unit.empty()) text.append("[").append(key.unit).append("] ");
  text += key.description;
  if (key.fallback.starts_with('('))
    text.append(" Default ").append(key.fallback).append(".");
  else if (key.fallback != "required")
    text.append(" Default: ").append(key.fallback).append(".");
  return text;
}

Json SchemaWriter::map_in_full(Section section) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const KeyInfo& key : section_info(section).keys) {
    Json schema = {{"description", description_of(key)}};
    schema.update(value_of(section, key));
    properties[std::string(key.name)] = std::move(schema);
    // Populations take what is missing from population_defaults, and a run of a network from files its times.
    const bool elsewhere = section == Section::top || section == Section::simulation ||
                           (section == Section::population && key.name == "model");
    if (key.fallback == "required" && !elsewhere) required.push_back(key.name);
  }
  Json map = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) map["required"] = std::move(required);
  return map;
}

Json SchemaWriter::whole() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "Sharpwave config"},
                 {"description", "A network of spiking neurons and how it is simulated."}};
  schema.update(map_in_full(Section::top));
  schema["if"] = {{"required", {"network"}}};
  const Json with_duration = {{"properties", {{"simulation", {{"required", {"duration"}}}}}}};
  schema["else"] = {{"required", {"simulation", "populations"}},
                    {"if", {{"required", {"protocol"}}}},  // which ends by itself
                    {"else", with_duration}};
  schema["definitions"] = std::move(definitions_);
  return schema;
}

}  // namespace

std::string json_schema() {
  return SchemaWriter().whole().dump(2) + "\n";
}

}  // namespace sharpwave::config
