// Makes signals for a memory of the blocks of a run. It listens, and never acts: spikes are the same with it
// and without it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/signals/stream.hpp"

namespace sharpwave {

/// What it makes depends on the spec and the spikes alone: neither on blocks nor on threads or the device.
class SignalCollector {
 public:
  using Listener = std::function<void(Signal&&)>;

  /// @param spec    has a memory; outlives this, as `engine` does.
  /// @param start   null, or without streams: the beginning; else where `engine` is. @throws
  /// Error(damaged_data) where it is none
  ///                of this spec.
  /// @param listen  is called for each signal, in the order in which they end, of one step by population.
  SignalCollector(const ModelSpec& spec, const Engine& engine, const SignalState* start, Listener listen);

  /// Until a block has to end, so that what is read of the engine is of that step, and in a coupled run each
  /// signal is told where the engine is.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t step) const;
  /// Of steps that follow those of the block before, to where the engine is.
  void take(const Block& block);
  /// An item is presented from the next step on (kNothing: none is any more); of windows that are
  /// presentations, else nothing happens.
  void present(std::uint32_t item, std::uint32_t label);

  /// But for what the plugin was not told, and its answers.
  [[nodiscard]] SignalState state() const;

 private:
  void open(std::uint64_t step, std::uint32_t item, std::uint32_t label);
  void close(std::uint64_t step);
  void end_bins(std::uint64_t step);
  void tell(Signal&& signal);
  void read(Signal& signal);
  [[nodiscard]] std::vector<std::uint64_t> changes(const std::vector<LearningReading>& readings) const;

  const ModelSpec& spec_;
  const MemorySpec& memory_;
  const Engine& engine_;
  std::uint64_t bin_steps_;
  bool reads_engine_;
  std::vector<SignalStream> streams_;
  SignalState state_;  ///< without its streams
  Sha256 hash_;
  Listener listen_;
  // Of the last step at which a signal ended: several can end in one.
  std::uint64_t read_step_ = ~std::uint64_t{0};
  std::vector<LearningReading> readings_;
  ModulatorLevels levels_;
};

}  // namespace sharpwave
