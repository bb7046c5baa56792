#include "tests/host/checkpoint/sample_checkpoint.hpp"

#include <bit>
#include <cstring>
#include <limits>

namespace sharpwave::test {
namespace {

template <typename T>
std::vector<T> odd_values(std::size_t n) {
  using Limits = std::numeric_limits<T>;
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const Bits infinity = std::bit_cast<Bits>(Limits::infinity());
  const std::vector<T> values{std::bit_cast<T>(infinity | Bits{1}),       // a signalling NaN
                              std::bit_cast<T>(~Bits{0} ^ Bits{0xABCD}),  // a quiet one with a payload
                              -Limits::infinity(),
                              T{-0.0},
                              Limits::denorm_min(),
                              Limits::max(),
                              T{-12.25}};
  std::vector<T> some;
  for (std::size_t i = 0; i < n; ++i) some.push_back(values[i % values.size()]);
  return some;
}

Reals reals(Precision precision, std::size_t n) {
  if (precision == Precision::float32) return odd_values<float>(n);
  return odd_values<double>(n);
}

PopulationState population(const std::string& name, Precision precision, std::size_t n) {
  PopulationState state{name, {{"V_m", reals(precision, n)}, {"I_syn_ex", reals(precision, n)}}, {}};
  for (std::size_t i = 0; i < n; ++i)
    state.refractory_steps.push_back(i == 0 ? std::numeric_limits<std::int32_t>::max() : 0);
  return state;
}

PlasticState plastic() {
  constexpr std::uint64_t kNever = PlasticState::kNever;
  return {.projection = "E->in/hib \xC3\xA4",
          .weights = {0.5F, 0, std::numeric_limits<float>::denorm_min()},
          .traces = {0, 1.25F, 2},
          .counts = {50, 7, 9, 1000, 2000, 300, 400, 3},
          .source_last_age = {3, kNever},
          .source_before_last_age = {90, kNever},
          .source_trace = {0.25F, 0},
          .source_spikes = {2, 1},
          .source_slow = {0.5F, 0},
          .source_since_age = {2, kNever},
          .flight_source = {0, 1, 0},
          .flight_age = {9, 7, 7},
          .flight_last_age = {90, kNever, 9},
          .flight_before_last_age = {91, kNever, kNever},
          .flight_trace = {0, 0, 1},
          .flight_spikes = {1, 1, 2},
          .flight_slow = {0, 1, 2.5F},
          .flight_since_age = {9, kNever, 8},
          .flight_rate = {1, 0, 0.75F},
          .post_neuron = {2, 0},
          .post_age = {88, 0},
          .post_trace = {1, 1.5F},
          .post_slow = {0, 0.25F},
          .post_rate = {1.5F, 0},
          .gate = {3, 1, 0.5, 0, -0.125},
          .scaled_age = {17},
          .target_spikes = {0, 4, 0xFFFFFFFF}};
}

RegionState region() {
  return {.region = "r\xC3\xA9gion",
          .level_target = {0.5, 0.25},
          .level_tonic = {0.5, 0.75},
          .level_phasic = {-0.0, 1e-300},
          .reward = {0.625, -1},
          .given = {1, -0.25, 0.375},
          .release_in = {1, 1, 40},
          .release_modulator = {0, 3, 1},
          .release_amount = {0.5, -0.5, 2},
          .trigger_source_age = {0, RegionState::kNever},
          .trigger_draws = {7, 0}};
}

StreamState stream() {
  return {.population = "in/hib \xC3\xA4 ",
          .told = {4, 1, 2, 7, 2},
          .window = {100, 3, 4294967295, 5, 1, 2},
          .window_counts = {2, 0, 3},
          .window_bin = {0, 2},
          .window_mean = {0.5, 0, 1e-300},
          .window_squares = {2.5, 0, 4},
          .bins = {40, 97},
          .bin_indices = {2, 2, 0},
          .ripple = {90, 3, 12, 2},
          .ripple_peak = {3.5},
          .ripple_counts = {5, 4, 3},
          .ripple_mean = {1, 2, 3},
          .ripple_squares = {0, 0.125, 0}};
}

InstanceState instance(Precision precision) {
  InstanceState state;
  state.engine.step = 120;
  state.engine.populations = {population("E", precision, 2), population("in/hib \xC3\xA4 ", precision, 3)};
  state.engine.populations[1].variables.pop_back();
  state.engine.under_way = {{0, 1, 1, 4}, {4, 0, 0, 3}};
  state.engine.plastic = {plastic()};
  state.engine.regions = {region()};
  state.engine.presented = {{.step = 80, .stimulus = 1, .item = 7, .gain = 1.5},
                            {.step = 95, .learning = false}};
  state.protocol = {.position = {1, 2, 0, 90, 3},
                    .counts = {1, 2},
                    .trials = {4, 2},
                    .repeats = {1, 0},
                    .correct = {0, 1},
                    .confusion = {1, 0, 0, 0, 0, 1},
                    .responses = {5, 0, 6, 7},
                    .labelled = {2, 2}};
  state.engine.replay = {.after = 110, .until = 400, .live = 0.75, .current_pA = {0, 12.5F}};
  state.signals = {.streams = {stream()},
                   .digest = {9, 8, 7},
                   .branch = 1,
                   .dropped = 3,
                   .is_coupled = true,
                   .changes = {77},
                   .answer_due = {120, 140},
                   .answer_novelty = {0.25, 1.5},
                   .answer_patterns = {2, 0},
                   .patterns = {0.5F, -1},
                   .to_replay = {1, 0},
                   .replay_until = 400};
  for (std::size_t i = 0; i < state.spike_digest.size(); ++i)
    state.spike_digest[i] = static_cast<std::uint8_t>(7 * i + 1);
  state.spikes = {5, std::numeric_limits<std::uint64_t>::max(), 0};
  state.synaptic_events = 1234;
  state.recording_bytes = 99;
  state.watch = {.rates = {.in_window = {1, 0, 2},
                           .in_silent_window = {3, 4, std::numeric_limits<std::uint64_t>::max()},
                           .signs = {kIsRunningAway | kIsUnusual, kIsSilent, kIsSparse},
                           .recent = {11, 0, 12, 13, 1, 14}},
                 .frozen = {.since = 100,
                            .updates = {5},
                            .weight_sums = {1 << 24},
                            .has_fired = {1},
                            .weights_are_frozen = {0},
                            .levels = {0.5, 0.25, 0.5, 0.5, -1},
                            .modulator_events = {3, 0, 0, 0},
                            .modulator_is_frozen = {0, 1, 0, 0}},
                 .repairs = 2,
                 .n_found = {1, 0, 2, 0, 9, 3, 0, 4},
                 .non_finite_is_known = true,
                 .weight_gain = 0.81,
                 .input_gain = 1.5};
  return state;
}

}  // namespace

Checkpoint sample_checkpoint(Precision precision) {
  Checkpoint checkpoint{.program_version = "0.1.0",
                        .config_path = "/networks/net.yaml",
                        .config = "simulation: {duration: 10}\n# \xC3\xA9\n",
                        .overrides = {"populations.E.size=2", ""},
                        .injections = {"nan@step=130,population=E,neuron=1,variable=V_m"},
                        .config_digest = std::string(64, 'a'),
                        .connectivity_digest = "0123456789abcdef",
                        .precision = precision,
                        .dt_ms = 0.1,
                        .warm_up_steps = 20,
                        .steps = 1000,
                        .wall_s = 1.5,
                        .populations = {{"E", 2}, {"in/hib \xC3\xA4 ", 3}, {"relay", 1}},
                        .grids = {{"E", "ex", 20, 32}, {"in/hib \xC3\xA4 ", "all", -3, 64}},
                        .instances = {instance(precision), instance(precision)}};
  checkpoint.instances[1].engine.under_way = {};
  checkpoint.instances[1].engine.plastic.clear();
  checkpoint.instances[1].engine.regions.clear();
  checkpoint.instances[1].engine.presented.clear();
  checkpoint.instances[1].protocol = {};
  checkpoint.instances[1].engine.replay = {};
  checkpoint.instances[1].signals = {};
  checkpoint.instances[1].engine.populations.pop_back();
  checkpoint.instances[1].spikes.assign(3, 0);
  return checkpoint;
}

Checkpoint visible_checkpoint() {
  Checkpoint checkpoint = sample_checkpoint();
  checkpoint.instances.resize(1);
  PopulationState& e = checkpoint.instances[0].engine.populations[0];
  e.variables = {{"V_m", std::vector<float>{1, 2, 6}}};
  e.refractory_steps = {0, 4, 1};
  return checkpoint;
}

bool same_bits(const Checkpoint& a, const Checkpoint& b) {
  const auto without_values = [](Checkpoint c) {
    for (InstanceState& instance : c.instances)
      for (PopulationState& population : instance.engine.populations)
        for (PopulationState::Variable& variable : population.variables)
          std::visit([](auto& values) { std::ranges::fill(values, 0); }, variable.values);
    return c;
  };
  if (without_values(a) != without_values(b)) return false;
  for (std::size_t i = 0; i < a.instances.size(); ++i) {
    const auto& populations = a.instances[i].engine.populations;
    for (std::size_t p = 0; p < populations.size(); ++p) {
      for (std::size_t v = 0; v < populations[p].variables.size(); ++v) {
        const Reals& other = b.instances[i].engine.populations[p].variables[v].values;
        const bool same = std::visit(
            [&](const auto& values) {
              const auto& others = std::get<std::decay_t<decltype(values)>>(other);
              return values.size() == others.size() &&
                     (values.empty() ||
                      std::memcmp(values.data(), others.data(), values.size() * sizeof(values[0])) == 0);
            },
            populations[p].variables[v].values);
        if (!same) return false;
      }
    }
  }
  return true;
}

}  // namespace sharpwave::test
