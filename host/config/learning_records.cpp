// `record.plasticity` and `record.weights`: what is recorded of plastic projections;
// `record.neuromodulators`.
#include <algorithm>
#include <set>

#include "host/config/draft.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/protocol_spec.hpp"

namespace sharpwave::config {
namespace {

SampleTimes times_of(const Draft& draft, std::uint64_t interval) {
  const SimulationSpec& simulation = draft.spec.simulation;
  return {.first_step = simulation.warm_up_steps,
          .last_step = simulation.warm_up_steps + simulation.steps,
          .interval = std::max<std::uint64_t>(1, interval)};
}

/// The last step alone.
SampleTimes at_end(const Draft& draft) {
  const SimulationSpec& simulation = draft.spec.simulation;
  const std::uint64_t end = simulation.warm_up_steps + simulation.steps;
  return {.first_step = end - 1, .last_step = end, .interval = 1};
}

std::uint64_t read_interval(MapReader& map) {
  static_cast<void>(map.require("interval"));
  return map.optional_steps("interval").value_or(1);
}

/// Of so many samples a run.
std::uint64_t interval_of(const Draft& draft, std::uint64_t n_samples) {
  const std::uint64_t steps =
      draft.spec.protocol != nullptr ? draft.spec.protocol->least_steps() : draft.spec.simulation.steps;
  return (steps + n_samples - 1) / n_samples;
}

/// 20, fewer where there are many synapses to look at, and at least 2.
std::uint64_t metrics_a_run(const ProjectionSpec& projection) {
  const double n_synapses = expected_synapses(projection);
  return static_cast<std::uint64_t>(std::clamp(2e7 / std::max(n_synapses, 1.0), 2.0, 20.0));
}

/// What the config says, or so often; nothing where it says `none`.
std::optional<std::uint64_t> sampling_interval(Draft& draft, const Node* node, std::uint64_t n_samples,
                                               Section section, const char* path) {
  if (node == nullptr) return interval_of(draft, n_samples);
  if (node->is_scalar() && node->text == "none") return std::nullopt;
  MapReader map(draft.context, *node, section, path);
  return read_interval(map);
}

void read_weight_record(Draft& draft, const Node& node, const std::string& path,
                        std::set<std::string>& names) {
  MapReader map(draft.context, node, Section::weight_record, path, "not beside `at`");
  LearningRecordSpec record;
  static_cast<void>(map.require("name"));
  record.name = map.optional_text("name").value_or("");
  if (map.has("name") && !is_file_word(record.name))
    map.fault("name", "letters, digits, _ and - only, at most 100: it becomes part of a file's name");
  if (!names.insert(record.name).second) map.fault("name", "a name that no other list of weights has");
  const bool only_at_end = map.has("at");
  static_cast<void>(map.optional_choice("at"));
  const auto& protocol = draft.spec.protocol;
  if (only_at_end && protocol != nullptr && protocol->most_steps() != protocol->least_steps())
    map.fault("at", "`interval`: when a protocol that may repeat items ends is not known before");
  record.times = only_at_end ? at_end(draft) : times_of(draft, read_interval(map));
  record.every = static_cast<std::uint32_t>(map.integer("every"));
  static_cast<void>(map.require("projection"));
  const auto name = map.optional_text("projection");
  std::vector<std::string> plastic;
  for (std::uint32_t k = 0; k < draft.spec.projections.size(); ++k) {
    const ProjectionSpec& projection = draft.spec.projections[k];
    if (!projection.plasticity) continue;
    plastic.push_back(projection.name);
    if (projection.name == name) record.projection = k;
  }
  if (name && draft.faulty_rules.contains(*name)) return;
  if (name && std::ranges::find(plastic, *name) == plastic.end())
    return map.fault("projection", "the name of a plastic projection", did_you_mean(*name, plastic));
  draft.spec.learning_records.push_back(std::move(record));
}

}  // namespace

void read_learning_records(Draft& draft, const Node* plasticity, const Node* weights) {
  const auto interval =
      sampling_interval(draft, plasticity, 20, Section::plasticity_record, "record.plasticity");
  for (std::uint32_t k = 0; interval && k < draft.spec.projections.size(); ++k)
    if (const ProjectionSpec& projection = draft.spec.projections[k]; projection.plasticity) {
      const std::uint64_t own =
          plasticity == nullptr ? interval_of(draft, metrics_a_run(projection)) : *interval;
      draft.spec.learning_records.push_back({.projection = k, .times = times_of(draft, own)});
    }
  if (weights == nullptr) return;
  if (!weights->is_sequence())
    return draft.context.fault(*weights, "record.weights", "a list of weights to record");
  std::set<std::string> names;
  for (std::size_t i = 0; i < weights->children.size(); ++i)
    read_weight_record(draft, weights->children[i], "record.weights[" + std::to_string(i) + "]", names);
}

void read_modulator_record(Draft& draft, const Node* node) {
  const auto interval =
      sampling_interval(draft, node, 500, Section::modulator_record, "record.neuromodulators");
  if (interval && !draft.spec.regions.empty()) draft.spec.modulator_samples = times_of(draft, *interval);
}

}  // namespace sharpwave::config
