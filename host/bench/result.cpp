#include "host/bench/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "host/base/error.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::bench {
namespace {

Json json_of(const Range& range) {
  return {{"min", range.min}, {"median", range.median}, {"max", range.max}};
}

Json json_of(const std::optional<Range>& range) {
  return range ? json_of(*range) : Json();
}

Json optional_number(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json phases_json(const Result& result) {
  Json phases = Json::array();
  const std::vector<PhaseTime>& first = result.repeats.front().phases;
  for (std::size_t i = 0; i < first.size(); ++i) {
    Json phase = {{"name", first[i].name}};
    phase.update(json_of(result.over_repeats([i](const Measurement& m) { return m.phases.at(i).seconds; })));
    phases.push_back(std::move(phase));
  }
  return phases;
}

Json figures_json(const std::vector<Figure>& figures) {
  Json json = Json::object();
  for (const Figure& figure : figures) {
    json[figure.name] = json_of(range_of(figure.values));
    json[figure.name]["better"] = figure.better == Figure::Better::more ? "more" : "less";
    json[figure.name]["values"] = figure.values;
  }
  return json;
}

Json json_of(const Measurement& m) {
  return {{"wall_s", m.wall_s},
          {"construction_s", m.construction_s},
          {"peak_memory_bytes", m.peak_memory_bytes},
          {"read_pass_s", optional_number(m.read_pass_s)},
          {"copy_bytes_per_s", optional_number(m.copy_bytes_per_s)},
          {"others_share", optional_number(m.others_share)}};
}

Json json_of(const Result& result) {
  Json json;
  json["case"] = result.name;
  json["overrides"] = result.overrides;
  json["config_digest"] = result.config_digest;
  json["device"] = result.device;
  json["precision"] = result.precision;
  json["layout"] = result.layout;
  json["threads"] = result.threads;
  json["warm_up_ms"] = result.warm_up_ms;
  json["simulated_ms"] = result.simulated_ms;
  json["neurons"] = result.neurons;
  json["synapses"] = result.synapses;
  json["bytes_per_synapse"] = result.bytes_per_synapse();
  json["bytes_per_plastic_synapse"] = optional_number(result.bytes_per_plastic_synapse());
  json["spikes"] = result.spikes;
  json["synaptic_events"] = result.synaptic_events;
  json["spike_digest"] = result.spike_digest;
  json["wall_s"] = json_of(result.wall_s());
  json["real_time_factor"] = json_of(result.real_time_factor());
  json["construction_s"] = json_of(result.construction_s());
  json["peak_memory_bytes"] = json_of(result.peak_memory_bytes());
  json["events_per_s"] = json_of(result.events_per_s());
  json["times_read_pass"] = json_of(result.times_read_pass());
  json["share_of_copy"] = json_of(result.share_of_copy());
  json["others_share"] = json_of(result.others_share());
  json["noisy"] = result.noisy();
  json["phases_s"] = phases_json(result);
  json["figures"] = figures_json(result.figures);
  json["repeats"] = Json::array();
  for (const Measurement& m : result.repeats) json["repeats"].push_back(json_of(m));
  return json;
}

double number_from_zero(const JsonPlace& place) {
  const double value = place.number();
  if (!(value >= 0 && std::isfinite(value))) place.fail("a number from 0 on");
  return value;
}

Range range_at(const JsonPlace& place) {
  const Range range{.min = number_from_zero(place["min"]),
                    .median = number_from_zero(place["median"]),
                    .max = number_from_zero(place["max"])};
  if (!(range.min <= range.median && range.median <= range.max)) place.fail("min <= median <= max");
  return range;
}

std::vector<std::pair<std::string, Range>> figures_at(const JsonPlace& place) {
  if (!place.value.is_object()) place.fail("an object");
  std::vector<std::pair<std::string, Range>> figures;
  for (const auto& member : place.value.items())
    figures.emplace_back(member.key(), range_at(place[member.key()]));
  return figures;
}

BaselineResult baseline_result(const JsonPlace& place) {
  BaselineResult result;
  result.name = place["case"].text();
  result.config_digest = place["config_digest"].text();
  result.device = place["device"].text();
  result.spike_digest = place["spike_digest"].text();
  result.threads = static_cast<int>(place["threads"].unsigned_up_to(kMostThreads));
  result.bytes_per_synapse = number_from_zero(place["bytes_per_synapse"]);
  result.wall_s = range_at(place["wall_s"]);
  result.construction_s = range_at(place["construction_s"]);
  result.peak_memory_bytes = range_at(place["peak_memory_bytes"]);
  const JsonPlace times = place["times_read_pass"];
  if (!times.value.is_null()) result.times_read_pass = range_at(times);
  if (place.value.contains("figures")) result.figures = figures_at(place["figures"]);
  result.noisy = place["noisy"].boolean();
  return result;
}

}  // namespace

std::string label_of(std::string_view name, int threads) {
  return fmt::format("{}, {} thread{}", name, threads, threads == 1 ? "" : "s");
}

Range range_of(std::vector<double> values) {
  SHARPWAVE_ASSERT(!values.empty());
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return {.min = values.front(), .median = 0.5 * (values[(n - 1) / 2] + values[n / 2]), .max = values.back()};
}

void Result::add(Result&& other) {
  SHARPWAVE_ASSERT(figures.size() == other.figures.size());
  repeats.insert(repeats.end(), std::make_move_iterator(other.repeats.begin()),
                 std::make_move_iterator(other.repeats.end()));
  for (std::size_t i = 0; i < figures.size(); ++i) {
    SHARPWAVE_ASSERT(figures[i].name == other.figures[i].name);
    figures[i].values.insert(figures[i].values.end(), other.figures[i].values.begin(),
                             other.figures[i].values.end());
  }
}

double Result::bytes_per_synapse() const {
  return synapses > 0 ? static_cast<double>(synapse_bytes) / static_cast<double>(synapses) : 0;
}

std::optional<double> Result::bytes_per_plastic_synapse() const {
  if (!(plastic_synapses > 0)) return {};
  return plastic_bytes / plastic_synapses;
}

Range Result::wall_s() const {
  return over_repeats([](const Measurement& m) { return m.wall_s; });
}

Range Result::real_time_factor() const {
  return over_repeats([this](const Measurement& m) { return m.wall_s * 1000 / simulated_ms; });
}

Range Result::construction_s() const {
  return over_repeats([](const Measurement& m) { return m.construction_s; });
}

Range Result::peak_memory_bytes() const {
  return over_repeats([](const Measurement& m) { return m.peak_memory_bytes; });
}

Range Result::events_per_s() const {
  return over_repeats(
      [this](const Measurement& m) { return static_cast<double>(synaptic_events) / m.wall_s; });
}

std::optional<Range> Result::others_share() const {
  const auto is_known = [](const Measurement& m) { return m.others_share.has_value(); };
  if (!std::all_of(repeats.begin(), repeats.end(), is_known)) return {};
  return over_repeats([](const Measurement& m) { return *m.others_share; });
}

std::optional<Range> Result::times_read_pass() const {
  if (!repeats.front().read_pass_s || synapses == 0 || synaptic_events == 0) return {};
  const double passes = static_cast<double>(synaptic_events) / static_cast<double>(synapses);
  return over_repeats([passes](const Measurement& m) { return m.wall_s / (passes * *m.read_pass_s); });
}

std::optional<Range> Result::share_of_copy() const {
  if (!repeats.front().copy_bytes_per_s) return {};
  const double bytes = static_cast<double>(synaptic_events) * bytes_per_synapse();
  return over_repeats([bytes](const Measurement& m) { return bytes / m.wall_s / *m.copy_bytes_per_s; });
}

bool Result::noisy() const {
  return others_share() && others_share()->max > kNoise;
}

Json to_json(const Report& report) {
  Json json;
  json["version"] = report.version;
  json["machine"] = {{"processor", report.machine.processor}, {"processors", report.machine.processors},
                     {"allowed", report.machine.allowed},     {"memory_bytes", report.machine.memory_bytes},
                     {"system", report.machine.system},       {"compiler", report.machine.compiler}};
  json["results"] = Json::array();
  for (const Result& result : report.results) json["results"].push_back(json_of(result));
  return json;
}

Baseline read_baseline(const std::string& text, const std::string& where) {
  const Json json = parse_json(text, where);
  const JsonPlace root{json, where};
  Baseline baseline;
  baseline.version = root["version"].text();
  baseline.processor = root["machine"]["processor"].text();
  baseline.allowed =
      static_cast<int>(root["machine"]["allowed"].unsigned_up_to(std::numeric_limits<int>::max()));
  const JsonPlace results = root["results"];
  for (std::size_t i = 0; i < results.size(); ++i) baseline.results.push_back(baseline_result(results[i]));
  return baseline;
}

}  // namespace sharpwave::bench
