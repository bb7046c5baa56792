#include "host/config/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

namespace sharpwave::config {
namespace {

/// Enough for any file that a person wrote; a hostile one must not fill the memory with messages.
constexpr std::size_t kMostFaults = 200;
/// As many as a text can hold, so that only what is read again comes to it.
constexpr std::uint64_t kMostValues = kMostNodes;

std::string unquoted_hint(const Node& node) {
  if (node.quoted && parse_number(node.text)) return "without quotes it is a number";
  if (node.text.find("${") != std::string::npos) return "the whole value must be one ${...}";
  return {};
}

/// The number that a node spells out, if it is one that the key may have.
std::optional<double> plain_number(const Node& node, const KeyInfo& key) {
  const auto value = node.is_scalar() && !node.quoted ? parse_number(node.text) : std::nullopt;
  return value && key.range.contains(*value) ? value : std::nullopt;
}

}  // namespace

/// Quotients time/dt carry a rounding error of a few ulp; 1e-6 of a step is far above it for any run and far
/// below what anybody means.
bool on_grid(double in_steps) {
  return std::fabs(in_steps - std::round(in_steps)) <= 1e-6 + 4e-16 * std::fabs(in_steps);
}

Context::Context(std::vector<Source> sources) : sources_(std::move(sources)) {}

Diagnostic Context::make(const Position& at, const std::string& path, std::string read, std::string expected,
                         std::string hint) const {
  const Source& source = sources_[at.source];
  return {source.name,
          at.source == 0 ? static_cast<int>(at.line) : source.line,
          at.source == 0 ? static_cast<int>(at.column) : source.column,
          path,
          std::move(read),
          std::move(expected),
          std::move(hint)};
}

bool Context::stopped() const {
  return n_faults_ > kMostFaults || n_values_ > kMostValues;
}

bool Context::may_read(const Node& node, const std::string& path, std::uint64_t n) {
  if (stopped()) return false;
  n_values_ += n;
  if (n_values_ <= kMostValues) return true;
  fault(node.position, path, "more than " + std::to_string(kMostValues) + " values in all",
        "fewer; a list counts once for each object that it is for");
  return false;
}

void Context::note(const Position& at, Diagnostic diagnostic) {
  ++n_faults_;
  if (faults_.size() > kMostFaults) return;
  if (faults_.size() == kMostFaults) {
    const Position last{0, 0xFFFFFFFF, 0};
    faults_.push_back({last, {sources_[0].name, 0, 0, "", "more faults than these", "fewer at once", ""}});
    return;
  }
  faults_.push_back({at, std::move(diagnostic)});
}

void Context::fault(const Position& at, const std::string& path, std::string read, std::string expected,
                    std::string hint) {
  note(at, make(at, path, std::move(read), std::move(expected), std::move(hint)));
}

void Context::fault_in_file(const Position& at, Diagnostic place) {
  note(at, std::move(place));
}

void Context::fault(const Node& node, const std::string& path, std::string expected, std::string hint) {
  fault(node.position, path, describe_read(node), std::move(expected), std::move(hint));
}

void Context::warn(const Position& at, const std::string& path, std::string read, std::string expected) {
  warnings_.push_back(make(at, path, std::move(read), std::move(expected), {}));
}

void Context::add_faults(std::vector<Diagnostic> faults) {
  for (Diagnostic& diagnostic : faults) {
    if (faults_.size() >= kMostFaults) return;
    const Position at{0, static_cast<std::uint32_t>(diagnostic.line),
                      static_cast<std::uint32_t>(diagnostic.column)};
    faults_.push_back({at, std::move(diagnostic)});
    ++n_faults_;
  }
}

std::vector<Diagnostic> Context::take_faults() {
  std::stable_sort(faults_.begin(), faults_.end(), [](const Noted& a, const Noted& b) {
    return std::tie(a.at.source, a.at.line, a.at.column) < std::tie(b.at.source, b.at.line, b.at.column);
  });
  std::vector<Diagnostic> diagnostics;
  // One place may be read several times, for each source of a projection, say.
  std::set<std::string> seen;
  for (Noted& noted : faults_) {
    if (seen.insert(to_string(noted.diagnostic)).second) diagnostics.push_back(std::move(noted.diagnostic));
  }
  faults_.clear();
  return diagnostics;
}

std::optional<double> Context::number(const Node& node, const std::string& path, const KeyInfo& key) {
  if (!may_read(node, path)) return std::nullopt;
  std::optional<double> value;
  std::string computed;
  if (const auto expression = node.is_scalar() ? expression_in(node.text) : std::nullopt) {
    const Evaluated evaluated = parameters.evaluate(*expression);
    if (!evaluated.value) {
      fault(node, path, evaluated.fault, evaluated.hint);
      return std::nullopt;
    }
    value = evaluated.value;
    computed = " = " + plain(*value);
  } else if (node.is_scalar() && !node.quoted) {
    value = parse_number(node.text);
  }
  if (value && key.range.contains(*value)) return value;
  fault(node.position, path, describe_read(node) + computed, expectation(key),
        value ? "" : unquoted_hint(node));
  return std::nullopt;
}

std::optional<std::uint64_t> Context::integer(const Node& node, const std::string& path, const KeyInfo& key) {
  std::uint64_t exact = 0;
  const char* end = node.text.data() + node.text.size();
  if (node.is_scalar() && !node.quoted) {
    const auto read = std::from_chars(node.text.data(), end, exact);
    if (read.ec == std::errc{} && read.ptr == end && key.range.contains(static_cast<double>(exact))) {
      return may_read(node, path) ? std::optional(exact) : std::nullopt;
    }
  }
  const std::optional<double> value = number(node, path, key);
  if (!value) return std::nullopt;
  const double rounded = std::round(*value);
  if (std::fabs(*value - rounded) > 1e-9 || rounded >= 0x1p64) {
    const bool computed = expression_in(node.text).has_value();
    fault(node.position, path, describe_read(node) + (computed ? " = " + plain(*value) : ""),
          expectation(key));
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(rounded);
}

std::optional<std::string> Context::text(const Node& node, const std::string& path) {
  if (node.is_scalar() && !node.text.empty()) return node.text;
  fault(node, path, "text");
  return std::nullopt;
}

std::vector<double> Context::numbers(const Node& node, const std::string& path, const KeyInfo& key) {
  std::vector<double> values;
  if (!node.is_sequence()) {
    fault(node, path, "a list of numbers");
    return values;
  }
  if (!may_read(node, path, node.children.size())) return values;
  KeyInfo item = key;
  item.type = KeyType::number;
  bool complete = true;
  for (std::size_t i = 0; i < node.children.size() && !stopped(); ++i) {
    auto value = plain_number(node.children[i], item);
    if (!value) value = number(node.children[i], path + "[" + std::to_string(i) + "]", item);
    complete = complete && value;
    values.push_back(value.value_or(0));
  }
  if (!complete || stopped()) values.clear();
  return values;
}

std::optional<std::uint64_t> Context::steps(double time_ms, const Node& node, const std::string& path) {
  const double in_steps = time_ms / dt_ms;
  if (!(in_steps < static_cast<double>(kExactSteps))) {
    fault(node, path, "fewer than 2^52 steps of dt = " + plain(dt_ms) + " ms");
    return std::nullopt;
  }
  if (!on_grid(in_steps)) {
    const double below = std::floor(in_steps) * dt_ms;
    fault(node, path, "a multiple of dt = " + plain(dt_ms) + " ms",
          "it lies between " + plain(below) + " and " + plain(below + dt_ms));
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(std::round(in_steps));
}

MapReader::MapReader(Context& context, const Node& node, Section section, std::string path,
                     std::string inapplicable)
    : context_(context),
      node_(node),
      section_(section),
      path_(std::move(path)),
      inapplicable_(std::move(inapplicable)) {
  if (node_.is_map()) return;
  context_.fault(node_, path_, "a map");
}

MapReader::~MapReader() {
  const std::vector<std::string> names = key_names(section_);
  for (const Node::Key& key : node_.keys) {
    if (known_.contains(key.text)) continue;
    if (context_.stopped()) return;
    const bool elsewhere = std::find(names.begin(), names.end(), key.text) != names.end();
    if (elsewhere) {
      context_.fault(key.position, path_of(key.text), "key " + in_quotes(key.text),
                     "no such key here: it is " + inapplicable_);
      continue;
    }
    std::string hint = did_you_mean(key.text, names);
    if (hint.empty()) hint = other_word_hint(section_, key.text);
    if (key.text == "<<") hint = "merge keys are not supported; see population_defaults";
    context_.fault(key.position, path_of(key.text), "key " + in_quotes(key.text), "a known key", hint);
  }
}

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const Node* MapReader::find(std::string_view key) {
  static_cast<void>(info(key));  // asking for a key that the table lacks is a bug
  known_.emplace(key);
  return node_.find(key);
}

const Node* MapReader::require(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr && node_.is_map()) {
    context_.fault(node_.position, path_of(key), "no such key", expectation(info(key)) + ": it is required");
  }
  return node;
}

void MapReader::fault(std::string_view key, std::string expected, std::string hint) {
  const Node* node = node_.find(key);
  if (node != nullptr) {
    context_.fault(*node, path_of(key), std::move(expected), std::move(hint));
  } else {
    context_.fault(node_.position, path_of(key), "no such key", std::move(expected), std::move(hint));
  }
}

double MapReader::number(std::string_view key) {
  const std::optional<double> fallback = parse_number(info(key).fallback);
  SHARPWAVE_ASSERT(fallback.has_value());
  return optional_number(key).value_or(*fallback);
}

std::optional<double> MapReader::optional_number(std::string_view key) {
  const Node* node = find(key);
  return node == nullptr ? std::nullopt : context_.number(*node, path_of(key), info(key));
}

std::optional<double> MapReader::required_number(std::string_view key) {
  const Node* node = require(key);
  return node == nullptr ? std::nullopt : context_.number(*node, path_of(key), info(key));
}

std::uint64_t MapReader::integer(std::string_view key) {
  const std::optional<double> fallback = parse_number(info(key).fallback);
  SHARPWAVE_ASSERT(fallback.has_value());
  return optional_integer(key).value_or(static_cast<std::uint64_t>(*fallback));
}

std::optional<std::uint64_t> MapReader::optional_integer(std::string_view key) {
  const Node* node = find(key);
  return node == nullptr ? std::nullopt : context_.integer(*node, path_of(key), info(key));
}

std::optional<bool> MapReader::optional_boolean(std::string_view key) {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar() && !node->quoted) {
    if (node->text == "true") return true;
    if (node->text == "false") return false;
  }
  context_.fault(*node, path_of(key), expectation(info(key)));
  return std::nullopt;
}

std::optional<std::string> MapReader::optional_text(std::string_view key) {
  const Node* node = find(key);
  return node == nullptr ? std::nullopt : context_.text(*node, path_of(key));
}

std::optional<std::string> MapReader::choice_of(const Node& node, std::string_view key) {
  const std::vector<std::string> words = choices_of(info(key));
  if (node.is_scalar() && std::find(words.begin(), words.end(), node.text) != words.end()) return node.text;
  context_.fault(node, path_of(key), expectation(info(key)),
                 node.is_scalar() ? did_you_mean(node.text, words) : "");
  return std::nullopt;
}

std::optional<std::string> MapReader::optional_choice(std::string_view key) {
  const Node* node = find(key);
  return node == nullptr ? std::nullopt : choice_of(*node, key);
}

std::optional<std::string> MapReader::required_choice(std::string_view key) {
  const Node* node = require(key);
  return node == nullptr ? std::nullopt : choice_of(*node, key);
}

std::optional<std::uint64_t> MapReader::optional_steps(std::string_view key) {
  const std::optional<double> time = optional_number(key);
  return time ? context_.steps(*time, *node_.find(key), path_of(key)) : std::nullopt;
}

}  // namespace sharpwave::config
