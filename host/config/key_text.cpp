// Words made from the key table: ranges, expectations, the reference page.
#include <algorithm>
#include <charconv>
#include <sstream>

#include "host/config/key_table.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave::config {
namespace {

using enum KeyType;

std::string_view type_name(KeyType type) {
  switch (type) {
    case number:
      return "number";
    case integer:
      return "integer";
    case boolean:
      return "true or false";
    case text:
      return "text";
    case choice:
      return "word";
    case values:
      return "number, distribution or list";
    case rate:
      return "number or map";
    case list:
      return "list";
    case map:
      return "map";
  }
  return {};
}

void append_row(const KeyInfo& key, std::string& page) {
  std::string fallback(key.fallback);
  if (fallback.starts_with('(')) fallback = fallback.substr(1, fallback.size() - 2);
  std::string type(type_name(key.type));
  if (key.type == choice) {
    type.clear();
    for (const std::string& word : choices_of(key)) type += (type.empty() ? "`" : ", `") + word + "`";
  }
  page += "| `" + std::string(key.name) + "` | " + type + " | " + std::string(key.unit) + " | " +
          describe_range(key.range, "") + " | " + fallback + " | " + std::string(key.description) + " |\n";
}

/// What each neuron model has, with its defaults.
void append_models(std::string& page) {
  page +=
      "\n| model | parameters and their defaults | state variables | unit of a weight | recorded beside the "
      "state "
      "|\n|---|---|---|---|---|\n";
  for (const NeuronModelInfo& model : neuron_models()) {
    page.append("| `").append(model.name).append("` | ");
    for (const ModelParameter& p : model.parameters)
      page.append(quantity(p.parameter).name).append(" ").append(plain(p.fallback)).append(", ");
    page.resize(page.size() - 2);
    page += " | ";
    for (const StateVariable v : model.variables) page.append(quantity(v).name).append(", ");
    page.resize(page.size() - 2);
    page.append(" | ").append(model.weight_unit).append(" | ");
    for (const Recordable& what : recordables(model))
      if (std::holds_alternative<StepQuantity>(what)) page.append(name_of(what)).append(", ");
    page.resize(page.size() - 2);
    page += " |\n";
  }
}

constexpr std::string_view kPreface =
    R"(<!-- Written by `config_reference` from host/config/key_table.cpp; a test compares them. -->
# Configuration reference

A config is one YAML file. Everything that is wrong with it is printed at once, as
`file:line:column: key: read '...', expected ...`; unknown and repeated keys are errors. Anchors and aliases
work; merge keys (`<<`) do not: see `population_defaults`.

`--set KEY=VALUE` replaces or adds any key before the config is read: `--set populations.E.size=500`,
`--set parameters.g=5`. An item of a list is named by its position or its `name`: `--set inputs[0].rate=10`,
`--set inputs.0.rate=10`, `--set inputs.noise.rate=10`.

A numeric field holds a number or an expression, `${...}`, over the names of `parameters`, `pi`, `+ - * / ( )`,
`sqrt`, `abs`, `min`, `max`, `round`, `floor` and `ceil`. There is no power operator, and no `exp` or `log`:
their last bit depends on the processor, and a config must mean the same network on each. Inside `{...}` and
`[...]` YAML needs quotes around an expression: `"${...}"`. An expression in an integer field must come to a
whole number (within 1e-9).

The `config_digest` of a run is the SHA-256 of the config with its overrides in a form in which layout,
comments and the order of keys make no difference, and of the files of spikes, rates and weights that it
names. `device`, `checkpoint`, `batch` and `title` are left out: they do not change the spikes of a run. Only
`checkpoint.interval` does, and is not left out, where an action of the watchdog is `rollback`.
)";

}  // namespace

std::string plain(double x) {
  char buffer[64];
  char* const end = buffer + sizeof buffer;
  if (x == 0x1p64) return "18446744073709551615";  // the largest seed, which no double is
  if (x >= 1e12 && x < 0x1p63) return std::to_string(static_cast<std::uint64_t>(x));
  return {buffer, std::to_chars(buffer, end, x, std::chars_format::general, 12).ptr};
}

std::vector<std::string> choices_of(const KeyInfo& key) {
  std::vector<std::string> words;
  for (std::string_view rest = key.choices; !rest.empty();) {
    const std::size_t end = std::min(rest.find('|'), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

std::string describe_range(const ValueRange& range, std::string_view unit) {
  const std::string suffix = std::string(unit.empty() ? "" : " ").append(unit);
  const bool has_low = range.low > kAnyNumber.low;
  const bool has_high = range.high < kAnyNumber.high;
  if (has_low && has_high && !range.low_open && !range.high_open) {
    return "from " + plain(range.low) + " to " + plain(range.high) + suffix;
  }
  std::string text;
  if (has_low) text += (range.low_open ? "> " : ">= ") + plain(range.low);
  if (has_high)
    text += (has_low ? " and " : "") + std::string(range.high_open ? "< " : "<= ") + plain(range.high);
  return text.empty() ? std::string() : text + suffix;
}

std::string expectation(const KeyInfo& key) {
  const std::string range = describe_range(key.range, key.unit);
  const std::string unit = std::string(key.unit.empty() ? "" : " of ").append(key.unit);
  const auto with_range = [&](const std::string& noun) {
    return range.empty() ? noun + unit : noun + " " + range;
  };
  switch (key.type) {
    case number:
      return with_range("a number");
    case integer:
      return with_range("an integer");
    case values:
      return with_range("a number, distribution or list");
    case rate:
      return with_range("a number") + ", {times: [...], rates: [...]}, or {file: ...}";
    case boolean:
      return "true or false";
    case text:
      return "text";
    case list:
      return "a list";
    case map:
      return "a map";
    case choice:
      break;
  }
  std::string words = "one of:";
  for (const std::string& word : choices_of(key)) words += (words.back() == ':' ? " " : ", ") + word;
  return words;
}

std::string reference_page() {
  std::string page(kPreface);
  for (int i = 0; i < kSectionCount; ++i) {
    const SectionInfo& section = section_info(static_cast<Section>(i));
    page += "\n## " + std::string(section.title) + "\n\n";
    if (!section.introduction.empty()) page += std::string(section.introduction) + "\n\n";
    page += "| key | value | unit | range | default | meaning |\n|---|---|---|---|---|---|\n";
    for (const KeyInfo& key : section.keys) append_row(key, page);
    if (section.section == Section::neuron_parameters) append_models(page);
  }
  return page;
}

}  // namespace sharpwave::config
