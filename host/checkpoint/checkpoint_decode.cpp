#include <algorithm>
#include <charconv>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_content.hpp"
#include "host/checkpoint/checkpoint_faults.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

// As large as a config may be.
constexpr std::uint64_t kLongestConfig = std::uint64_t{64} << 20;

[[noreturn]] void damaged(const std::string& message) {
  throw Error(ExitCode::damaged_data, message);
}

std::string text(const hdf5::Object& object, const std::string& attribute) {
  std::optional<std::string> value = object.text_attribute(attribute);
  if (!value) damaged(object.where() + ": attribute '" + attribute + "': expected one piece of text");
  return *std::move(value);
}

/// How many elements a group has that stands for a list: they are named 0, 1, ...
std::size_t list_size(const hdf5::Group& list) {
  const std::vector<std::string> names = list.names();
  for (const std::string& name : names) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error != std::errc() || std::to_string(index) != name || index >= names.size())
      damaged(list.where() + ": has an element '" + name + "'; expected them to be named 0 to " +
              std::to_string(names.size() - 1));
  }
  return names.size();
}

Precision read_precision(const hdf5::Group& root) {
  const std::string name = text(root, "precision");
  if (const auto precision = precision_named(name)) return *precision;
  damaged(root.where() + ": attribute 'precision' is '" + name + "'; expected float32 or float64");
}

Sha256::Digest read_digest(const hdf5::Object& object, const std::string& attribute) {
  const std::string hex = text(object, attribute);
  Sha256::Digest digest{};
  for (std::size_t i = 0; i < digest.size() && hex.size() == 2 * digest.size(); ++i)
    std::from_chars(&hex[2 * i], &hex[2 * i] + 2, digest[i], 16);
  if (to_hex(digest) != hex)
    damaged(object.where() + ": attribute '" + attribute + "': expected " +
            std::to_string(2 * digest.size()) + " hexadecimal digits in lower case");
  return digest;
}

std::vector<ReceptorGrid> read_grids(const hdf5::Group& root) {
  const hdf5::Group list = root.group("grids");
  std::vector<ReceptorGrid> grids(list_size(list));
  for (std::size_t i = 0; i < grids.size(); ++i) {
    const hdf5::Group grid = list.group(std::to_string(i));
    grids[i] = {.population = text(grid, "population"),
                .receptor = text(grid, "receptor"),
                .exponent = grid.number_attribute<std::int32_t>("exponent"),
                .accumulator_bits = grid.number_attribute<std::int32_t>("accumulator_bits")};
  }
  return grids;
}

std::vector<CheckpointPopulation> read_populations(const hdf5::Group& root) {
  const hdf5::Group list = root.group("populations");
  std::vector<CheckpointPopulation> populations(list_size(list));
  for (std::size_t i = 0; i < populations.size(); ++i) {
    const hdf5::Group population = list.group(std::to_string(i));
    populations[i] = {text(population, "name"), population.number_attribute<std::uint64_t>("size")};
  }
  return populations;
}

PopulationState read_population(const hdf5::Group& group, Precision precision) {
  PopulationState state;
  state.name = text(group, "name");
  state.refractory_steps = group.dataset("refractory_steps").read_exactly<std::int32_t>();
  const hdf5::Group variables = group.group("variables");
  state.variables.resize(list_size(variables));
  for (std::size_t v = 0; v < state.variables.size(); ++v) {
    const hdf5::Dataset variable = variables.dataset(std::to_string(v));
    if (precision == Precision::float32) {
      state.variables[v].values = variable.read_exactly<float>(state.refractory_steps.size());
    } else {
      state.variables[v].values = variable.read_exactly<double>(state.refractory_steps.size());
    }
    state.variables[v].name = text(variable, "name");
  }
  return state;
}

PlasticState read_plastic(const hdf5::Group& group) {
  PlasticState state;
  state.projection = text(group, "projection");
  for_each_plastic_column([&](const char* name, auto column) {
    using Value = typename std::remove_reference_t<decltype(state.*column)>::value_type;
    state.*column = group.dataset(name).read_exactly<Value>();
  });
  return state;
}

RegionState read_region(const hdf5::Group& group) {
  RegionState state;
  state.region = text(group, "region");
  for_each_region_column([&](const char* name, auto column) {
    using Value = typename std::remove_reference_t<decltype(state.*column)>::value_type;
    state.*column = group.dataset(name).read_exactly<Value>();
  });
  return state;
}

std::vector<Presented> read_presented(const hdf5::Group& group) {
  PresentedColumns columns;
  columns.step = group.dataset("step").read_exactly<std::uint64_t>();
  const std::size_t n = columns.step.size();
  columns.stimulus = group.dataset("stimulus").read_exactly<std::uint32_t>(n);
  columns.item = group.dataset("item").read_exactly<std::uint32_t>(n);
  columns.gain = group.dataset("gain").read_exactly<double>(n);
  columns.learning = group.dataset("learning").read_exactly<std::uint32_t>(n);
  std::vector<Presented> presented;
  for (std::size_t k = 0; k < n; ++k) {
    if (columns.learning[k] > 1)
      damaged(group.where() + "/learning: value " + std::to_string(k) + " is " +
              std::to_string(columns.learning[k]) + "; expected 0 or 1");
    presented.push_back(columns.at(k));
  }
  return presented;
}

ProtocolState read_protocol(const hdf5::Group& group) {
  ProtocolState state;
  for_each_protocol_column([&](const char* name, auto column) {
    using Value = typename std::remove_reference_t<decltype(state.*column)>::value_type;
    state.*column = group.dataset(name).read_exactly<Value>();
  });
  return state;
}

Replay read_replay(const hdf5::Group& group) {
  return {.after = group.number_attribute<std::uint64_t>("after"),
          .until = group.number_attribute<std::uint64_t>("until"),
          .live = group.number_attribute<double>("live"),
          .current_pA = group.dataset("current").read_exactly<float>()};
}

StreamState read_stream(const hdf5::Group& group) {
  StreamState state;
  state.population = text(group, "population");
  for_each_stream_column([&](const char* name, auto column) {
    using Value = typename std::remove_reference_t<decltype(state.*column)>::value_type;
    state.*column = group.dataset(name).read_exactly<Value>();
  });
  return state;
}

bool read_flag(const hdf5::Object& object, const std::string& attribute) {
  const auto value = object.number_attribute<std::int32_t>(attribute);
  if (value != 0 && value != 1)
    damaged(object.where() + ": attribute '" + attribute + "' is " + std::to_string(value) +
            "; expected 0 or 1");
  return value == 1;
}

SignalState read_signals(const hdf5::Group& group) {
  SignalState state;
  state.digest = read_digest(group, "digest");
  state.branch = group.number_attribute<std::uint64_t>("branch");
  state.dropped = group.number_attribute<std::uint64_t>("dropped");
  state.is_coupled = read_flag(group, "is_coupled");
  state.replay_until = group.number_attribute<std::uint64_t>("replay_until");
  for_each_signal_column([&](const char* name, auto column) {
    using Value = typename std::remove_reference_t<decltype(state.*column)>::value_type;
    state.*column = group.dataset(name).read_exactly<Value>();
  });
  const hdf5::Group streams = group.group("streams");
  const std::size_t n_streams = list_size(streams);
  for (std::size_t k = 0; k < n_streams; ++k)
    state.streams.push_back(read_stream(streams.group(std::to_string(k))));
  return state;
}

FrozenState read_frozen(const hdf5::Group& group) {
  FrozenState frozen;
  frozen.since = group.number_attribute<std::uint64_t>("since");
  frozen.updates = group.dataset("updates").read_exactly<std::uint64_t>();
  frozen.weight_sums = group.dataset("weight_sums").read_exactly<std::uint64_t>();
  frozen.has_fired = group.dataset("has_fired").read_exactly<std::uint32_t>();
  frozen.weights_are_frozen = group.dataset("weights_are_frozen").read_exactly<std::uint32_t>();
  frozen.levels = group.dataset("levels").read_exactly<double>();
  frozen.modulator_events = group.dataset("modulator_events").read_exactly<std::uint32_t>();
  frozen.modulator_is_frozen = group.dataset("modulator_is_frozen").read_exactly<std::uint32_t>();
  return frozen;
}

WatchState read_watch(const hdf5::Group& group) {
  WatchState watch;
  watch.repairs = group.number_attribute<std::uint64_t>("repairs");
  watch.weight_gain = group.number_attribute<double>("weight_gain");
  watch.input_gain = group.number_attribute<double>("input_gain");
  watch.divergence_is_known = read_flag(group, "divergence_is_known");
  watch.non_finite_is_known = read_flag(group, "non_finite_is_known");
  const auto found = group.dataset("found").read_exactly<std::uint64_t>(watch.n_found.size());
  std::ranges::copy(found, watch.n_found.begin());
  watch.rates.in_window = group.dataset("in_window").read_exactly<std::uint64_t>();
  watch.rates.in_silent_window = group.dataset("in_silent_window").read_exactly<std::uint64_t>();
  watch.rates.signs = group.dataset("signs").read_exactly<std::uint32_t>();
  watch.rates.recent = group.dataset("recent").read_exactly<std::uint64_t>();
  watch.frozen = read_frozen(group.group("frozen"));
  return watch;
}

InstanceState read_instance(const hdf5::Group& group, Precision precision) {
  InstanceState state;
  state.engine.step = group.number_attribute<std::uint64_t>("step");
  state.spike_digest = read_digest(group, "spike_digest");
  state.synaptic_events = group.number_attribute<std::uint64_t>("synaptic_events");
  state.recording_bytes = group.number_attribute<std::uint64_t>("recording_bytes");
  state.spikes = group.dataset("spikes").read_exactly<std::uint64_t>();
  state.watch = read_watch(group.group("watchdog"));
  const hdf5::Group under_way = group.group("under_way");
  state.engine.under_way.offsets = under_way.dataset("offsets").read_exactly<std::uint64_t>();
  state.engine.under_way.ids = under_way.dataset("ids").read_exactly<std::uint32_t>();
  const hdf5::Group populations = group.group("populations");
  const std::size_t n_populations = list_size(populations);
  for (std::size_t p = 0; p < n_populations; ++p)
    state.engine.populations.push_back(read_population(populations.group(std::to_string(p)), precision));
  const hdf5::Group plastic = group.group("plastic");
  const std::size_t n_plastic = list_size(plastic);
  for (std::size_t q = 0; q < n_plastic; ++q)
    state.engine.plastic.push_back(read_plastic(plastic.group(std::to_string(q))));
  const hdf5::Group regions = group.group("regions");
  const std::size_t n_regions = list_size(regions);
  for (std::size_t r = 0; r < n_regions; ++r)
    state.engine.regions.push_back(read_region(regions.group(std::to_string(r))));
  state.engine.presented = read_presented(group.group("presented"));
  state.engine.replay = read_replay(group.group("replay"));
  state.protocol = read_protocol(group.group("protocol"));
  state.signals = read_signals(group.group("signals"));
  return state;
}

std::vector<std::string> read_texts(const hdf5::Group& list) {
  std::vector<std::string> texts(list_size(list));
  for (std::size_t i = 0; i < texts.size(); ++i)
    texts[i] = list.dataset(std::to_string(i)).read_text(kLongestConfig);
  return texts;
}

Checkpoint read_run(const hdf5::Group& root) {
  Checkpoint checkpoint;
  checkpoint.program_version = text(root, "program_version");
  checkpoint.config_digest = text(root, "config_digest");
  checkpoint.connectivity_digest = text(root, "connectivity_digest");
  checkpoint.precision = read_precision(root);
  checkpoint.dt_ms = root.number_attribute<double>("dt");
  checkpoint.warm_up_steps = root.number_attribute<std::uint64_t>("warm_up_steps");
  checkpoint.steps = root.number_attribute<std::uint64_t>("steps");
  checkpoint.wall_s = root.number_attribute<double>("wall_s");
  checkpoint.config_path = root.dataset("config_path").read_text(kLongestConfig);
  checkpoint.config = root.dataset("config").read_text(kLongestConfig);
  checkpoint.overrides = read_texts(root.group("overrides"));
  checkpoint.injections = read_texts(root.group("injections"));
  checkpoint.populations = read_populations(root);
  checkpoint.grids = read_grids(root);
  return checkpoint;
}

}  // namespace

Checkpoint decode_checkpoint_content(std::string_view file, const std::string& name) {
  const hdf5::File opened = hdf5::File::open_image(file, name);
  const hdf5::Group root = opened.root();
  Checkpoint checkpoint = read_run(root);
  const hdf5::Group instances = root.group("instances");
  const std::size_t n_instances = list_size(instances);
  for (std::size_t i = 0; i < n_instances; ++i)
    checkpoint.instances.push_back(read_instance(instances.group(std::to_string(i)), checkpoint.precision));
  if (const auto fault = find_fault(checkpoint)) damaged(name + ": " + fault->path + ": " + fault->what);
  return checkpoint;
}

}  // namespace sharpwave
