// Every key of a config, once: the reader takes ranges, defaults and the set of known keys from here, its
// messages quote it, and docs/config.md is written from it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sharpwave::config {

struct ValueRange {
  double low = -1e30;  ///< finite in float32 with room for sums
  double high = 1e30;
  bool low_open = false;
  bool high_open = false;

  /// False for NaN.
  [[nodiscard]] bool contains(double x) const {
    return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high);
  }
};

inline constexpr ValueRange kAnyNumber{};
inline constexpr ValueRange kPositive{.low = 0, .low_open = true};
inline constexpr ValueRange kNotNegative{.low = 0};
/// Of what is multiplied and added up without bound: levels of neuromodulators and rates of learning.
inline constexpr ValueRange kModerate{.low = -1e6, .high = 1e6};
inline constexpr ValueRange kModerateNotNegative{.low = 0, .high = 1e6};
inline constexpr ValueRange kProbability{.low = 0, .high = 1};

enum class KeyType { number, integer, boolean, text, choice, values, rate, list, map };

struct KeyInfo {
  std::string_view name;
  KeyType type = KeyType::number;
  std::string_view unit{};
  ValueRange range{};
  /// "required", or a number or word that the reader uses, or (in brackets) prose for the reference page.
  std::string_view fallback{};
  std::string_view description{};
  std::string_view choices{};  ///< of KeyType::choice, separated by '|'
};

enum class Section {
  top,
  simulation,
  device,
  population_defaults,
  population,
  neuron_parameters,
  initial_values,
  distribution,
  normal,
  lognormal,
  uniform,
  piecewise_rate,
  projection,
  given_weights,
  plasticity,
  homeostasis,
  region,
  modulator,
  pulses,
  levels,
  volume,
  rewards,
  trigger,
  gates,
  level_gate,
  learning_gate,
  projection_table,
  table_cells,
  table_exception,
  input,
  record,
  report,
  plasticity_record,
  weight_record,
  modulator_record,
  scaling,
  network,
  checkpoint,
  watchdog,
  batch,
  batch_range,
  stimulus,
  phase,
  phase_repeat,
  memory,
  remembered_population,
  ripple,
  embedding,
  memory_queue,
  coupling,
  coupled_novelty,
  coupled_replay,
};
inline constexpr int kSectionCount = static_cast<int>(Section::coupled_replay) + 1;

struct SectionInfo {
  Section section;
  std::string_view title;  ///< the path, for the reference page
  std::string_view introduction;
  std::span<const KeyInfo> keys;
};

[[nodiscard]] const SectionInfo& section_info(Section section);
[[nodiscard]] std::vector<std::string> key_names(Section section);
/// The key must exist: asking for another one is a bug.
[[nodiscard]] const KeyInfo& key_info(Section section, std::string_view key);

/// "did you mean 'x'?" for a word that is not spelled like the key but means it elsewhere, or nothing.
[[nodiscard]] std::string other_word_hint(Section section, std::string_view word);

/// A number for people: "0.1", "18446744073709551615".
[[nodiscard]] std::string plain(double x);
/// "a number > 0 ms", "one of: a, b"; reads on after "expected ".
[[nodiscard]] std::string expectation(const KeyInfo& key);
/// "> 0 ms", "from 0 to 1"; empty where every number is allowed.
[[nodiscard]] std::string describe_range(const ValueRange& range, std::string_view unit);
[[nodiscard]] std::vector<std::string> choices_of(const KeyInfo& key);

/// The reference page, docs/config.md.
[[nodiscard]] std::string reference_page();

}  // namespace sharpwave::config
