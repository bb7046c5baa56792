// `stimuli` and `protocol`: experiments in trials.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"
#include "host/network/protocol_spec.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave::config {
namespace {

constexpr std::size_t kMostPhases = 1000;

class ProtocolReader {
 public:
  ProtocolReader(Draft& draft, ProtocolSpec& protocol)
      : draft_(draft), context_(draft.context), protocol_(protocol) {}

  void read(const Node& phases) {
    for (std::size_t i = 0; i < phases.children.size(); ++i)
      read_phase(phases.children[i], "protocol[" + std::to_string(i) + "]");
    if (context_.n_faults() > 0) return;
    for (const StimulusSpec& stimulus : protocol_.stimuli)
      for (const std::uint32_t label : stimulus.labels)
        protocol_.n_classes = std::max(protocol_.n_classes, label + 1);
  }

 private:
  void read_phase(const Node& node, const std::string& path) {
    MapReader map(context_, node, Section::phase, path);
    PhaseSpec phase;
    static_cast<void>(map.require("name"));
    phase.name = map.optional_text("name").value_or("");
    if (map.has("name") && (!is_file_word(phase.name) || !names_.insert(phase.name).second))
      map.fault("name", "letters, digits, _ and - only, at most 100, and no phase's before it");
    phase.learning = map.optional_boolean("learning").value_or(true);
    const std::optional<std::uint64_t> rest = map.optional_steps("rest");
    phase.rest_steps = rest.value_or(0);
    phase.responses = read_population(map);
    const bool presents = map.has("present");
    if (presents)
      read_presentation(map, phase);
    else
      static_cast<void>(map.require("rest"));
    if (!presents && rest == 0) map.fault("rest", "more than 0 ms");
    map.set_inapplicable("not in a phase that presents nothing");
    protocol_.phases.push_back(std::move(phase));
    if (protocol_.most_steps() > kExactSteps)
      context_.fault(node, path, "phases of at most 2^52 steps in all");
  }

  void read_presentation(MapReader& map, PhaseSpec& phase) {
    const std::optional<std::uint32_t> stimulus = read_stimulus(map);
    if (map.require("duration") != nullptr) {
      phase.duration_steps = map.optional_steps("duration").value_or(1);
      if (phase.duration_steps == 0) map.fault("duration", "more than 0 ms");
    }
    phase.epochs = static_cast<std::uint32_t>(map.integer("epochs"));
    phase.is_shuffled = map.optional_choice("order") == "shuffled";
    phase.is_to_label = map.optional_boolean("label").value_or(false);
    phase.is_to_test = map.optional_boolean("test").value_or(false);
    const Node* repeat = map.find("repeat");
    const Node* items = map.find("items");
    if (!stimulus) return;
    phase.stimulus = stimulus;
    const StimulusSpec& presented = protocol_.stimuli[*stimulus];
    if (presented.n_items > 0)
      phase.items = read_items(map, items, presented.n_items);
    else
      phase.items = {0};  // of a stimulus that could not be read
    if (repeat != nullptr) read_repeat(map, *repeat, presented, phase);
    check_labels(map, presented, phase);
    const auto trials = static_cast<double>(phase.items.size()) * phase.epochs * phase.repeat.most_times;
    if (trials * static_cast<double>(phase.attempt_steps()) > static_cast<double>(kExactSteps))
      map.fault("epochs", "a phase of at most 2^52 steps");
  }

  std::optional<std::uint32_t> read_stimulus(MapReader& map) {
    const auto name = map.optional_text("present");
    if (!name) return std::nullopt;
    std::vector<std::string> names;
    for (std::uint32_t k = 0; k < protocol_.stimuli.size(); ++k) {
      if (protocol_.stimuli[k].name == *name) return k;
      names.push_back(protocol_.stimuli[k].name);
    }
    map.fault("present", "the name of one of `stimuli`", did_you_mean(*name, names));
    return std::nullopt;
  }

  std::optional<std::uint32_t> read_population(MapReader& map) {
    const auto name = map.optional_text("responses");
    if (!name) return std::nullopt;
    const auto found = draft_.population_index.find(*name);
    if (found != draft_.population_index.end() && !draft_.spec.populations[found->second].is_virtual())
      return found->second;
    std::vector<std::string> names;
    for (const PopulationSpec& population : draft_.spec.populations)
      if (!population.is_virtual()) names.push_back(population.name);
    map.fault("responses", "the name of a population of neurons or parrots", did_you_mean(*name, names));
    return std::nullopt;
  }

  void read_repeat(MapReader& phase_map, const Node& node, const StimulusSpec& stimulus, PhaseSpec& phase) {
    MapReader map(context_, node, Section::phase_repeat, phase_map.path_of("repeat"));
    if (!phase_map.has("responses")) phase_map.fault("repeat", "`responses` beside it, whose spikes decide");
    static_cast<void>(map.require("below"));
    phase.repeat.below = map.optional_integer("below").value_or(1);
    phase.repeat.most_times = static_cast<std::uint32_t>(map.integer("at_most"));
    phase.repeat.gain_step = map.number("gain_step");
    if (stimulus.is_of_spikes()) {
      if (phase.repeat.gain_step > 0) map.fault("gain_step", "0 where spikes are presented, not rates");
      return;
    }
    if (stimulus.level_rates_Hz.empty()) return;
    const double most_Hz = kPoissonMaxMean / (context_.dt_ms * 1e-3);
    const double highest_Hz = *std::ranges::max_element(stimulus.level_rates_Hz) * largest_gain(phase);
    if (highest_Hz > most_Hz)
      map.fault("gain_step",
                "rates of at most " + plain(most_Hz) + " Hz also the last time, not " + plain(highest_Hz));
  }

  void check_labels(MapReader& map, const StimulusSpec& stimulus, const PhaseSpec& phase) {
    if (!phase.keeps_responses()) return;
    const char* key = phase.is_to_label ? "label" : "test";
    if (phase.is_to_label && phase.is_to_test) return map.fault("test", "either `label` or `test`");
    if (!map.has("responses")) return map.fault(key, "`responses` beside it: the neurons in question");
    if (stimulus.n_items > 0 && stimulus.labels.empty()) map.fault(key, "`labels` of what is presented");
    if (phase.is_to_label) {
      labelled_ = phase.responses;
    } else if (!labelled_ || labelled_ != phase.responses) {
      map.fault(key, "a phase before it that labels these neurons, none that labels others in between");
    }
  }

  /// `0:8000`, `0:100:2`, or positions one by one; all where there is nothing.
  std::vector<std::uint32_t> read_items(MapReader& map, const Node* node, std::uint32_t n_items) {
    std::vector<std::uint32_t> items;
    const auto refuse = [&] {
      map.fault("items", "start:stop, start:stop:stride, or a list of positions, within the " +
                             std::to_string(n_items) + " items");
      return std::vector<std::uint32_t>{0};
    };
    if (node != nullptr && node->is_sequence()) {
      for (const double position : context_.numbers(*node, map.path_of("items"), map.info("items"))) {
        if (!(position >= 0 && position < n_items && position == std::floor(position))) return refuse();
        items.push_back(static_cast<std::uint32_t>(position));
      }
      return items.empty() ? refuse() : items;
    }
    std::uint32_t range[] = {0, n_items, 1};
    if (node != nullptr && (!node->is_scalar() || !read_range(node->text, range))) return refuse();
    if (range[0] >= range[1] || range[1] > n_items || range[2] == 0) return refuse();
    for (std::uint64_t i = range[0]; i < range[1]; i += range[2])
      items.push_back(static_cast<std::uint32_t>(i));
    return items;
  }

  static bool read_range(std::string_view text, std::uint32_t (&range)[3]) {
    std::size_t n = 0;
    for (bool is_last = false; !is_last; ++n) {
      const std::size_t end = std::min(text.find(':'), text.size());
      is_last = end == text.size();
      const std::string_view field = text.substr(0, end);
      if (n == std::size(range)) return false;
      if (!field.empty()) {
        const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), range[n]);
        if (error != std::errc() || stop != field.data() + field.size()) return false;
      }
      text.remove_prefix(is_last ? end : end + 1);
    }
    return n >= 2;
  }

 public:
  static double largest_gain(const PhaseSpec& phase) {
    return 1 + phase.repeat.gain_step * static_cast<double>(phase.repeat.most_times - 1);
  }

 private:
  Draft& draft_;
  Context& context_;
  ProtocolSpec& protocol_;
  std::set<std::string> names_;
  std::optional<std::uint32_t> labelled_;  // by the phases until now
};

/// What the proof of the grids has to know.
void set_largest_rates(Draft& draft, const ProtocolSpec& protocol) {
  for (const PhaseSpec& phase : protocol.phases) {
    if (!phase.stimulus) continue;
    const StimulusSpec& stimulus = protocol.stimuli[*phase.stimulus];
    auto* sources = std::get_if<PoissonSourceSpec>(&draft.spec.populations[stimulus.population].kind);
    if (sources == nullptr) continue;
    const double highest_Hz =
        *std::ranges::max_element(stimulus.level_rates_Hz) * ProtocolReader::largest_gain(phase);
    sources->presented_up_to_Hz = std::max(sources->presented_up_to_Hz.value_or(0), highest_Hz);
  }
}

}  // namespace

void read_protocol(Draft& draft, const Node& stimuli, const Node& phases) {
  Context& context = draft.context;
  if (!phases.is_sequence() || phases.children.empty() || phases.children.size() > kMostPhases)
    return context.fault(phases, "protocol", "a list of 1 to " + std::to_string(kMostPhases) + " phases");
  if (draft.scaling.active())
    context.fault(draft.scaling_origin.position, "scaling", "a protocol",
                  "no scaling: what is presented is given source by source");
  auto protocol = std::make_shared<ProtocolSpec>();
  if (!read_stimuli(draft, stimuli, *protocol)) return;
  ProtocolReader(draft, *protocol).read(phases);
  if (context.n_faults() > 0) return;
  set_largest_rates(draft, *protocol);
  draft.spec.simulation.steps = protocol->most_steps();
  draft.spec.protocol = std::move(protocol);
}

}  // namespace sharpwave::config
