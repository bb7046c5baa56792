// The `inputs` and `record` sections: what is attached to the network as it runs.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "host/config/draft.hpp"
#include "host/io/report_writer.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave::config {
namespace {

/// The value for target `i`: the node itself, or its i-th item where it is a list with one for each target.
const Node* value_for(MapReader& map, std::string_view key, std::size_t i, std::size_t n_targets) {
  const Node* node = map.require(key);
  if (node == nullptr || !node->is_sequence()) return node;
  if (node->children.size() == n_targets) return &node->children[i];
  if (i == 0) map.fault(key, "a value, or one for each of the " + std::to_string(n_targets) + " targets");
  return nullptr;
}

/// The number for target `i` of a key that may be a list; the table's default, if it has one, without the
/// key.
std::optional<double> number_for(MapReader& map, std::string_view key, std::size_t i, std::size_t n_targets) {
  const auto fallback = parse_number(map.info(key).fallback);
  if (fallback && map.find(key) == nullptr) return fallback;
  const Node* node = value_for(map, key, i, n_targets);
  return node == nullptr ? std::nullopt : map.context().number(*node, map.path_of(key), map.info(key));
}

/// Nothing where no spike ever comes.
std::optional<PoissonInputSpec> read_spikes(Draft& draft, MapReader& map, std::size_t i,
                                            std::size_t n_targets) {
  const double weight = map.number("weight");
  const Node* node = value_for(map, "rate", i, n_targets);
  if (node == nullptr) return std::nullopt;
  PoissonInputSpec spikes{
      read_rate(draft, *node, map.path_of("rate"), map.info("rate"), draft.scaling.indegrees), weight};
  const auto& rates = spikes.rate.rates_Hz;
  if (std::all_of(rates.begin(), rates.end(), [](double r) { return r == 0; })) return std::nullopt;
  return spikes;
}

std::optional<InputSpec> read_poisson(Draft& draft, MapReader& map, std::size_t i, std::size_t n_targets) {
  auto spikes = read_spikes(draft, map, i, n_targets);
  if (!spikes) return std::nullopt;
  return InputSpec{{}, {}, std::move(*spikes)};
}

std::optional<InputSpec> read_mip(Draft& draft, MapReader& map, std::size_t i, std::size_t n_targets) {
  const auto p_copy = map.required_number("p_copy");
  auto mother = read_spikes(draft, map, i, n_targets);
  if (!mother || !p_copy || *p_copy == 0) return std::nullopt;
  return InputSpec{{}, {}, MipInputSpec{std::move(*mother), *p_copy}};
}

std::optional<InputSpec> read_direct_current(MapReader& map, std::size_t i, std::size_t n_targets) {
  const auto amplitude = number_for(map, "amplitude", i, n_targets);
  if (!amplitude || *amplitude == 0) return std::nullopt;
  return InputSpec{{}, {}, CurrentInputSpec{{0.0}, {*amplitude}}};
}

/// When a current is on.
void read_on_time(MapReader& map, std::uint64_t& start_step, std::uint64_t& stop_step) {
  start_step = map.optional_steps("start").value_or(start_step);
  stop_step = map.optional_steps("stop").value_or(stop_step);
  if (stop_step <= start_step) map.fault("stop", "a time after `start`");
}

std::optional<InputSpec> read_noise(MapReader& map, std::size_t i, std::size_t n_targets) {
  NoiseInputSpec noise;
  const auto mean = number_for(map, "mean", i, n_targets);
  const auto deviation = number_for(map, "std", i, n_targets);
  const Node* interval = map.find("interval");
  noise.interval_steps = std::max<std::uint64_t>(
      1, map.context()
             .steps(map.number("interval"), interval == nullptr ? map.node() : *interval,
                    map.path_of("interval"))
             .value_or(1));
  read_on_time(map, noise.start_step, noise.stop_step);
  noise.mean_pA = mean.value_or(0);
  noise.std_pA = deviation.value_or(0);
  if (noise.mean_pA == 0 && noise.std_pA == 0) return std::nullopt;
  return InputSpec{{}, {}, noise};
}

std::optional<InputSpec> read_ac(MapReader& map, std::size_t i, std::size_t n_targets) {
  AcInputSpec ac;
  ac.amplitude_pA = number_for(map, "amplitude", i, n_targets).value_or(0);
  ac.offset_pA = map.number("offset");
  ac.frequency_Hz = map.required_number("frequency").value_or(0);
  ac.phase_deg = map.number("phase");
  read_on_time(map, ac.start_step, ac.stop_step);
  const double most_Hz = 500 / map.context().dt_ms;
  if (ac.frequency_Hz > most_Hz)
    map.fault("frequency", "at most " + plain(most_Hz) +
                               " Hz: two samples a period at dt = " + plain(map.context().dt_ms) + " ms");
  if (ac.amplitude_pA == 0 && ac.offset_pA == 0) return std::nullopt;
  return InputSpec{{}, {}, ac};
}

std::optional<InputSpec> read_current_steps(MapReader& map) {
  Context& context = map.context();
  const Node* times = map.require("times");
  const Node* amplitudes = map.require("amplitudes");
  if (times == nullptr || amplitudes == nullptr) return std::nullopt;
  CurrentInputSpec current{context.numbers(*times, map.path_of("times"), map.info("times")),
                           context.numbers(*amplitudes, map.path_of("amplitudes"), map.info("amplitudes"))};
  check_ascending(context, *times, map.path_of("times"), current.times_ms);
  for (std::size_t i = 0; i < current.times_ms.size(); ++i) {
    static_cast<void>(context.steps(current.times_ms[i], times->children[i], map.path_of("times")));
  }
  if (times->children.size() != amplitudes->children.size() || times->children.empty()) {
    map.fault("amplitudes", "as many amplitudes as times, at least one");
  }
  return InputSpec{{}, {}, std::move(current)};
}

std::optional<InputSpec> read_kind(Draft& draft, MapReader& map, const std::string& type, std::size_t i,
                                   std::size_t n_targets) {
  if (type == "poisson") return read_poisson(draft, map, i, n_targets);
  if (type == "mip") return read_mip(draft, map, i, n_targets);
  if (type == "dc") return read_direct_current(map, i, n_targets);
  if (type == "noise") return read_noise(map, i, n_targets);
  if (type == "ac") return read_ac(map, i, n_targets);
  return read_current_steps(map);
}

void check_target(Draft& draft, MapReader& map, const NamedSlice& target, const std::string& type) {
  const PopulationSpec& population = draft.spec.populations[target.slice.population];
  if (population.neurons() != nullptr) return;
  const bool is_parrot = std::holds_alternative<ParrotSpec>(population.kind);
  const bool of_spikes = type == "poisson" || type == "mip";
  if (is_parrot && of_spikes) return;
  map.fault("target", of_spikes ? "neurons or parrots" : "neurons: only they take a current");
}

void read_input(Draft& draft, const Node& node, const std::string& path) {
  MapReader map(draft.context, node, Section::input, path);
  const auto name = map.optional_text("name");
  const auto type = map.required_choice("type");
  const Node* target_node = map.require("target");
  std::vector<NamedSlice> targets;
  if (target_node != nullptr) {
    targets = read_slices(draft, *target_node, map.path_of("target"), Sizes::scaled);
  }
  const bool too_many = draft.spec.inputs.size() + targets.size() > kMostInputsInAll;
  if (too_many) map.fault("target", "at most " + std::to_string(kMostInputsInAll) + " inputs in all");
  if (!type || targets.empty() || too_many) {
    for (const std::string& key : key_names(Section::input)) static_cast<void>(map.find(key));
    return;
  }
  map.set_inapplicable("not for type " + *type);
  // Positions in `rate` lists refer to the targets as written, so a misspelt one must not shift them.
  const std::size_t n_targets = target_node->is_sequence() ? target_node->children.size() : 1;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    check_target(draft, map, targets[i], *type);
    auto input = read_kind(draft, map, *type, i, n_targets);
    const bool several = targets.size() > 1;
    const std::string input_name = unique_name(
        draft, draft.input_names, name && several ? std::optional(*name + ":" + targets[i].text) : name,
        *type + "->" + targets[i].text, node, path);
    if (!input) continue;
    input->name = input_name;
    input->target = targets[i].slice;
    draft.spec.inputs.push_back(std::move(*input));
    draft.input_origins.push_back({node.position, path});
  }
}

void read_variables(MapReader& map, const NeuronModel* model, ReportSpec& report) {
  const Node* node = map.find("variables");
  if (node == nullptr) {
    report.variables = {StateVariable::V_m};
    return;
  }
  if (!node->is_sequence() || node->children.empty()) return map.fault("variables", "a list of variables");
  std::vector<std::string> names;
  std::vector<Recordable> known;
  if (model != nullptr) known = recordables(model_info(*model));
  for (const Recordable& variable : known) names.emplace_back(name_of(variable));
  std::string expected = "one of:";
  for (const std::string& name : names) expected += (name == names.front() ? " " : ", ") + name;
  for (std::size_t i = 0; i < node->children.size() && model != nullptr; ++i) {
    const Node& item = node->children[i];
    const std::string path = map.path_of("variables") + "[" + std::to_string(i) + "]";
    const auto found = std::find(names.begin(), names.end(), item.is_scalar() ? item.text : "");
    if (found == names.end()) {
      map.context().fault(item, path, expected, did_you_mean(item.text, names));
      continue;
    }
    const Recordable& variable = known[static_cast<std::size_t>(found - names.begin())];
    if (std::find(report.variables.begin(), report.variables.end(), variable) != report.variables.end())
      map.context().fault(item, path, "each variable once");
    else
      report.variables.push_back(variable);
  }
}

/// @param files  of the traces before.
void read_report(Draft& draft, const Node& node, const std::string& path, std::set<std::string>& files) {
  Context& context = draft.context;
  MapReader map(context, node, Section::report, path);
  const SimulationSpec& simulation = draft.spec.simulation;
  ReportSpec report;
  bool is_new = false;
  const Node* name = map.require("name");
  if (name != nullptr) {
    report.name = context.text(*name, map.path_of("name")).value_or("");
    const auto is_of_this_name = [&](const ReportSpec& other) { return other.name == report.name; };
    is_new = std::none_of(draft.spec.reports.begin(), draft.spec.reports.end(), is_of_this_name);
    if (!is_new) map.fault("name", "a name that no other trace has");
    if (!is_file_word(report.name))
      map.fault("name", "letters, digits, _ and - only, at most 100: it becomes part of a file's name");
  }
  const Node* target = map.require("target");
  const auto slice =
      target == nullptr ? std::nullopt : read_slice(draft, *target, map.path_of("target"), Sizes::scaled);
  const NeuronSpec* neurons = nullptr;
  if (slice) {
    report.slice = slice->slice;
    neurons = draft.spec.populations[slice->slice.population].neurons();
    if (neurons == nullptr) map.fault("target", "neurons: only they have state variables");
  }
  // As many as asked for, or more; what 1 / fraction loses in rounding must not take one off n.
  const double every = std::floor(1 / map.number("fraction") * (1 + 1e-12));
  const double most = static_cast<double>(std::max(1u, report.slice.stop));
  report.slice.stride = static_cast<std::uint32_t>(std::min(report.slice.stride * every, most));
  read_variables(map, neurons == nullptr ? nullptr : &neurons->model, report);
  for (const std::filesystem::path& file : report_files("", report.name, report.variables))
    if (!files.insert(file.string()).second && is_new)
      map.fault("name", "a name of which no file is another trace's: " + file.string() + " is");
  report.times.interval = std::max<std::uint64_t>(1, map.optional_steps("interval").value_or(1));
  report.times.first_step = map.optional_steps("from").value_or(simulation.warm_up_steps);
  report.times.last_step = map.optional_steps("to").value_or(simulation.warm_up_steps + simulation.steps);
  if (report.times.first_step < simulation.warm_up_steps) map.fault("from", "a time after the warm-up");
  if (report.times.last_step <= report.times.first_step)
    map.fault(map.has("to") ? "to" : "from", "`from` before `to`");
  if (report.times.last_step > simulation.warm_up_steps + simulation.steps) {
    map.fault("to", "a time before the end of the simulation");
  }
  draft.spec.reports.push_back(std::move(report));
}

void record_everything(Draft& draft) {
  for (std::uint32_t i = 0; i < draft.spec.populations.size(); ++i) {
    if (draft.spec.populations[i].is_virtual()) continue;
    draft.spec.record_spikes.push_back({i, 0, draft.scaled_size(i), 1});
  }
}

void read_recorded_spikes(Draft& draft, MapReader& map, const Node& node) {
  draft.spec.record_spikes.clear();
  if (node.is_scalar() && node.text == "all") return record_everything(draft);
  if (node.is_scalar() && node.text == "none") return;
  for (const NamedSlice& slice : read_slices(draft, node, map.path_of("spikes"), Sizes::scaled)) {
    if (draft.spec.populations[slice.slice.population].is_virtual()) {
      map.fault("spikes", "neurons or parrots, not the source " + in_quotes(slice.text));
    }
    draft.spec.record_spikes.push_back(slice.slice);
  }
}

}  // namespace

void read_inputs(Draft& draft, const Node& node) {
  if (!node.is_sequence()) return draft.context.fault(node, "inputs", "a list of inputs");
  for (std::size_t i = 0; i < node.children.size() && !draft.context.stopped(); ++i) {
    read_input(draft, node.children[i], "inputs[" + std::to_string(i) + "]");
  }
}

bool is_file_word(const std::string& text) {
  const bool is_word = std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return is_word && text.size() <= 100;
}

void read_record(Draft& draft, const Node* node) {
  if (node == nullptr) {
    read_learning_records(draft, nullptr, nullptr);
    read_modulator_record(draft, nullptr);
    return record_everything(draft);
  }
  MapReader map(draft.context, *node, Section::record, "record");
  const Node* spikes = map.find("spikes");
  if (spikes != nullptr) {
    read_recorded_spikes(draft, map, *spikes);
  } else {
    record_everything(draft);
  }
  const Node* plasticity = map.find("plasticity");
  const Node* weights = map.find("weights");
  read_learning_records(draft, plasticity, weights);
  read_modulator_record(draft, map.find("neuromodulators"));
  const Node* traces = map.find("traces");
  if (traces == nullptr) return;
  if (!traces->is_sequence()) return map.fault("traces", "a list of traces");
  std::set<std::string> files;
  for (std::size_t i = 0; i < traces->children.size(); ++i) {
    read_report(draft, traces->children[i], "record.traces[" + std::to_string(i) + "]", files);
  }
}

}  // namespace sharpwave::config
