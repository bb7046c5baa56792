// What is to be simulated, typed and resolved: the one description that the config reader and the SONATA
// reader produce and that the engines consume. Expressions are evaluated, `scaling` is applied, files are
// read, sizes are known; nothing has been drawn or allocated per synapse yet.
//
// Units: ms, mV, pA, pF, Hz. Potentials are absolute here; the engine subtracts E_L.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/network/neuromodulation_spec.hpp"
#include "host/network/slice.hpp"
#include "kernels/sample_times.hpp"
#include "kernels/stdp_pairing.hpp"

namespace sharpwave {

enum class Precision { float32, float64 };
/// As configs and files call it.
[[nodiscard]] constexpr const char* name_of(Precision precision) {
  return precision == Precision::float64 ? "float64" : "float32";
}
[[nodiscard]] constexpr std::optional<Precision> precision_named(std::string_view name) {
  for (const Precision precision : {Precision::float32, Precision::float64})
    if (name == name_of(precision)) return precision;
  return std::nullopt;
}
enum class DeviceKind { automatic, cpu, cuda };

/// A number or a random variable. Drawn values are a pure function of (seed, object name, index).
struct Distribution {
  enum class Kind { constant, normal, lognormal, uniform };
  /// What happens to a draw outside [low, high]: `redraw` samples the truncated distribution exactly.
  enum class Bounds { none, clip, redraw };

  Kind kind = Kind::constant;
  double a = 0;  ///< constant: value; normal: mean; lognormal: mu (of log); uniform: low
  double b = 0;  ///< normal: standard deviation; lognormal: sigma (of log); uniform: high (exclusive)
  Bounds bounds = Bounds::none;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  static Distribution constant(double value) { return {.kind = Kind::constant, .a = value}; }
  bool operator==(const Distribution&) const = default;
};

/// A distribution, or one explicit value per element (neuron, target, or edge; the field says which).
using Values = std::variant<Distribution, std::vector<double>>;

enum class NeuronModel {
  iaf_psc_delta,
  iaf_psc_exp,
  iaf_psc_alpha,
  iaf_cond_exp,
  aeif_cond_exp,
  izhikevich,
  lif_discrete,
};

/// Parameters of the neuron models, named as in NEST; neuron_models.hpp says which model has which.
enum class NeuronParameter {
  C_m,         ///< pF, > 0
  tau_m,       ///< ms, > 0
  E_L,         ///< mV
  V_th,        ///< mV, above V_reset
  V_reset,     ///< mV
  t_ref,       ///< ms, >= 0, a multiple of dt
  I_e,         ///< pA (izhikevich: mV/ms), acts from the first step on
  tau_syn_ex,  ///< ms, > 0
  tau_syn_in,  ///< ms, > 0
  g_L,         ///< nS, > 0
  E_ex,        ///< mV
  E_in,        ///< mV
  theta_plus,  ///< mV, >= 0; 0: the threshold does not adapt
  tau_theta,   ///< ms, > 0
  Delta_T,     ///< mV, >= 0
  V_peak,      ///< mV, at least V_th
  tau_w,       ///< ms, > 0
  a,           ///< aeif_cond_exp: nS; izhikevich: 1/ms
  b,           ///< aeif_cond_exp: pA; izhikevich: 1/ms
  c,           ///< mV, izhikevich's V after a spike
  d,           ///< mV/ms, what a spike adds to izhikevich's U_m
  V_min,       ///< mV
  alpha,       ///< what remains of lif_discrete's state in a step
  beta,        ///< part of V_th that a spike takes from it
};
inline constexpr int kNeuronParameterCount = 24;

/// Variables that may be given an initial value, and recorded. V_m is absolute.
enum class StateVariable { V_m, I_syn_ex, I_syn_in, g_ex, g_in, theta, w, U_m };
inline constexpr int kStateVariableCount = 8;

/// What can be recorded beside the state; it is no part of it.
enum class StepQuantity {
  refractory,  ///< ms that are left of it, at the end of the step
  input,       ///< what arrives in the step, all together: of models with one receptor
  input_ex,    ///< likewise at the excitatory receptor, in the unit of a weight
  input_in,    ///< likewise at the inhibitory one
  I_stim,      ///< pA, I_e and the currents of inputs, in the step
};
inline constexpr int kStepQuantityCount = 5;
using Recordable = std::variant<StateVariable, StepQuantity>;

struct NeuronSpec {
  NeuronModel model = NeuronModel::iaf_psc_exp;
  /// Indexed by NeuronParameter; a list has one value per neuron. A model reads those that it has.
  std::array<Values, kNeuronParameterCount> parameters;
  /// Indexed by StateVariable; a list has one value per neuron.
  std::array<Values, kStateVariableCount> initial;
  /// iaf_psc_delta: input during refractoriness is kept, discounted, and added when it ends.
  bool refractory_input = false;
  /// izhikevich: V and U_m advance from their values before the step; else in the way of the 2003 paper.
  bool consistent_integration = true;
  /// Runge-Kutta steps in a time step, for models that are integrated numerically.
  int substeps = 1;

  Values& operator[](NeuronParameter p) { return parameters[static_cast<std::size_t>(p)]; }
  const Values& operator[](NeuronParameter p) const { return parameters[static_cast<std::size_t>(p)]; }
  Values& operator[](StateVariable v) { return initial[static_cast<std::size_t>(v)]; }
  const Values& operator[](StateVariable v) const { return initial[static_cast<std::size_t>(v)]; }
};

/// Emits every spike that it receives, in the same step, as often as it came (weights are ignored).
struct ParrotSpec {};

/// A rate that is constant between `times_ms` (ascending, the first is 0): rates_Hz[i] holds from
/// times_ms[i].
struct PiecewiseRate {
  std::vector<double> times_ms{0.0};
  std::vector<double> rates_Hz{0.0};
};

/// Independent Poisson sources; a source may emit several spikes in one step.
struct PoissonSourceSpec {
  PiecewiseRate rate;
  /// Where it is there, each source has a rate of its own, at most this, which a protocol presents; `rate` is
  /// then 0.
  std::optional<double> presented_up_to_Hz{};
};

/// Sources with given spikes; (index, time) pairs sorted by time, then index. A time off the grid is
/// rounded up to it. Times beyond the duration are ignored with a warning by the reader.
struct SpikeSourceSpec {
  std::vector<std::uint32_t> indices;
  std::vector<double> times_ms;  ///< same length as `indices`
  bool presented = false;        ///< a protocol presents them; the lists are then empty
};

struct PopulationSpec {
  std::string name;
  std::uint32_t size = 0;
  std::variant<NeuronSpec, ParrotSpec, PoissonSourceSpec, SpikeSourceSpec> kind;
  std::optional<double> expected_rate_Hz{};      ///< mean rate of an element, where it is known
  std::optional<std::uint32_t> input_gain{};     ///< region that gates what neurons receive
  std::optional<std::uint32_t> external_gain{};  ///< that gates their inputs of spikes

  [[nodiscard]] const NeuronSpec* neurons() const { return std::get_if<NeuronSpec>(&kind); }
  /// Poisson and spike sources are virtual: no state, not in the spike digest.
  [[nodiscard]] bool is_virtual() const {
    return std::holds_alternative<PoissonSourceSpec>(kind) || std::holds_alternative<SpikeSourceSpec>(kind);
  }
};

enum class ConnectionRule {
  one_to_one,
  all_to_all,
  fixed_indegree,
  fixed_outdegree,
  fixed_total_number,
  pairwise_bernoulli,
  explicit_list,
};

/// Of three-factor rules: how the trace that pairs have filled becomes weight,
/// dw/dt = rate c g, dc/dt = -c/tau (Izhikevich 2007; Potjans et al. 2010).
struct EligibilitySpec {
  std::uint32_t region = 0;  ///< of whose modulators g is made
  bool gated = false;        ///< g is the region's rate of learning; else level - baseline
  Modulator modulator = Modulator::dopamine;
  double baseline = 0;
  double tau_ms = 1000;
  double rate_per_s = 1;
  bool gated_tau_c = false;  ///< the region gates tau
  bool operator==(const EligibilitySpec&) const = default;
};

/// What every so often changes the incoming weights of each target of a projection: they are multiplied so
/// that their magnitudes sum up to `total`, or towards a rate of the target, or they relax towards one
/// magnitude. One of the three is there.
struct HomeostasisSpec {
  std::uint64_t interval_steps = 1;  ///< at the ends of the steps that it divides
  std::optional<double> total{};
  std::optional<double> target_rate_Hz{};
  double strength = 0.1;  ///< of target_rate_Hz: w *= 1 + strength (1 - rate / target_rate)
  std::optional<double> relax_to{};
  double relaxation_rate_per_s = 1e-4;  ///< of relax_to: dw/dt = rate (relax_to - w)
  bool operator==(const HomeostasisSpec&) const = default;
};

/// Spike-timing-dependent plasticity of pairs and of triplets; kernels/stdp.hpp says what each pairing is. It
/// is also the rule of Vogels et al., in which any pair strengthens and each spike of the source weakens.
struct StdpSpec {
  StdpPairing pairing = StdpPairing::all_to_all;
  bool axonal = false;       ///< the delay is before the synapse; else behind it
  bool power_law = false;    ///< potentiation goes with (w/w_max)^mu_plus, not with the room that is left
  double A_plus = 0.01;      ///< of w_max; lambda of NEST's stdp_synapse
  double A_minus = 0.0105;   ///< of w_max; alpha lambda there; below 0 such a pair strengthens
  double triplet_plus = 0;   ///< of w_max, per unit of the target's slow trace
  double triplet_minus = 0;  ///< likewise of the source's
  double per_pre = 0;        ///< of w_max, by which each spike of the source weakens
  double tau_plus_ms = 20;
  double tau_minus_ms = 20;
  double tau_slow_plus_ms = 101;   ///< of the sources' slow traces
  double tau_slow_minus_ms = 125;  ///< of the targets'
  double mu_plus = 0;              ///< 0: additive, 1: multiplicative
  double mu_minus = 0;
  double w_min = 0;  ///< magnitudes, as all weights of the projection
  double w_max = 1;
  std::uint64_t window_steps = 0;  ///< pairs further apart are none; 0: no limit. Not with all_to_all
  /// Steps at which learning begins and ends and begins again, ascending; before the first it is off.
  std::vector<std::uint64_t> learning_switches{0};
  std::optional<std::uint32_t> rate_region{};  ///< that gates both changes
  std::optional<EligibilitySpec>
      eligibility{};  ///< pairs fill a trace first; then with neither mu nor slow traces
  std::optional<HomeostasisSpec> homeostasis{};
  [[nodiscard]] bool has_triplets() const { return triplet_plus != 0 || triplet_minus != 0; }
  bool operator==(const StdpSpec&) const = default;
};

struct GivenWeights;  // host/network/given_weights.hpp
struct ProtocolSpec;  // host/network/protocol_spec.hpp
struct MemorySpec;    // host/network/memory_spec.hpp

struct ProjectionSpec {
  std::string name;  ///< unique; keys the random streams, so renaming a projection redraws it
  Slice source;
  Slice target;
  ConnectionRule rule = ConnectionRule::all_to_all;
  bool autapses = true;     ///< may an element connect to itself (source and target in one population)
  bool multapses = true;    ///< may a pair be connected more than once
  double probability = 0;   ///< pairwise_bernoulli
  std::uint64_t total = 0;  ///< fixed_total_number
  std::vector<std::uint32_t>
      degree;  ///< fixed_indegree / fixed_outdegree: one value, or one per target / source
  /// explicit_list: positions within the slices, same length; any order.
  std::vector<std::uint32_t> edge_sources;
  std::vector<std::uint32_t> edge_targets;
  /// A list has one value per target of the slice; for explicit_list one per edge.
  /// pA for psc_exp and psc_alpha (< 0 goes to the inhibitory receptor), mV for psc_delta.
  Values weight = Distribution::constant(1.0);
  Values delay_ms = Distribution::constant(1.0);
  /// Weights are then what they are at first; they are of one sign, and of magnitudes from w_min to w_max.
  std::optional<StdpSpec> plasticity{};
  /// Of a plastic projection: its weights at first, from a file, instead of `weight`.
  std::shared_ptr<const GivenWeights> given_weights{};
};

/// Poisson background: each target neuron receives its own train, of weight `weight`.
struct PoissonInputSpec {
  PiecewiseRate rate;
  double weight = 0;
};

/// A current that is constant between `times_ms` (ascending); before the first time it is 0.
/// As with NEST's generators, a current set at t acts on V from t + dt on: it is I_e otherwise.
struct CurrentInputSpec {
  std::vector<double> times_ms{0.0};
  std::vector<double> amplitudes_pA{0.0};
};

/// Correlated Poisson trains: the targets share a mother train, and each of its events reaches each of them
/// with probability `p_copy`, independently.
struct MipInputSpec {
  PoissonInputSpec mother;
  double p_copy = 1;
};

/// A Gaussian current: every target neuron gets a value of its own, and a new one every `interval_steps`.
/// It is on in steps start_step < step <= stop_step.
struct NoiseInputSpec {
  double mean_pA = 0;
  double std_pA = 0;
  std::uint64_t interval_steps = 1;
  std::uint64_t start_step = 0;
  std::uint64_t stop_step = std::numeric_limits<std::uint64_t>::max();
};

/// offset + amplitude sin(2 pi frequency t + phase), t from the start of the simulation, while it is on.
struct AcInputSpec {
  double amplitude_pA = 0;
  double offset_pA = 0;
  double frequency_Hz = 0;
  double phase_deg = 0;
  std::uint64_t start_step = 0;
  std::uint64_t stop_step = std::numeric_limits<std::uint64_t>::max();
};

struct InputSpec {
  std::string name;  ///< unique; keys the random stream
  Slice target;      ///< a population of neurons (Poisson, mip: or parrots)
  std::variant<PoissonInputSpec, MipInputSpec, CurrentInputSpec, NoiseInputSpec, AcInputSpec> kind;

  /// Rate and weight of an input of spikes, of mip those of its mother train; null for a current. What bounds
  /// the one bounds the other: a target gets at most the events that the mother has.
  [[nodiscard]] const PoissonInputSpec* spikes() const {
    const auto* mip = std::get_if<MipInputSpec>(&kind);
    return mip != nullptr ? &mip->mother : std::get_if<PoissonInputSpec>(&kind);
  }
  [[nodiscard]] PoissonInputSpec* spikes() {
    return const_cast<PoissonInputSpec*>(static_cast<const InputSpec*>(this)->spikes());
  }
};

/// Values over time of state variables, sampled at the end of steps, and of what acts on neurons in them.
struct ReportSpec {
  std::string name;  ///< file report_<name>.h5
  Slice slice;
  std::vector<Recordable> variables;
  SampleTimes times{.last_step = std::numeric_limits<std::uint64_t>::max()};
};

/// What is recorded over time of a plastic projection.
struct LearningRecordSpec {
  std::string name{};  ///< of weights: file weights_<name>.h5
  std::uint32_t projection = 0;
  /// 0: its metrics; else the weights of every so many-th synapse, by source, then by target.
  std::uint32_t every = 0;
  SampleTimes times{.last_step = std::numeric_limits<std::uint64_t>::max()};
};

struct SimulationSpec {
  double dt_ms = 0.1;
  std::uint64_t steps = 0;          ///< recorded part
  std::uint64_t warm_up_steps = 0;  ///< simulated before it; digested, not recorded, not timed
  std::uint64_t seed = 1;           ///< what is drawn during the run
  std::uint64_t network_seed = 1;   ///< connectivity and drawn parameters
  Precision precision = Precision::float32;
};

/// Ids have 32 bits, and the last 256 values are never given.
inline constexpr std::uint32_t kMostElements = 0xffffff00u - 1;
inline constexpr int kMostThreads = 1024;

struct DeviceSpec {
  DeviceKind kind = DeviceKind::automatic;
  int threads = 0;  ///< 0: as many as processors this process may use
};

/// When the state of a run is saved.
struct CheckpointSpec {
  std::uint64_t interval_steps = 0;  ///< each time so much was simulated; 0: never
  double wall_interval_s = 300;      ///< each time so much has passed; 0: never
  bool at_end = true;
  int keep = 5;  ///< the newest so many
};

/// What may be wrong with a network that runs.
enum class WatchdogSign {
  non_finite,        ///< a state variable is NaN or infinite
  divergence,        ///< V is further from E_L than the bound
  runaway,           ///< a population fires more than it may
  silent,            ///< it does not fire at all
  sparse,            ///< it fires far less than expected
  anomaly,           ///< its rate is far from what it was before
  frozen_weights,    ///< a plastic projection that learns has not changed for long
  frozen_modulator,  ///< a neuromodulator that something drives has not
};
inline constexpr std::size_t kWatchdogSignCount = 8;

enum class WatchdogAction {
  off,       ///< not looked for
  log,       ///< kept in watchdog.json
  warn,      ///< said as well
  clamp,     ///< the values in question are replaced by those of the step before
  throttle,  ///< the run goes on with smaller weights and inputs
  rollback,  ///< likewise, from the last checkpoint before
  halt,
};
inline constexpr std::size_t kWatchdogActionCount = 7;

/// As configs and files call them.
[[nodiscard]] constexpr const char* name_of(WatchdogSign sign) {
  constexpr const char* kNames[kWatchdogSignCount] = {"non_finite",     "divergence",      "runaway",
                                                      "silent",         "sparse",          "anomaly",
                                                      "frozen_weights", "frozen_modulator"};
  return kNames[static_cast<std::size_t>(sign)];
}
[[nodiscard]] constexpr const char* name_of(WatchdogAction action) {
  constexpr const char* kNames[kWatchdogActionCount] = {"off",      "log",      "warn", "clamp",
                                                        "throttle", "rollback", "halt"};
  return kNames[static_cast<std::size_t>(action)];
}

/// What the watchdog looks for, and what it does then.
struct WatchdogSpec {
  std::array<WatchdogAction, kWatchdogSignCount> actions{
      WatchdogAction::halt, WatchdogAction::halt, WatchdogAction::halt, WatchdogAction::warn,
      WatchdogAction::warn, WatchdogAction::log,  WatchdogAction::warn, WatchdogAction::warn};
  std::optional<double> bound_mV;              ///< > 0; |V - E_L| beyond it is divergence
  std::uint64_t window_steps = 200;            ///< of runaway and anomaly
  std::optional<double> runaway_rate_Hz;       ///< else half of what refractoriness and dt allow
  std::uint64_t silent_window_steps = 10000;   ///< of silent and sparse
  double sparse_share = 0.01;                  ///< of the expected rate
  double anomaly_score = 3;                    ///< robust standard deviations
  std::uint64_t frozen_window_steps = 100000;  ///< of frozen weights and modulators
  double weight_gain = 0.9;                    ///< of one throttle or rollback
  double input_gain = 1;                       ///< likewise
  int most_repairs = 3;  ///< so many times something is clamped, throttled or rolled back; then it is halted

  [[nodiscard]] WatchdogAction action(WatchdogSign sign) const {
    return actions[static_cast<std::size_t>(sign)];
  }
  [[nodiscard]] bool rolls_back() const {
    return std::ranges::find(actions, WatchdogAction::rollback) != actions.end();
  }
};

inline constexpr std::uint32_t kMostInstances = 100'000;

/// Many runs of one description: each has a seed of its own, and some keys of the config another value.
struct BatchSpec {
  struct Value {
    std::string yaml;
    int line = 0;  ///< in the config; 0 where it came from elsewhere
    int column = 0;
  };
  struct VariedKey {
    std::string path;  ///< as in --set
    std::vector<Value> values;
  };
  std::uint32_t size = 1;
  std::vector<VariedKey> vary;
  bool zip = false;              ///< else every combination, the last key the fastest
  bool stop_on_failure = false;  ///< else the other instances go on
};

/// Everything that a run needs. Global ids: populations that are not virtual are numbered through in their
/// order; virtual ones have none.
struct ModelSpec {
  SimulationSpec simulation;
  DeviceSpec device;
  CheckpointSpec checkpoint;
  WatchdogSpec watchdog;
  std::optional<BatchSpec> batch;  ///< what follows is then what its instances have in common
  std::vector<PopulationSpec> populations;
  std::vector<ProjectionSpec> projections;
  std::vector<InputSpec> inputs;
  std::vector<RegionSpec> regions;               ///< of neuromodulators
  std::shared_ptr<const ProtocolSpec> protocol;  ///< of trials; null: none
  std::shared_ptr<const MemorySpec> memory;      ///< what a consolidation plugin is told; null: none
  std::optional<std::uint32_t> replayed_into;    ///< population of neurons that patterns are played into
  std::vector<Slice> record_spikes;              ///< which spikes go to spikes.h5 (all are digested)
  std::vector<ReportSpec> reports;
  std::vector<LearningRecordSpec> learning_records;
  std::optional<SampleTimes> modulator_samples;  ///< when the levels of all regions are recorded
  std::string config_digest;                     ///< hex SHA-256 of the canonical config with its overrides
  std::string title;                             ///< free text for the closing table
  std::string config_text;                       ///< as it was read, without the overrides
};

/// Whether the neurons of a population can have different currents from its inputs.
[[nodiscard]] inline bool currents_differ(const ModelSpec& spec, std::uint32_t population) {
  if (spec.replayed_into == population) return true;
  for (const InputSpec& input : spec.inputs) {
    if (input.target.population != population || input.spikes() != nullptr) continue;
    const bool drawn = std::holds_alternative<NoiseInputSpec>(input.kind);
    if (drawn || input.target.size() != spec.populations[population].size) return true;
  }
  return false;
}

}  // namespace sharpwave
