
#include "host/base/json.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_summary.hpp"
#include "host/cli/inspection.hpp"
#include "host/watchdog/watchdog_json.hpp"

namespace sharpwave::cli {
namespace {

/// Texts of a file may be no UTF-8, which JSON has to be.
std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_of(const VariableSummary& v) {
  return {{"name", v.name}, {"min", v.min}, {"max", v.max},
          {"mean", v.mean}, {"sd", v.sd},   {"non_finite", v.n_non_finite}};
}

Json json_of(const PopulationState& state) {
  const PopulationSummary summary = summarise(state);
  Json json = {{"name", summary.name}, {"size", summary.size}, {"refractory", summary.n_refractory}};
  json["variables"] = Json::array();
  for (const VariableSummary& v : summary.variables) json["variables"].push_back(json_of(v));
  return json;
}

Json json_of(const InstanceState& state, double dt_ms) {
  const SpikesUnderWay& under_way = state.engine.under_way;
  Json json;
  json["step"] = state.engine.step;
  json["simulated_ms"] = static_cast<double>(state.engine.step) * dt_ms;
  json["spike_digest"] = to_hex(state.spike_digest);
  json["spikes"] = state.spikes;
  json["synaptic_events"] = state.synaptic_events;
  json["recording_bytes"] = state.recording_bytes;
  json["watchdog"] = {{"repairs", state.watch.repairs},
                      {"weight_gain", state.watch.weight_gain},
                      {"input_gain", state.watch.input_gain},
                      {"found", found_json(state.watch.n_found)}};
  json["under_way"] = {{"steps", under_way.offsets.size() - 1}, {"spikes", under_way.ids.size()}};
  json["populations"] = Json::array();
  for (const PopulationState& population : state.engine.populations)
    json["populations"].push_back(json_of(population));
  json["plastic"] = Json::array();
  for (const PlasticState& plastic : state.engine.plastic)
    json["plastic"].push_back({{"projection", plastic.projection},
                               {"synapses", plastic.weights.size()},
                               {"weight", json_of(summarise_weights(plastic))}});
  json["memory"] = Json::array();
  for (const StreamState& stream : state.signals.streams)
    json["memory"].push_back({{"population", stream.population},
                              {"signals", stream.told[kSignals]},
                              {"silent", stream.told[kSilent]},
                              {"settling", stream.told[kSettling]}});
  return json;
}

Json json_of(const std::vector<CheckpointState>& run) {
  Json list = Json::array();
  for (const CheckpointState& state : run)
    list.push_back({{"file", state.file.string()},
                    {"whole", state.fault.empty()},
                    {"fault", state.fault.empty() ? Json() : Json(state.fault)}});
  return list;
}

Json json_of(const std::vector<FieldDifference>& fields) {
  Json list = Json::array();
  for (const FieldDifference& f : fields)
    list.push_back({{"field", f.field}, {"first", f.first}, {"second", f.second}});
  return list;
}

Json json_of(const ValueDifference& d) {
  Json json;
  json["instance"] = d.instance;
  json["population"] = d.population.empty() ? Json() : Json(d.population);
  json["list"] = d.list;
  json["different"] = d.n_different;
  json["first_index"] = d.first_index;
  json["largest"] = d.largest;
  return json;
}

}  // namespace

std::string inspection_json(const Inspected& inspected) {
  const Checkpoint& c = inspected.checkpoint;
  Json json;
  json["file"] = inspected.file.string();
  json["digest_verified"] = true;
  json["format_version"] = kCheckpointFormatVersion;
  json["program_version"] = c.program_version;
  json["config_path"] = c.config_path;
  json["overrides"] = c.overrides;
  json["injections"] = c.injections;
  json["config_digest"] = c.config_digest;
  json["connectivity_digest"] = c.connectivity_digest;
  json["precision"] = name_of(c.precision);
  json["dt_ms"] = c.dt_ms;
  json["warm_up_steps"] = c.warm_up_steps;
  json["steps"] = c.steps;
  json["step"] = step_of(c);
  json["wall_s"] = c.wall_s;
  json["instances"] = Json::array();
  for (const InstanceState& instance : c.instances) json["instances"].push_back(json_of(instance, c.dt_ms));
  json["checkpoints"] = json_of(inspected.run);
  return dumped(json);
}

std::string comparison_json(const Inspected& first, const Inspected& second) {
  const CheckpointComparison comparison = compare(first.checkpoint, second.checkpoint);
  Json json;
  json["first"] = first.file.string();
  json["second"] = second.file.string();
  json["digests_verified"] = true;
  json["identical"] = comparison.identical();
  json["same_state"] = comparison.same_state();
  json["run"] = json_of(comparison.run);
  json["state"] = json_of(comparison.state);
  json["values"] = Json::array();
  for (const ValueDifference& difference : comparison.values) json["values"].push_back(json_of(difference));
  return dumped(json);
}

}  // namespace sharpwave::cli
