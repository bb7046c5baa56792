#include "host/run/recording_header.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "host/base/error.hpp"
#include "host/network/distribution.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/protocol_spec.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();
// Far beyond what can be simulated, and sums of some of them still fit.
constexpr std::uint64_t kMostStepsClaimed = std::uint64_t{1} << 60;

/// Of a report of state variables alone nothing is in that unit.
bool has_weight_unit(const ReportHeader& header) {
  return std::any_of(header.variables.begin(), header.variables.end(),
                     [](const Recordable& what) { return std::holds_alternative<StepQuantity>(what); });
}

Json report_json(const RecordedReport& report) {
  Json variables = Json::array();
  for (const Recordable& variable : report.header.variables) variables.push_back(name_of(variable));
  const Slice& slice = report.slice;
  const SampleTimes& times = report.times;
  Json json = {{"name", report.header.name},
               {"population", report.header.population},
               {"start", slice.start},
               {"stop", slice.stop},
               {"stride", slice.stride},
               {"variables", std::move(variables)},
               {"first_step", times.first_step},
               {"last_step", times.last_step == kNoEnd ? Json() : Json(times.last_step)},
               {"interval", times.interval}};
  if (has_weight_unit(report.header)) json["weight_unit"] = report.header.weight_unit;
  return json;
}

/// A name that goes into the name of a file, or of a group in one.
std::string read_name(const JsonPlace& place, std::set<std::string>& before) {
  std::string name = place.text();
  const bool usable = !name.empty() && name != "." &&
                      std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == '\0'; });
  if (!usable || !before.insert(name).second) place.fail("a name without '/' that is not there before");
  return name;
}

Recordable read_variable(const JsonPlace& place) {
  const auto variable = recordable_named(place.text());
  if (!variable) place.fail("a variable that can be recorded");
  return *variable;
}

std::uint32_t read_u32(const JsonPlace& place, std::uint64_t most) {
  return static_cast<std::uint32_t>(place.unsigned_up_to(most));
}

const RunSummary::Population& read_population(const JsonPlace& place, const RunSummary& run) {
  const auto found = std::find_if(run.populations.begin(), run.populations.end(),
                                  [name = place.text()](const auto& p) { return p.name == name; });
  if (found == run.populations.end()) place.fail("one of the populations");
  return *found;
}

std::vector<Recordable> read_variables(const JsonPlace& list) {
  std::vector<Recordable> variables;
  const std::size_t n = list.size();
  if (n < 1 || n > std::size_t{kStateVariableCount + kStepQuantityCount}) list.fail("some variables");
  for (std::size_t i = 0; i < n; ++i) {
    variables.push_back(read_variable(list[i]));
    if (std::count(variables.begin(), variables.end(), variables.back()) > 1) list[i].fail("each once");
  }
  return variables;
}

SampleTimes read_times(const JsonPlace& place) {
  SampleTimes times;
  times.first_step = place["first_step"].unsigned_up_to(kMostStepsClaimed);
  const JsonPlace last = place["last_step"];
  times.last_step = last.value.is_null() ? kNoEnd : last.unsigned_up_to(kNoEnd);
  times.interval = place["interval"].unsigned_up_to(kMostStepsClaimed);
  if (times.interval == 0) place["interval"].fail("1 or more");
  return times;
}

RecordedReport read_report(const JsonPlace& place, const RunSummary& run, std::set<std::string>& names) {
  RecordedReport report;
  report.header.name = read_name(place["name"], names);
  const RunSummary::Population& population = read_population(place["population"], run);
  report.header.population = population.name;
  Slice& slice = report.slice;
  slice.stop = read_u32(place["stop"], population.size);
  slice.start = read_u32(place["start"], slice.stop);
  slice.stride = read_u32(place["stride"], std::numeric_limits<std::uint32_t>::max());
  if (slice.start == slice.stop) place["stop"].fail("more than start");
  if (slice.stride == 0) place["stride"].fail("1 or more");
  report.header.variables = read_variables(place["variables"]);
  if (has_weight_unit(report.header)) report.header.weight_unit = place["weight_unit"].text();
  report.header.dt_ms = run.dt_ms;
  report.times = read_times(place);
  report.header.interval_steps = report.times.interval;
  return report;
}

Json learning_json(const RecordedLearning& record) {
  const LearningHeader& header = record.header;
  const SampleTimes& times = record.times;
  return {{"name", header.name},
          {"projection", header.projection},
          {"source", header.source},
          {"target", header.target},
          {"w_min", header.w_min},
          {"w_max", header.w_max},
          {"negative", header.is_negative},
          {"weight_unit", header.weight_unit},
          {"every", record.every},
          {"first_step", times.first_step},
          {"last_step", times.last_step == kNoEnd ? Json() : Json(times.last_step)},
          {"interval", times.interval}};
}

/// @param names  of files before, and of projections with metrics.
RecordedLearning read_learning(const JsonPlace& place, const RunSummary& run, std::set<std::string>& names) {
  RecordedLearning record;
  record.every = read_u32(place["every"], std::numeric_limits<std::uint32_t>::max());
  LearningHeader& header = record.header;
  header.projection = place["projection"].text();
  if (record.every > 0)
    header.name = read_name(place["name"], names);
  else if (!names.insert("/" + header.projection).second)
    place["projection"].fail("a projection that is not there before");
  header.source = place["source"].text();
  header.target = place["target"].text();
  header.w_min = place["w_min"].number();
  header.w_max = place["w_max"].number();
  if (!(header.w_min >= 0 && header.w_min < header.w_max && std::isfinite(header.w_max)))
    place["w_max"].fail("a number above w_min");
  header.is_negative = place["negative"].boolean();
  header.weight_unit = place["weight_unit"].text();
  header.dt_ms = run.dt_ms;
  record.times = read_times(place);
  return record;
}

Json modulators_json(const RecordedModulators& modulators) {
  Json regions = Json::array();
  for (const ModulatorHeader& header : modulators.regions) {
    Json names = Json::array();
    for (int m = 0; m < kModulators; ++m)
      if (header.has[static_cast<std::size_t>(m)]) names.push_back(name_of(static_cast<Modulator>(m)));
    regions.push_back({{"name", header.region}, {"modulators", std::move(names)}});
  }
  const SampleTimes& times = modulators.times;
  return {{"regions", std::move(regions)},
          {"first_step", times.first_step},
          {"last_step", times.last_step == kNoEnd ? Json() : Json(times.last_step)},
          {"interval", times.interval}};
}

ModulatorHeader read_region(const JsonPlace& place, double dt_ms, std::set<std::string>& names) {
  ModulatorHeader header{.region = read_name(place["name"], names), .dt_ms = dt_ms};
  const JsonPlace modulators = place["modulators"];
  for (std::size_t i = 0; i < modulators.size(); ++i) {
    const std::string name = modulators[i].text();
    std::size_t m = 0;
    while (m < kModulators && name != name_of(static_cast<Modulator>(m))) ++m;
    if (m == kModulators || header.has[m]) modulators[i].fail("a neuromodulator that is not there before");
    header.has[m] = true;
  }
  return header;
}

RecordedModulators read_modulators(const JsonPlace& place, double dt_ms) {
  RecordedModulators modulators;
  const JsonPlace regions = place["regions"];
  if (regions.size() == 0) regions.fail("some regions");
  std::set<std::string> names;
  for (std::size_t i = 0; i < regions.size(); ++i)
    modulators.regions.push_back(read_region(regions[i], dt_ms, names));
  modulators.times = read_times(place);
  return modulators;
}

Json protocol_json(const RecordingHeader& header) {
  Json phases = Json::array();
  for (const TrialPhase& phase : header.phases)
    phases.push_back({{"name", phase.name}, {"population", phase.population}, {"n_counts", phase.n_counts}});
  return {{"n_classes", header.n_classes}, {"phases", std::move(phases)}};
}

void read_protocol(const JsonPlace& place, RecordingHeader& header) {
  header.n_classes = read_u32(place["n_classes"], kNoClass - 1);
  const JsonPlace phases = place["phases"];
  for (std::size_t i = 0; i < phases.size(); ++i)
    header.phases.push_back({.name = phases[i]["name"].text(),
                             .population = phases[i]["population"].text(),
                             .n_counts = read_u32(phases[i]["n_counts"], kMostElements)});
}

void check_run(const JsonPlace& place, const RunSummary& run) {
  // Not below or equal, so that NaN does not pass.
  if (!(run.dt_ms > 0 && std::isfinite(run.dt_ms))) place["dt_ms"].fail("a time in ms above 0");
  std::set<std::string> names;
  std::uint64_t n_ids = 0;
  for (std::size_t i = 0; i < run.populations.size(); ++i) {
    const JsonPlace population = place["populations"][i];
    if (run.populations[i].recorded > 0) static_cast<void>(read_name(population["name"], names));
    n_ids += population["size"].unsigned_up_to(kMostElements);
    if (n_ids > kMostElements) population["size"].fail("ids of 32 bits for all");
    static_cast<void>(population["recorded"].unsigned_up_to(run.populations[i].size));
  }
}

}  // namespace

LearningHeader learning_header(const ModelSpec& spec, std::uint32_t index) {
  const ProjectionSpec& projection = spec.projections[index];
  const PopulationSpec& target = spec.populations[projection.target.population];
  return {.projection = projection.name,
          .source = spec.populations[projection.source.population].name,
          .target = target.name,
          .w_min = projection.plasticity->w_min,
          .w_max = projection.plasticity->w_max,
          .is_negative = range_of(projection.weight).low < 0,
          .weight_unit = std::string(model_info(target.neurons()->model).weight_unit),
          .dt_ms = spec.simulation.dt_ms};
}

ModulatorHeader modulator_header(const ModelSpec& spec, std::uint32_t region) {
  ModulatorHeader header{.region = spec.regions[region].name, .dt_ms = spec.simulation.dt_ms};
  for (std::size_t m = 0; m < kModulators; ++m)
    header.has[m] = spec.regions[region].modulators[m].has_value();
  return header;
}

namespace {

std::vector<TrialPhase> phases_of(const ModelSpec& spec) {
  std::vector<TrialPhase> phases;
  if (spec.protocol == nullptr) return phases;
  for (const PhaseSpec& phase : spec.protocol->phases) {
    TrialPhase& known = phases.emplace_back(TrialPhase{.name = phase.name, .population = {}});
    if (!phase.responses) continue;
    known.population = spec.populations[*phase.responses].name;
    if (phase.keeps_responses()) known.n_counts = spec.populations[*phase.responses].size;
  }
  return phases;
}

}  // namespace

RecordingHeader recording_header(const ModelSpec& spec, RunSummary about) {
  RecordingHeader header{.run = std::move(about),
                         .warm_up_steps = spec.simulation.warm_up_steps,
                         .steps = spec.simulation.steps,
                         .reports = {},
                         .learning = {},
                         .modulators = {},
                         .phases = phases_of(spec),
                         .n_classes = spec.protocol == nullptr ? 0 : spec.protocol->n_classes};
  for (const ReportSpec& report : spec.reports) {
    const PopulationSpec& population = spec.populations[report.slice.population];
    const NeuronModelInfo& info = model_info(population.neurons()->model);
    header.reports.push_back({.header = {.name = report.name,
                                         .population = population.name,
                                         .node_ids = {},
                                         .variables = report.variables,
                                         .weight_unit = std::string(info.weight_unit),
                                         .dt_ms = spec.simulation.dt_ms,
                                         .interval_steps = report.times.interval},
                              .slice = report.slice,
                              .times = report.times});
  }
  for (const LearningRecordSpec& record : spec.learning_records) {
    RecordedLearning& learning = header.learning.emplace_back(RecordedLearning{
        .header = learning_header(spec, record.projection), .every = record.every, .times = record.times});
    learning.header.name = record.name;
  }
  if (spec.modulator_samples) {
    header.modulators = {.regions = {}, .times = *spec.modulator_samples};
    for (std::uint32_t region = 0; region < spec.regions.size(); ++region)
      header.modulators->regions.push_back(modulator_header(spec, region));
  }
  return header;
}

std::string to_json_text(const RecordingHeader& header) {
  Json json;
  json["run"] = to_json(header.run);
  json["run"]["config"] = nullptr;
  json["config"] = header.run.config;
  json["warm_up_steps"] = header.warm_up_steps;
  json["steps"] = header.steps;
  json["learning"] = Json::array();
  for (const RecordedLearning& record : header.learning) json["learning"].push_back(learning_json(record));
  json["neuromodulators"] = header.modulators ? modulators_json(*header.modulators) : Json();
  json["reports"] = Json::array();
  for (const RecordedReport& report : header.reports) json["reports"].push_back(report_json(report));
  if (!header.phases.empty()) json["protocol"] = protocol_json(header);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

RecordingHeader read_recording_header(const std::string& text, const std::string& where) {
  const Json json = parse_json(text, where);
  const JsonPlace root{json, where};
  RecordingHeader header;
  header.run = read_run_summary(root["run"]);
  check_run(root["run"], header.run);
  header.run.config = root["config"].text();
  header.warm_up_steps = root["warm_up_steps"].unsigned_up_to(kMostStepsClaimed);
  header.steps = root["steps"].unsigned_up_to(kMostStepsClaimed);
  const JsonPlace reports = root["reports"];
  std::set<std::string> names;
  for (std::size_t i = 0; i < reports.size(); ++i)
    header.reports.push_back(read_report(reports[i], header.run, names));
  const JsonPlace learning = root["learning"];
  std::set<std::string> learning_names;
  for (std::size_t i = 0; i < learning.size(); ++i)
    header.learning.push_back(read_learning(learning[i], header.run, learning_names));
  const JsonPlace modulators = root["neuromodulators"];
  if (!modulators.value.is_null()) header.modulators = read_modulators(modulators, header.run.dt_ms);
  if (root.value.contains("protocol")) read_protocol(root["protocol"], header);
  return header;
}

void require_same_recording(const RecordingHeader& found, const RecordingHeader& expected,
                            const std::string& where) {
  const auto require = [&](bool same, const char* what) {
    if (same) return;
    throw Error(ExitCode::damaged_data, where + ": is the recording of another run: " + what +
                                            " differs; expected the one that was "
                                            "written with the checkpoint");
  };
  require(found.run.config_digest == expected.run.config_digest, "the config");
  require(found.run.dt_ms == expected.run.dt_ms, "dt");
  require(found.warm_up_steps == expected.warm_up_steps, "the warm-up");
  require(found.steps == expected.steps, "the duration");
  require(std::equal(found.run.populations.begin(), found.run.populations.end(),
                     expected.run.populations.begin(), expected.run.populations.end(),
                     [](const auto& a, const auto& b) {
                       return a.name == b.name && a.size == b.size && a.recorded == b.recorded;
                     }),
          "what is recorded of the populations");
  require(
      std::equal(found.reports.begin(), found.reports.end(), expected.reports.begin(), expected.reports.end(),
                 [](const auto& a, const auto& b) { return report_json(a) == report_json(b); }),
      "what the reports are of");
  require(std::equal(found.learning.begin(), found.learning.end(), expected.learning.begin(),
                     expected.learning.end(),
                     [](const auto& a, const auto& b) { return learning_json(a) == learning_json(b); }),
          "what is recorded of plastic projections");
  require(
      found.modulators.has_value() == expected.modulators.has_value() &&
          (!found.modulators || modulators_json(*found.modulators) == modulators_json(*expected.modulators)),
      "what is recorded of neuromodulators");
  require(found.phases == expected.phases && found.n_classes == expected.n_classes, "the protocol");
}

}  // namespace sharpwave
