// The interface between the host loop and an executor. The host loop never looks at single neurons: it
// advances by blocks of steps and takes what they produced.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/engine/engine_state.hpp"
#include "host/engine/plasticity_reading.hpp"
#include "host/engine/step_profile.hpp"
#include "host/network/connection_statistics.hpp"
#include "host/network/model_spec.hpp"
#include "kernels/neuromodulation.hpp"

namespace sharpwave {

/// Sizes that are known before anything is allocated.
struct NetworkPlan {
  std::uint64_t n_neurons = 0;  ///< neurons and parrots
  std::uint64_t n_virtual_sources = 0;
  double n_synapses = 0;  ///< exact where the rule fixes it, else expected
  bool synapses_exact = true;
  struct ProjectionSize {
    std::string name;
    double n_synapses = 0;
  };
  std::vector<ProjectionSize> projections;
  double n_row_synapses = 0;         ///< those that are held in rows, not as bits; expected
  std::uint64_t n_segments = 0;      ///< of all rows, upper estimate
  std::uint64_t pair_bit_bytes = 0;  ///< of what is held as bits
  std::uint64_t synapse_bytes = 0;   ///< connectivity in its final layout, upper estimate
  std::uint64_t engine_synapse_bytes =
      0;                           ///< of these, what each engine has for itself: plastic weights, traces
  std::uint64_t shared_bytes = 0;  ///< the program, and what it can present
  std::uint64_t state_bytes = 0;
  std::uint64_t saved_bytes = 0;  ///< copies of the state, of the watchdog and a checkpoint, and their making
  std::uint64_t transient_bytes = 0;  ///< needed during construction only, when there is no engine
  [[nodiscard]] std::uint64_t peak_bytes() const {
    return shared_bytes + synapse_bytes - engine_synapse_bytes + state_bytes +
           std::max(transient_bytes, engine_synapse_bytes + saved_bytes);
  }
};

/// Computes sizes without allocating per neuron or per synapse.
/// @param threads  resolved number of threads (> 0).
/// @throws Error(invalid_config) naming the object where a size overflows.
[[nodiscard]] NetworkPlan plan_network(const ModelSpec& spec, int threads);

/// The integer grid of one receptor: a value is an integer times 2^-exponent. Part of the model.
struct ReceptorGrid {
  std::string population;
  std::string receptor;  ///< "ex", "in", or "all" where there is one
  int exponent = 0;
  int accumulator_bits = 32;
  bool operator==(const ReceptorGrid&) const = default;
};

struct ConstructionReport {
  std::uint64_t n_synapses = 0;
  std::uint64_t synapse_bytes = 0;
  /// Hex. Equal where all synapses are, with their delays and weights, however they are laid out. It finds
  /// accidents, not forgeries.
  std::string connectivity_digest;
  std::vector<std::uint32_t> out_degrees;  ///< synapses that leave each neuron or parrot, by id
  double seconds = 0;
  std::vector<ReceptorGrid> grids;
  std::uint64_t device_bytes = 0;                 ///< allocated on a GPU for the network, all in all
  std::vector<ConnectionStatistics> connections;  ///< where BuildOptions ask for them
  double connections_s = 0;                       ///< that counting them took; not in `seconds`
  std::string layout;  ///< one line: threads, parts, slots, bytes a synapse, instruction set

  [[nodiscard]] double bytes_per_synapse() const {
    return n_synapses > 0 ? static_cast<double>(synapse_bytes) / static_cast<double>(n_synapses) : 0;
  }
};

/// What a block of steps produced. Buffers are reused: valid until the next advance().
struct Block {
  std::uint64_t first_step = 0;  ///< step number of the first step in the block; step k ends at k*dt
  std::uint64_t n_steps = 0;
  /// Spikes of all non-virtual populations: ids[offsets[i] .. offsets[i+1]) fired in step first_step + i,
  /// ascending (a parrot's id is repeated for each spike it emitted). offsets has n_steps + 1 entries.
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> ids;
  /// Per report of the spec: the steps sampled in this block, and their values
  /// [n_samples][n_variables][n_elements], absolute mV / pA.
  struct ReportSamples {
    std::vector<std::uint64_t> steps;
    std::vector<float> values;
  };
  std::vector<ReportSamples> reports;
  /// After the last step a variable was not finite (what is not finite stays so), or V was beyond the
  /// watchdog's bound after one of the steps that kBoundInterval divides.
  bool unsound = false;

  /// Makes it empty, for steps first .. first + n - 1: the sampled steps of each report stand there already,
  /// their values are still to come.
  void begin(std::uint64_t first, std::uint64_t n, const std::vector<ReportSpec>& report_specs);
  /// Drops what came after `step`, one of the block's.
  void cut_after(std::uint64_t step);
};

/// Seconds by phase, of the slowest thread where phases run in parallel; keys are stable names.
struct PhaseTime {
  std::string name;
  double seconds = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] virtual const ConstructionReport& construction() const = 0;
  /// Steps done since the start (warm-up included).
  [[nodiscard]] virtual std::uint64_t step() const = 0;
  /// Simulates `n_steps` (> 0) further steps. Deterministic: how a run is cut into blocks changes nothing.
  virtual void advance(std::uint64_t n_steps, Block& out) = 0;
  /// What a protocol's sources fire from the next step on, and whether weights and adaptive thresholds change
  /// then. It is part of the state, and replaces what the same step was told before.
  /// @param presented  of the present step; items of the spec's protocol, within the rates that it states.
  virtual void present(const Presented& presented) = 0;
  /// From the next advance() on, these reports are sampled instead of those so far; what is simulated stays
  /// the same. A variable that its population does not have is the caller's bug.
  virtual void record(std::vector<ReportSpec> reports) = 0;
  /// What the next step depends on. Looking changes nothing.
  [[nodiscard]] virtual EngineState save() const = 0;
  /// Of that, what the neurons are: all else is empty. For a look at their values it takes far less where
  /// synapses are plastic.
  [[nodiscard]] virtual EngineState save_neurons() const = 0;
  /// Goes on from `state`, which an engine of the same network saved: on other threads, another device, with
  /// steps counted from another number. `state.step` may be smaller than what is under way is old; sources
  /// that have no state fire from step 0 on.
  /// @throws Error(damaged_data) naming what does not fit this network; the engine is then as before.
  virtual void restore(const EngineState& state) = 0;
  /// Of each plastic projection, in their order; those without a synapse have none. Looking changes nothing.
  [[nodiscard]] virtual std::vector<PlasticityReading> read_plasticity() const = 0;
  /// Likewise what learning has come to: of projections without eligibilities without a look at any synapse.
  [[nodiscard]] virtual std::vector<LearningReading> read_learning() const = 0;
  /// The weights of a plastic projection as they are now, of every so many-th synapse by source, target,
  /// delay, and the order in which they were drawn: magnitudes.
  [[nodiscard]] virtual std::vector<float> read_weights(std::uint32_t projection,
                                                        std::uint32_t every) const = 0;
  /// The same synapses.
  [[nodiscard]] virtual PlasticSynapses plastic_synapses(std::uint32_t projection,
                                                         std::uint32_t every) const = 0;
  /// Of each region, after the last step. Looking changes nothing.
  [[nodiscard]] virtual std::vector<ModulatorLevels> read_modulators() const = 0;
  /// Gives a region of neuromodulators a reward, as one of its schedule in the next step that is simulated.
  /// @param region  of the spec; one that is not there is the caller's bug.
  /// @param reward  finite; what is expected of it is the region's.
  /// @throws Error(invalid_config) where the region has no dopamine, or the reward is not finite.
  /// Rewards that are given for one step add up to one, which acts after what is scheduled for that step and
  /// what spikes release in it. Until then it is part of the state.
  virtual void give_reward(std::uint32_t region, double reward) = 0;
  /// Likewise what is new to a memory, and how little it is sure of: 0.7 `novelty` + 0.3 `uncertainty` is by
  /// what the phasic part of the region's noradrenaline rises (models, section 5).
  /// @param novelty, uncertainty  from 0 to 1.
  /// @throws Error(invalid_config) where the region has no noradrenaline, or a number is beyond.
  virtual void give_novelty(std::uint32_t region, double novelty, double uncertainty) = 0;
  /// Plays a pattern into ModelSpec::replayed_into from the next step on, instead of what is played there. It
  /// is part of the state.
  /// @param replay  `after` is the present step; currents are finite, one for each neuron.
  /// @throws Error(invalid_config) where the executor cannot.
  virtual void replay(Replay replay) = 0;
  /// Accumulated since construction or the last reset_phases().
  [[nodiscard]] virtual std::vector<PhaseTime> phases() const = 0;
  /// Also empties the profile.
  virtual void reset_phases() = 0;
  /// From the next advance() on, notes there where time goes; null ends it. It outlives the engine, or that.
  virtual void profile(StepProfile* into) = 0;
};

struct BuildOptions {
  std::function<bool()> stop;          ///< asked now and then, by several threads; true ends construction
  bool connection_statistics = false;  ///< count what was built, for ConstructionReport::connections
};

struct Network;
class DeviceNetwork;

/// What is built of a description once, for any number of engines.
struct BuiltNetwork {
  /// Of the executor it was built for.
  std::unique_ptr<Engine> (*make_engine)(const ModelSpec& spec, const BuiltNetwork& built) = nullptr;
  std::shared_ptr<const Network> on_cpu;          ///< either this
  std::shared_ptr<DeviceNetwork> on_device;       ///< or that (host/engine/device_engine.hpp)
  std::vector<ConnectionStatistics> connections;  ///< where BuildOptions ask for them
  double seconds = 0;        ///< that building took; part of ConstructionReport::seconds of each engine
  double connections_s = 0;  ///< that counting took, likewise
};

/// @param threads_each  of each engine that will use it (> 0).
/// @param threads       that build it (> 0).
/// @throws what make_cpu_engine() throws.
[[nodiscard]] BuiltNetwork build_cpu_network(const ModelSpec& spec, int threads_each, int threads,
                                             const BuildOptions& options = {});

/// An engine at step 0 over a network that was built of `spec`, or of a description with the same
/// network_key(). Several may be made and used at once, in a thread each; on a device no more than were said
/// there.
/// @throws Error(invalid_config); on a device what build_device_network() throws.
[[nodiscard]] inline std::unique_ptr<Engine> make_engine(const ModelSpec& spec, const BuiltNetwork& built) {
  return built.make_engine(spec, built);
}

/// Builds the network and returns an engine at step 0.
/// @param threads  resolved number of threads (> 0).
/// @throws Error(invalid_config) for what only construction can find; Error(no_room) before allocating;
///         Error(interrupted).
[[nodiscard]] std::unique_ptr<Engine> make_cpu_engine(const ModelSpec& spec, int threads,
                                                      const BuildOptions& options = {});

}  // namespace sharpwave
