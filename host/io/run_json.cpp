#include "host/io/run_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/io/atomic_file.hpp"

namespace sharpwave {
namespace {

using Json = nlohmann::ordered_json;

// A longer one would make every reader of the summary pay for it.
constexpr std::size_t kLongestConfig = 1 << 20;

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

}  // namespace

Json to_json(const RunSummary& summary) {
  Json json;
  json["version"] = summary.version;
  json["title"] = summary.title;
  json["config_path"] = summary.config_path;
  json["overrides"] = summary.overrides;
  json["config_digest"] = summary.config_digest;
  json["device"] = summary.device;
  json["threads"] = summary.threads;
  json["precision"] = summary.precision == Precision::float64 ? "float64" : "float32";
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
  json["synapse_bytes"] = summary.synapse_bytes;
  json["layout"] = summary.layout;
  json["spikes_total"] = summary.spikes_total;
  json["synaptic_events"] = summary.synaptic_events;
  json["spike_digest"] = summary.spike_digest;
  json["interrupted"] = summary.interrupted;
  json["populations"] = populations_json(summary.populations);
  json["phases"] = phases_json(summary.phases);
  json["grids"] = grids_json(summary.grids);
  json["config"] = summary.config.size() <= kLongestConfig ? Json(summary.config) : Json();
  return json;
}

std::string to_json_text(const RunSummary& summary) {
  return to_json(summary).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_run_json(const std::filesystem::path& path, const RunSummary& summary) {
  write_file_atomically(path, to_json_text(summary));
}

}  // namespace sharpwave
