#include <utility>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_content.hpp"
#include "host/checkpoint/checkpoint_faults.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

/// Attributes hold C strings, which our reader takes up to some length.
void set_name(hdf5::Object& object, const char* attribute, const std::string& name) {
  if (name.size() > hdf5::kLongestText || name.find('\0') != std::string::npos) {
    throw Error(ExitCode::invalid_config, "the name '" + name.substr(0, 64) + "...' of " +
                                              std::to_string(name.size()) +
                                              " bytes does not go into a checkpoint; expected at most " +
                                              std::to_string(hdf5::kLongestText) + ", none of them 0");
  }
  object.set_attribute(attribute, name);
}

void write_grids(hdf5::Group& root, const std::vector<ReceptorGrid>& grids) {
  hdf5::Group list = root.create_group("grids");
  for (std::size_t i = 0; i < grids.size(); ++i) {
    hdf5::Group grid = list.create_group(std::to_string(i));
    set_name(grid, "population", grids[i].population);
    set_name(grid, "receptor", grids[i].receptor);
    grid.set_attribute("exponent", std::int32_t{grids[i].exponent});
    grid.set_attribute("accumulator_bits", std::int32_t{grids[i].accumulator_bits});
  }
}

void write_populations(hdf5::Group& root, const std::vector<CheckpointPopulation>& populations) {
  hdf5::Group list = root.create_group("populations");
  for (std::size_t i = 0; i < populations.size(); ++i) {
    hdf5::Group population = list.create_group(std::to_string(i));
    set_name(population, "name", populations[i].name);
    population.set_attribute("size", populations[i].size);
  }
}

void write_population(hdf5::Group& populations, std::size_t index, const PopulationState& state) {
  hdf5::Group group = populations.create_group(std::to_string(index));
  set_name(group, "name", state.name);
  group.write("refractory_steps", std::span(state.refractory_steps));
  hdf5::Group variables = group.create_group("variables");
  for (std::size_t v = 0; v < state.variables.size(); ++v) {
    hdf5::Dataset variable =
        std::visit([&](const auto& values) { return variables.write(std::to_string(v), std::span(values)); },
                   state.variables[v].values);
    set_name(variable, "name", state.variables[v].name);
  }
}

/// Large lists are gone as soon as they are in the file, which lies in memory as well.
void write_plastic(hdf5::Group& list, std::size_t index, PlasticState& state) {
  hdf5::Group group = list.create_group(std::to_string(index));
  set_name(group, "projection", state.projection);
  for_each_plastic_column([&](const char* name, auto column) {
    const auto written = std::move(state.*column);
    group.write(name, std::span(written));
  });
}

void write_region(hdf5::Group& list, std::size_t index, const RegionState& state) {
  hdf5::Group group = list.create_group(std::to_string(index));
  set_name(group, "region", state.region);
  for_each_region_column([&](const char* name, auto column) { group.write(name, std::span(state.*column)); });
}

void write_frozen(hdf5::Group& watchdog, const FrozenState& frozen) {
  hdf5::Group group = watchdog.create_group("frozen");
  group.set_attribute("since", frozen.since);
  group.write("updates", std::span(frozen.updates));
  group.write("weight_sums", std::span(frozen.weight_sums));
  group.write("has_fired", std::span(frozen.has_fired));
  group.write("weights_are_frozen", std::span(frozen.weights_are_frozen));
  group.write("levels", std::span(frozen.levels));
  group.write("modulator_events", std::span(frozen.modulator_events));
  group.write("modulator_is_frozen", std::span(frozen.modulator_is_frozen));
}

void write_presented(hdf5::Group& instance, const std::vector<Presented>& presented) {
  PresentedColumns columns;
  for (const Presented& p : presented) columns.add(p);
  hdf5::Group group = instance.create_group("presented");
  group.write("step", std::span(columns.step));
  group.write("stimulus", std::span(columns.stimulus));
  group.write("item", std::span(columns.item));
  group.write("gain", std::span(columns.gain));
  group.write("learning", std::span(columns.learning));
}

void write_protocol(hdf5::Group& instance, const ProtocolState& state) {
  hdf5::Group group = instance.create_group("protocol");
  for_each_protocol_column(
      [&](const char* name, auto column) { group.write(name, std::span(state.*column)); });
}

void write_replay(hdf5::Group& instance, const Replay& replay) {
  hdf5::Group group = instance.create_group("replay");
  group.set_attribute("after", replay.after);
  group.set_attribute("until", replay.until);
  group.set_attribute("live", replay.live);
  group.write("current", std::span(replay.current_pA));
}

void write_signals(hdf5::Group& instance, const SignalState& state) {
  hdf5::Group group = instance.create_group("signals");
  group.set_attribute("digest", to_hex(state.digest));
  group.set_attribute("branch", state.branch);
  group.set_attribute("dropped", state.dropped);
  group.set_attribute("is_coupled", std::int32_t{state.is_coupled});
  group.set_attribute("replay_until", state.replay_until);
  for_each_signal_column([&](const char* name, auto column) { group.write(name, std::span(state.*column)); });
  hdf5::Group streams = group.create_group("streams");
  for (std::size_t k = 0; k < state.streams.size(); ++k) {
    hdf5::Group stream = streams.create_group(std::to_string(k));
    stream.set_attribute("population", state.streams[k].population);
    for_each_stream_column(
        [&](const char* name, auto column) { stream.write(name, std::span(state.streams[k].*column)); });
  }
}

void write_watch(hdf5::Group& instance, const WatchState& watch) {
  hdf5::Group group = instance.create_group("watchdog");
  group.set_attribute("repairs", watch.repairs);
  group.set_attribute("weight_gain", watch.weight_gain);
  group.set_attribute("input_gain", watch.input_gain);
  group.set_attribute("divergence_is_known", std::int32_t{watch.divergence_is_known});
  group.set_attribute("non_finite_is_known", std::int32_t{watch.non_finite_is_known});
  group.write("found", std::span(watch.n_found));
  group.write("in_window", std::span(watch.rates.in_window));
  group.write("in_silent_window", std::span(watch.rates.in_silent_window));
  group.write("signs", std::span(watch.rates.signs));
  group.write("recent", std::span(watch.rates.recent));
  write_frozen(group, watch.frozen);
}

void write_instance(hdf5::Group& instances, std::size_t index, InstanceState& state) {
  hdf5::Group group = instances.create_group(std::to_string(index));
  group.set_attribute("step", state.engine.step);
  group.set_attribute("spike_digest", to_hex(state.spike_digest));
  group.set_attribute("synaptic_events", state.synaptic_events);
  group.set_attribute("recording_bytes", state.recording_bytes);
  group.write("spikes", std::span(state.spikes));
  write_watch(group, state.watch);
  hdf5::Group under_way = group.create_group("under_way");
  under_way.write("offsets", std::span(state.engine.under_way.offsets));
  under_way.write("ids", std::span(state.engine.under_way.ids));
  hdf5::Group populations = group.create_group("populations");
  for (std::size_t p = 0; p < state.engine.populations.size(); ++p)
    write_population(populations, p, state.engine.populations[p]);
  hdf5::Group plastic = group.create_group("plastic");
  for (std::size_t q = 0; q < state.engine.plastic.size(); ++q)
    write_plastic(plastic, q, state.engine.plastic[q]);
  hdf5::Group regions = group.create_group("regions");
  for (std::size_t r = 0; r < state.engine.regions.size(); ++r)
    write_region(regions, r, state.engine.regions[r]);
  write_presented(group, state.engine.presented);
  write_replay(group, state.engine.replay);
  write_protocol(group, state.protocol);
  write_signals(group, state.signals);
}

void write_texts(hdf5::Group& root, const char* name, const std::vector<std::string>& texts) {
  hdf5::Group list = root.create_group(name);
  for (std::size_t i = 0; i < texts.size(); ++i) list.write_text(std::to_string(i), texts[i]);
}

void write_run(hdf5::Group& root, const Checkpoint& checkpoint) {
  root.set_attribute("program_version", checkpoint.program_version);
  root.set_attribute("config_digest", checkpoint.config_digest);
  root.set_attribute("connectivity_digest", checkpoint.connectivity_digest);
  root.set_attribute("precision", std::string(name_of(checkpoint.precision)));
  root.set_attribute("dt", checkpoint.dt_ms);
  root.set_attribute("warm_up_steps", checkpoint.warm_up_steps);
  root.set_attribute("steps", checkpoint.steps);
  root.set_attribute("wall_s", checkpoint.wall_s);
  root.write_text("config_path", checkpoint.config_path);
  root.write_text("config", checkpoint.config);
  write_texts(root, "overrides", checkpoint.overrides);
  write_texts(root, "injections", checkpoint.injections);
  write_populations(root, checkpoint.populations);
  write_grids(root, checkpoint.grids);
}

}  // namespace

std::string encode_checkpoint_content(Checkpoint checkpoint, std::size_t header_bytes) {
  // Found at once, and not by who wants to resume; a run goes on without the checkpoint.
  if (const auto fault = find_fault(checkpoint))
    throw Error(ExitCode::internal,
                "a checkpoint breaks its own rules, a bug: " + fault->path + ": " + fault->what);
  hdf5::File file = hdf5::File::create_image(header_bytes, "a checkpoint");
  {
    hdf5::Group root = file.root();
    write_run(root, checkpoint);
    hdf5::Group instances = root.create_group("instances");
    for (std::size_t i = 0; i < checkpoint.instances.size(); ++i)
      write_instance(instances, i, checkpoint.instances[i]);
  }
  return file.image();
}

}  // namespace sharpwave
