#include "host/report/watchdog_data.hpp"

#include <limits>
#include <vector>

#include "host/io/text_file.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/step_times.hpp"
#include "host/report/packing.hpp"
#include "host/watchdog/watchdog_json.hpp"

namespace sharpwave::report {
namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 52;
constexpr std::uint64_t kMostSteps32 = 1'000'000'000;
constexpr std::size_t kMostShownSamples = 10'000;

/// A number, or one of the texts for what JSON lacks: those are no points of a curve.
float value_of(const JsonPlace& place) {
  return place.value.is_string() ? std::numeric_limits<float>::quiet_NaN()
                                 : static_cast<float>(place.number());
}

Json raster_json(const analysis::RecordedRun& run, const JsonPlace& history, std::uint64_t last_step) {
  Json populations = Json::array();
  std::uint64_t n_ids = 0;
  for (const analysis::PopulationRecord& population : run.populations) {
    populations.push_back({{"name", population.name},
                           {"size", population.size},
                           {"recorded", population.size},
                           {"stride", 1},
                           {"rows", population.size},
                           {"first_row", n_ids},
                           {"shown", 0},
                           {"spikes", 0}});
    n_ids += population.size;
  }
  const std::uint64_t first = history["first_step"].unsigned_up_to(last_step);
  if (first == 0 || last_step - first > kMostSteps32) history["first_step"].fail("a step shortly before");
  const std::uint64_t before = first - 1;
  const JsonPlace steps = history["spikes"]["steps"];
  const JsonPlace ids = history["spikes"]["ids"];
  if (steps.size() != ids.size()) ids.fail("as many as steps");
  std::vector<std::uint32_t> steps_of, rows;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::uint64_t step = steps[i].unsigned_up_to(last_step);
    if (step <= before + (steps_of.empty() ? 0 : steps_of.back() - 1)) steps[i].fail("steps that ascend");
    steps_of.push_back(static_cast<std::uint32_t>(step - before));
    if (n_ids == 0) ids[i].fail("no ids, as there are no populations");
    rows.push_back(static_cast<std::uint32_t>(ids[i].unsigned_up_to(n_ids - 1)));
  }
  return {{"start_ms", time_of_step_ms(before, run.dt_ms)},
          {"stop_ms", time_of_step_ms(last_step, run.dt_ms)},
          {"dt_ms", run.dt_ms},
          {"populations", std::move(populations)},
          {"steps_u32", packed<std::uint32_t>(steps_of)},
          {"rows_u32", packed<std::uint32_t>(rows)}};
}

Json traces_json(const analysis::RecordedRun& run, const JsonPlace& history) {
  const JsonPlace trace = history["trace"];
  const std::string population = trace["population"].text();
  const analysis::PopulationRecord* record = run.population(population);
  const JsonPlace variables = trace["variables"];
  const JsonPlace values = trace["values"];
  const double start_ms = time_of_step_ms(history["first_step"].unsigned_up_to(kMostSteps), run.dt_ms);
  Json list = Json::array();
  for (std::size_t k = 0; k < variables.size(); ++k) {
    const std::string name = variables[k].text();
    const auto what = recordable_named(name);
    const JsonPlace of_variable = values[k];
    std::vector<float> samples(std::min(of_variable.size(), kMostShownSamples));
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = value_of(of_variable[i]);
    const bool has_threshold = name == "V_m" && record != nullptr && record->threshold_mV;
    list.push_back(
        {{"report", "history"},
         {"population", population},
         {"variable", name},
         {"unit", what ? unit_of(*what, "") : ""},
         {"start_ms", start_ms},
         {"step_ms", run.dt_ms},
         {"samples", samples.size()},
         {"recorded_neurons", 1},
         {"recorded_samples", of_variable.size()},
         {"neurons", {{{"id", trace["neuron"].unsigned_up_to(kMostElements)}, {"spikes_ms", Json::array()}}}},
         {"values_f32", packed<float>(samples)},
         {"threshold", has_threshold ? Json(*record->threshold_mV) : Json()}});
  }
  return list;
}

}  // namespace

Json watchdog_data(const analysis::RecordedRun& run, std::size_t most_histories) {
  const std::filesystem::path path = run.directory / WatchdogFile::kName;
  Json findings = Json::array();
  std::uint64_t total = 0;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {{"total", total}, {"findings", std::move(findings)}};
  const Json json = parse_json(read_text_file(path, kLargestFile), path.filename().string());
  const JsonPlace root{json, path.filename().string()};
  for (const auto& [sign, count] : root["found"].value.items())
    total += root["found"][sign].unsigned_up_to(std::numeric_limits<std::uint32_t>::max());
  const JsonPlace list = root["findings"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonPlace finding = list[i];
    const std::uint64_t step = finding["step"].unsigned_up_to(kMostSteps);
    const JsonPlace history = finding["history"];
    Json shown;
    if (!history.value.is_null() && most_histories > 0) {
      --most_histories;
      shown = {{"raster", raster_json(run, history, step)}, {"traces", traces_json(run, history)}};
    }
    findings.push_back({{"sign", finding["sign"].text()},
                        {"action", finding["action"].text()},
                        {"time_ms", time_of_step_ms(step, run.dt_ms)},
                        {"message", finding["message"].text()},
                        {"history", std::move(shown)}});
  }
  return {{"total", total}, {"findings", std::move(findings)}};
}

}  // namespace sharpwave::report
