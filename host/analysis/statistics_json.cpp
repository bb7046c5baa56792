#include "host/analysis/statistics_json.hpp"

#include <optional>
#include <utility>

#include "host/analysis/spike_statistics.hpp"
#include "host/analysis/summary.hpp"
#include "host/io/histogram_json.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave::analysis {
namespace {

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Appends the keys mean, sd and histogram.
Json with_summary(Json object, const Summary& summary) {
  object["mean"] = or_null(summary.mean);
  object["sd"] = or_null(summary.sd);
  object["histogram"] = summary.histogram ? histogram_json(*summary.histogram) : Json(nullptr);
  return object;
}

Json rates_json(const SpikeTrains& trains) {
  // A rate exists only where time passed.
  if (trains.n_steps == 0) return with_summary(Json::object(), {});
  const double unit_Hz = 1000.0 / time_of_step_ms(trains.n_steps, trains.dt_ms);
  return with_summary(Json::object(),
                      summarize_counts(spike_counts(trains), trains.n_recorded - trains.n_fired, unit_Hz));
}

Json cv_json(const SpikeTrains& trains) {
  const Summary summary = summarize(isi_cvs(trains));
  return with_summary({{"neurons", summary.n}}, summary);
}

Json correlation_json(const SpikeTrains& trains) {
  const Correlations correlations = pairwise_correlations(trains);
  return with_summary({{"neurons", correlations.neurons.size()},
                       {"pairs", correlations.coefficients.size()},
                       {"bin_ms", time_of_step_ms(correlations.bin_steps, trains.dt_ms)}},
                      summarize(correlations.coefficients));
}

Json rate_over_time_json(const SpikeTrains& trains) {
  const RateOverTime rate = rate_over_time(trains);
  return {{"start_ms", time_of_step_ms(trains.first_step, trains.dt_ms)},
          {"bin_ms", time_of_step_ms(rate.bin_steps, trains.dt_ms)},
          {"Hz", rate.Hz}};
}

Json power_spectrum_json(const SpikeTrains& trains) {
  const std::optional<PowerSpectrum> spectrum = power_spectrum(trains);
  if (!spectrum) return nullptr;
  const double segment_ms = time_of_step_ms(spectrum->bin_steps * spectrum->segment_bins, trains.dt_ms);
  Json frequencies_Hz = Json::array();
  for (std::size_t k = 1; k <= spectrum->Hz2_per_Hz.size(); ++k) {
    frequencies_Hz.push_back(static_cast<double>(k) * 1000.0 / segment_ms);
  }
  return {{"bin_ms", time_of_step_ms(spectrum->bin_steps, trains.dt_ms)},
          {"segment_ms", segment_ms},
          {"segments", spectrum->segments},
          {"frequency_Hz", std::move(frequencies_Hz)},
          {"Hz2_per_Hz", spectrum->Hz2_per_Hz}};
}

}  // namespace

Json population_statistics_json(const RecordedRun& run, const PopulationRecord& population,
                                const Spikes& spikes) {
  const SpikeTrains trains{.steps = spikes.steps,
                           .neurons = spikes.neurons,
                           .n_fired = spikes.fired.size(),
                           .n_recorded = population.recorded,
                           .first_step = run.first_step,
                           .n_steps = run.n_steps,
                           .dt_ms = run.dt_ms};
  Json json;
  json["name"] = population.name;
  json["size"] = population.size;
  json["recorded"] = population.recorded;
  json["spikes"] = spikes.steps.size();
  json["rate_Hz"] = rates_json(trains);
  json["cv_isi"] = cv_json(trains);
  json["correlation"] = correlation_json(trains);
  json["rate_over_time"] = rate_over_time_json(trains);
  json["power_spectrum"] = power_spectrum_json(trains);
  return json;
}

Json statistics_json(const RecordedRun& run) {
  Json json;
  json["start_ms"] = run.start_ms();
  json["stop_ms"] = run.stop_ms();
  json["populations"] = Json::array();
  for (const PopulationRecord& population : run.populations) {
    if (population.recorded == 0) continue;
    json["populations"].push_back(population_statistics_json(run, population, read_spikes(run, population)));
  }
  json["connections"] = run.connections;
  return json;
}

}  // namespace sharpwave::analysis
