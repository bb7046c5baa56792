// What simulates a network on a device. Plain C++: CUDA's language stays behind this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/device_model.hpp"
#include "kernels/owner_limits.hpp"

namespace sharpwave::device {

/// That are launched at once: stretches of fewer steps cost more for each.
inline constexpr std::uint32_t kStepsPerGraph = 32;

/// Of each target of plastic synapses, that there is room for at first besides those of a graph of steps.
inline constexpr std::uint32_t kPostsAtFirst = 8;

/// A call of the CUDA runtime failed. what() has the call, the file, the line and the runtime's words.
class RuntimeError : public std::runtime_error {
 public:
  RuntimeError(const std::string& message, bool out_of_memory)
      : std::runtime_error(message), out_of_memory_(out_of_memory) {}
  [[nodiscard]] bool out_of_memory() const { return out_of_memory_; }

 private:
  bool out_of_memory_;
};

/// What a stretch of steps produced.
struct Drained {
  /// Set bits of the log in order of step and source: a parrot stands here once, however often it fired.
  std::vector<std::uint32_t> ids;
  std::vector<std::uint32_t> rows;           ///< [n_steps + 1] where each step begins in `ids`
  std::vector<std::uint32_t> parrot_counts;  ///< [n_steps][n_parrots], parrots in order of source
  std::vector<std::vector<float>> samples;   ///< per report [frames][variables][elements]
  bool unsound = false;                      ///< a neuron's state was, after one of the steps
};

/// Of all neurons and parrots, in order of source.
struct NeuronValues {
  std::vector<std::vector<std::byte>> variables;  ///< [variable][n_neurons] of the model's Real
  std::vector<std::int32_t> refractory;           ///< [n_neurons] steps left
};

/// Of a plastic projection; steps are the instance's.
struct PlasticValues {
  std::vector<float> weights;                ///< part after part, as PlasticConnections has the synapses
  std::vector<float> traces;                 ///< likewise; empty where Plastic has none
  std::int64_t scaled_at = kNeverFired;      ///< as PlasticScaling has it
  std::vector<std::uint32_t> target_spikes;  ///< likewise; empty where it has none
  std::vector<PlasticSource> sources;
  std::vector<PlasticFlight> flights;  ///< that have targets to reach in later steps; in any order, each once
  std::vector<PostSpike> posts;        ///< that are not forgotten, ascending by step
  std::vector<std::uint32_t> post_neurons;  ///< likewise: indices in the population
  StdpCounts counts;
  std::int64_t last_change = kNeverFired;  ///< step
  // Of eligibilities, else empty: Gate's tables, and the steps that are in them.
  std::vector<double> gate_left;
  std::vector<double> gate_moved;
  std::int64_t gate_steps = 0;
};

/// Who fired in one step, ascending, and how often; no virtual sources.
struct FiredInStep {
  std::vector<std::uint32_t> sources;
  std::vector<std::uint32_t> counts;
};

/// Of one seat, in one stretch.
struct SeatSteps {
  std::uint32_t seat = 0;
  std::uint64_t n_steps = 0;
};

/// Simulates instances of one network, each in a seat and on a clock of its own. What one of them does
/// changes nothing for the others. Seats are numbered from 0; functions of one that is empty are the caller's
/// bug.
class Executor {
 public:
  virtual ~Executor() = default;
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Puts an instance at step 0 into an empty seat.
  virtual void place(std::uint32_t seat, const InstanceModel& instance) = 0;
  /// Empties a seat, and frees what its instance had.
  virtual void vacate(std::uint32_t seat) = 0;
  /// Allocated for the network and for this instance: what is freed after construction counts, the log does
  /// not.
  [[nodiscard]] virtual std::uint64_t allocated_bytes(std::uint32_t seat) const = 0;
  /// Steps between two drains that the seat's log has room for.
  [[nodiscard]] virtual std::uint64_t most_steps(std::uint32_t seat) const = 0;
  /// By what its steps are done: one line, and why not by owners where they are not.
  [[nodiscard]] virtual std::string kernels(std::uint32_t seat) const = 0;
  /// Starts further steps of each seat named, at least 1, and returns at once. A seat is named once.
  virtual void start(std::span<const SeatSteps> stretch) = 0;
  /// Waits for them, and makes room where they pause for it.
  virtual void wait() = 0;
  /// Fetches what all since the last drain produced.
  virtual void drain(std::uint32_t seat, Drained& out) = 0;
  /// Samples these from the next start() on, instead of those so far. What was done has been drained.
  /// @param reports  without `samples`.
  virtual void record(std::uint32_t seat, const std::vector<Report>& reports) = 0;
  /// What a protocol presents from the next start() on, and whether weights and adaptive thresholds change.
  virtual void present(std::uint32_t seat, const PresentedModel& presented) = 0;
  virtual void read_state(std::uint32_t seat, NeuronValues& out) = 0;
  /// Of each plastic projection.
  virtual void read_plastic(std::uint32_t seat, std::vector<PlasticValues>& out) = 0;
  /// Of neuromodulators, into what these point to; but what they got from outside.
  /// @param into  in host memory, of the sizes that the instance was given.
  virtual void read_regions(std::uint32_t seat, std::span<const Region> into) = 0;
  /// Likewise their levels alone.
  virtual void read_levels(std::uint32_t seat, std::span<const Region> into) = 0;
  /// What regions get from outside acts in the first step of the next start().
  virtual void give(std::uint32_t seat, std::span<const Region> regions) = 0;
  /// Goes on after `step`. What was under way is delivered again.
  /// @param fired  of the last steps, as many as the longest delay: the last entry is of `step`. Steps before
  ///               0 are counted as negative ones; virtual sources do not fire in them.
  /// @param regions  in host memory; what they got from outside is still to be given.
  /// @param presented  with what was in force in the steps of `fired`.
  virtual void restore(std::uint32_t seat, std::uint64_t step, const NeuronValues& state,
                       const std::vector<FiredInStep>& fired, const std::vector<PlasticValues>& plastic,
                       std::span<const Region> regions, const PresentedModel& presented) = 0;
};

/// Was this built with CUDA?
extern const bool kHasCuda;

/// The GPU that would be used.
struct DeviceInfo {
  bool available = false;
  std::string name;    ///< of the device
  std::string reason;  ///< why there is none: the runtime's words
  std::uint64_t free_bytes = 0;
  OwnerLimits owners;
};
/// The first that CUDA_VISIBLE_DEVICES leaves. Never fails: a machine without a driver has no device.
[[nodiscard]] DeviceInfo find_device();

/// @param n_seats  instances that there can be at once (> 0).
/// @throws RuntimeError.
[[nodiscard]] std::unique_ptr<Executor> make_executor(const NetworkModel& network, std::uint32_t n_seats);

/// Bytes of logs and samples of all seats, at most, unless a single step needs more.
inline constexpr std::uint64_t kLogBytes = std::uint64_t{64} << 20;
/// Spikes that a drain fetches at once; those of one step, if they are more.
inline constexpr std::uint64_t kIdsAtOnce = std::uint64_t{1} << 20;

}  // namespace sharpwave::device
