#include "host/io/run_json.hpp"

#include <cmath>
#include <limits>

#include "host/io/atomic_file.hpp"
#include "host/io/json_place.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave {
namespace {

// A longer one would make every reader of the summary pay for it.
constexpr std::size_t kLongestConfig = 1 << 20;
constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json populations_json(const std::vector<RunSummary::Population>& populations) {
  Json list = Json::array();
  for (const RunSummary::Population& population : populations) {
    list.push_back({{"name", population.name},
                    {"size", population.size},
                    {"spikes", population.spikes},
                    {"rate_Hz", number(population.rate_Hz)},
                    {"recorded", population.recorded},
                    {"threshold_mV", population.threshold_mV ? number(*population.threshold_mV) : Json()}});
  }
  return list;
}

Json phases_json(const std::vector<PhaseTime>& phases) {
  Json list = Json::array();
  for (const PhaseTime& phase : phases) {
    list.push_back({{"name", phase.name}, {"seconds", number(phase.seconds)}});
  }
  return list;
}

Json grids_json(const std::vector<ReceptorGrid>& grids) {
  Json list = Json::array();
  for (const ReceptorGrid& grid : grids) {
    list.push_back({{"population", grid.population},
                    {"receptor", grid.receptor},
                    {"exponent", grid.exponent},
                    {"accumulator_bits", grid.accumulator_bits}});
  }
  return list;
}

struct MetricField {
  const char* key;
  double PlasticityMetrics::*value;
};
constexpr MetricField kMetricFields[] = {{"ratio", &PlasticityMetrics::ratio},
                                         {"raised", &PlasticityMetrics::raised},
                                         {"lowered", &PlasticityMetrics::lowered},
                                         {"mean_change", &PlasticityMetrics::mean_change},
                                         {"mean_dt_plus_ms", &PlasticityMetrics::mean_dt_plus_ms},
                                         {"mean_dt_minus_ms", &PlasticityMetrics::mean_dt_minus_ms},
                                         {"unchanged_for_ms", &PlasticityMetrics::unchanged_for_ms},
                                         {"mean_weight", &PlasticityMetrics::mean_weight},
                                         {"share_at_min", &PlasticityMetrics::share_at_min},
                                         {"share_at_max", &PlasticityMetrics::share_at_max},
                                         {"w_min", &PlasticityMetrics::w_min},
                                         {"w_max", &PlasticityMetrics::w_max}};
struct CountField {
  const char* key;
  std::uint64_t PlasticityMetrics::*value;
};
constexpr CountField kCountFields[] = {{"synapses", &PlasticityMetrics::synapses},
                                       {"updates", &PlasticityMetrics::updates},
                                       {"potentiations", &PlasticityMetrics::potentiations},
                                       {"depressions", &PlasticityMetrics::depressions}};

Json plasticity_json(const std::vector<PlasticityMetrics>& plasticity) {
  Json list = Json::array();
  for (const PlasticityMetrics& metrics : plasticity) {
    Json json = {{"projection", metrics.projection}, {"weight_unit", metrics.weight_unit}};
    for (const CountField& field : kCountFields) json[field.key] = metrics.*field.value;
    for (const MetricField& field : kMetricFields) json[field.key] = number(metrics.*field.value);
    json["histogram"] = metrics.histogram;
    list.push_back(std::move(json));
  }
  return list;
}

Json modulators_json(const std::vector<RunSummary::ModulatorEnd>& modulators) {
  Json list = Json::array();
  for (const RunSummary::ModulatorEnd& end : modulators)
    list.push_back({{"region", end.region}, {"modulator", end.modulator}, {"level", number(end.level)}});
  return list;
}

Json protocol_json(const std::vector<PhaseResult>& phases) {
  Json list = Json::array();
  for (const PhaseResult& phase : phases) {
    Json json = {{"name", phase.name},
                 {"n_trials", phase.n_trials},
                 {"trials", phase.trials},
                 {"repeats", phase.repeats}};
    if (phase.is_to_test) {
      json["correct"] = phase.correct;
      json["accuracy"] = number(static_cast<double>(phase.correct) / static_cast<double>(phase.trials));
      json["confusion"] = phase.confusion;
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json memory_json(const RunSummary::Memory& memory) {
  const Json status = Json::parse(memory.status, nullptr, false);
  return {{"plugin", memory.plugin},
          {"signals", memory.signals},
          {"silent", memory.silent},
          {"settling", memory.settling},
          {"dropped", memory.dropped},
          {"signal_digest", memory.signal_digest},
          {"queue_capacity", memory.queue_capacity},
          {"longest_queue", memory.longest_queue},
          {"loop_s", number(memory.loop_s)},
          {"share", number(memory.share)},
          {"wait_s", number(memory.wait_s)},
          {"worker_s", number(memory.worker_s)},
          {"status", status.is_object() ? status : Json::object()}};
}

constexpr std::uint64_t kMostUnsigned = std::numeric_limits<std::uint64_t>::max();

double read_number(const JsonPlace& place) {
  return place.value.is_null() ? std::numeric_limits<double>::quiet_NaN() : place.number();
}

RunSummary::Population read_population(const JsonPlace& place) {
  const JsonPlace threshold = place["threshold_mV"];
  return {.name = place["name"].text(),
          .size = place["size"].unsigned_up_to(kMostUnsigned),
          .spikes = place["spikes"].unsigned_up_to(kMostUnsigned),
          .rate_Hz = read_number(place["rate_Hz"]),
          .recorded = place["recorded"].unsigned_up_to(kMostUnsigned),
          .threshold_mV = threshold.value.is_null() ? std::nullopt : std::optional(threshold.number())};
}

PhaseTime read_phase(const JsonPlace& place) {
  return {.name = place["name"].text(), .seconds = read_number(place["seconds"])};
}

int read_int(const JsonPlace& place) {
  const double value = place.number();
  if (!(std::abs(value) <= 1e6 && value == std::trunc(value))) place.fail("an integer of up to six digits");
  return static_cast<int>(value);
}

ReceptorGrid read_grid(const JsonPlace& place) {
  return {.population = place["population"].text(),
          .receptor = place["receptor"].text(),
          .exponent = read_int(place["exponent"]),
          .accumulator_bits = read_int(place["accumulator_bits"])};
}

template <class Read>
auto read_list(const JsonPlace& list, Read read) {
  std::vector<decltype(read(list))> values;
  for (std::size_t i = 0; i < list.size(); ++i) values.push_back(read(list[i]));
  return values;
}

Precision read_precision(const JsonPlace& place) {
  const std::optional<Precision> precision = precision_named(place.text());
  if (!precision) place.fail("float32 or float64");
  return *precision;
}

PlasticityMetrics read_plasticity(const JsonPlace& place) {
  PlasticityMetrics metrics;
  metrics.projection = place["projection"].text();
  metrics.weight_unit = place["weight_unit"].text();
  for (const CountField& field : kCountFields)
    metrics.*field.value = place[field.key].unsigned_up_to(kMostUnsigned);
  for (const MetricField& field : kMetricFields) metrics.*field.value = read_number(place[field.key]);
  const JsonPlace histogram = place["histogram"];
  if (histogram.size() != metrics.histogram.size()) histogram.fail("50 numbers");
  for (std::size_t k = 0; k < metrics.histogram.size(); ++k)
    metrics.histogram[k] = histogram[k].unsigned_up_to(kMostUnsigned);
  return metrics;
}

RunSummary::ModulatorEnd read_modulator(const JsonPlace& place) {
  return {.region = place["region"].text(),
          .modulator = place["modulator"].text(),
          .level = read_number(place["level"])};
}

PhaseResult read_phase_result(const JsonPlace& place) {
  const auto count = [](const JsonPlace& at) { return at.unsigned_up_to(kMostUnsigned); };
  PhaseResult phase{.name = place["name"].text(),
                    .n_trials = count(place["n_trials"]),
                    .trials = count(place["trials"]),
                    .repeats = count(place["repeats"])};
  phase.is_to_test = place.value.contains("confusion");
  if (!phase.is_to_test) return phase;
  phase.correct = count(place["correct"]);
  const JsonPlace confusion = place["confusion"];
  for (std::size_t c = 0; c < confusion.size(); ++c) {
    phase.confusion.push_back(read_list(confusion[c], count));
    if (phase.confusion.back().size() != confusion.size() + 1)
      confusion[c].fail("a number for each class, and one for none");
  }
  return phase;
}

RunSummary::Memory read_memory(const JsonPlace& json) {
  const auto count = [&](const char* key) { return json[key].unsigned_up_to(kMostUnsigned); };
  const auto small = [&](const char* key) {
    return static_cast<std::uint32_t>(json[key].unsigned_up_to(std::numeric_limits<std::uint32_t>::max()));
  };
  const JsonPlace status = json["status"];
  if (!status.value.is_object()) status.fail("an object");
  return {.plugin = json["plugin"].text(),
          .signals = count("signals"),
          .silent = count("silent"),
          .settling = count("settling"),
          .dropped = count("dropped"),
          .signal_digest = json["signal_digest"].text(),
          .queue_capacity = small("queue_capacity"),
          .longest_queue = small("longest_queue"),
          .loop_s = read_number(json["loop_s"]),
          .share = read_number(json["share"]),
          .wait_s = read_number(json["wait_s"]),
          .worker_s = read_number(json["worker_s"]),
          .status = status.value.dump()};
}

void read_watchdog(const JsonPlace& json, RunSummary& s) {
  s.halted = json["halted"].value.is_null() ? "" : json["halted"].text();
  s.repairs = json["repairs"].unsigned_up_to(kMostUnsigned);
  s.weight_gain = read_number(json["weight_gain"]);
  s.input_gain = read_number(json["input_gain"]);
}

}  // namespace

Json to_json(const RunSummary& summary) {
  Json json;
  json["version"] = summary.version;
  json["run_id"] = summary.run_id;
  json["title"] = summary.title;
  json["config_path"] = summary.config_path;
  json["overrides"] = summary.overrides;
  json["config_digest"] = summary.config_digest;
  json["from"] = summary.from.empty() ? Json() : Json(summary.from);
  json["from_mismatches"] = summary.from_mismatches;
  json["device"] = summary.device;
  json["threads"] = summary.threads;
  json["precision"] = name_of(summary.precision);
  json["dt_ms"] = number(summary.dt_ms);
  json["seed"] = summary.seed;
  json["network_seed"] = summary.network_seed;
  json["simulated_ms"] = number(summary.simulated_ms);
  json["warm_up_ms"] = number(summary.warm_up_ms);
  json["wall_s"] = number(summary.wall_s);
  json["real_time_factor"] = number(summary.real_time_factor);
  json["construction_s"] = number(summary.construction_s);
  json["peak_memory_bytes"] = summary.peak_memory_bytes;
  json["synapses"] = summary.synapses;
  json["connectivity_digest"] = summary.connectivity_digest;
  json["synapse_bytes"] = summary.synapse_bytes;
  json["layout"] = summary.layout;
  json["spikes_total"] = summary.spikes_total;
  json["synaptic_events"] = summary.killed ? Json() : Json(summary.synaptic_events);
  json["spike_digest"] = summary.spike_digest;
  json["interrupted"] = summary.interrupted;
  json["killed"] = summary.killed;
  json["watchdog"] = {{"halted", summary.halted.empty() ? Json() : Json(summary.halted)},
                      {"repairs", summary.repairs},
                      {"weight_gain", number(summary.weight_gain)},
                      {"input_gain", number(summary.input_gain)}};
  json["populations"] = populations_json(summary.populations);
  json["phases"] = phases_json(summary.phases);
  json["grids"] = grids_json(summary.grids);
  json["plasticity"] = plasticity_json(summary.plasticity);
  json["neuromodulators"] = modulators_json(summary.neuromodulators);
  json["protocol"] = protocol_json(summary.protocol);
  json["memory"] = summary.memory ? memory_json(*summary.memory) : Json();
  json["config"] = summary.config.size() <= kLongestConfig ? Json(summary.config) : Json();
  return json;
}

RunSummary read_run_summary(const JsonPlace& json) {
  const auto number = [&](const char* key) { return read_number(json[key]); };
  const auto count = [&](const char* key) { return json[key].unsigned_up_to(kMostUnsigned); };
  RunSummary s;
  s.version = json["version"].text();
  if (json.value.contains("run_id")) s.run_id = json["run_id"].text();  // recordings of before have none
  s.title = json["title"].text();
  s.config_path = json["config_path"].text();
  s.overrides = read_list(json["overrides"], [](const JsonPlace& place) { return place.text(); });
  s.config_digest = json["config_digest"].text();
  s.from = json["from"].value.is_null() ? "" : json["from"].text();
  if (json.value.contains("from_mismatches"))  // likewise
    s.from_mismatches =
        read_list(json["from_mismatches"], [](const JsonPlace& place) { return place.text(); });
  s.device = json["device"].text();
  s.threads = read_int(json["threads"]);
  s.precision = read_precision(json["precision"]);
  s.dt_ms = number("dt_ms");
  s.seed = count("seed");
  s.network_seed = count("network_seed");
  s.simulated_ms = number("simulated_ms");
  s.warm_up_ms = number("warm_up_ms");
  s.wall_s = number("wall_s");
  s.real_time_factor = number("real_time_factor");
  s.construction_s = number("construction_s");
  s.peak_memory_bytes = count("peak_memory_bytes");
  s.synapses = count("synapses");
  s.connectivity_digest = json["connectivity_digest"].text();
  s.synapse_bytes = count("synapse_bytes");
  s.layout = json["layout"].text();
  s.spikes_total = count("spikes_total");
  s.synaptic_events = json["synaptic_events"].value.is_null() ? 0 : count("synaptic_events");
  s.spike_digest = json["spike_digest"].text();
  s.interrupted = json["interrupted"].boolean();
  s.killed = json["killed"].boolean();
  if (json.value.contains("watchdog")) read_watchdog(json["watchdog"], s);  // likewise
  s.populations = read_list(json["populations"], read_population);
  s.phases = read_list(json["phases"], read_phase);
  s.grids = read_list(json["grids"], read_grid);
  if (json.value.contains("plasticity"))
    s.plasticity = read_list(json["plasticity"], read_plasticity);  // likewise
  if (json.value.contains("neuromodulators"))
    s.neuromodulators = read_list(json["neuromodulators"], read_modulator);  // likewise
  if (json.value.contains("protocol")) s.protocol = read_list(json["protocol"], read_phase_result);
  if (json.value.contains("memory") && !json["memory"].value.is_null())
    s.memory = read_memory(json["memory"]);
  s.config = json["config"].value.is_null() ? "" : json["config"].text();
  return s;
}

std::string to_json_text(const RunSummary& summary) {
  return to_json(summary).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

RunSummary read_run_json(const std::filesystem::path& path) {
  const Json json = parse_json(read_text_file(path, kLargestFile), path.string());
  return read_run_summary({.value = json, .file = path.string()});
}

void write_run_json(const std::filesystem::path& path, const RunSummary& summary) {
  write_file_atomically(path, to_json_text(summary));
}

}  // namespace sharpwave
