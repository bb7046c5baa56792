// What a checkpoint holds: all that a run needs to go on as if it had never stopped.
// docs/formats/checkpoint.md describes the file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/sha256.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/engine_state.hpp"
#include "host/network/model_spec.hpp"
#include "host/protocol/protocol_state.hpp"
#include "host/signals/signal_state.hpp"
#include "host/watchdog/watch_state.hpp"

namespace sharpwave {

/// One instance of a batch; a run without a batch has one.
struct InstanceState {
  EngineState engine;
  Sha256::Digest spike_digest{};      ///< the chain's value
  std::vector<std::uint64_t> spikes;  ///< in the recorded part, per population that is not virtual
  std::uint64_t synaptic_events = 0;  ///< in the recorded part
  /// Length of the instance's recording (docs/formats/recording.md) when the state was taken.
  std::uint64_t recording_bytes = 0;
  WatchState watch;
  ProtocolState protocol;
  SignalState signals;
  bool operator==(const InstanceState&) const = default;
};

/// A population of neurons or parrots, as its ids are given.
struct CheckpointPopulation {
  std::string name;
  std::uint64_t size = 0;
  bool operator==(const CheckpointPopulation&) const = default;
};

struct Checkpoint {
  std::string program_version;
  std::string config_path;  ///< as the user wrote it, made absolute: paths in the config start there
  std::string config;       ///< its text, without the overrides
  std::vector<std::string> overrides;  ///< as given: "populations.E.size=500"
  /// Faults on purpose, as given (parse_injection()); those of steps that are done have happened.
  std::vector<std::string> injections;
  std::string config_digest;        ///< hex SHA-256
  std::string connectivity_digest;  ///< hex, ConstructionReport::connectivity_digest
  Precision precision = Precision::float32;
  double dt_ms = 0;
  std::uint64_t warm_up_steps = 0;                ///< of the run
  std::uint64_t steps = 0;                        ///< of the run's recorded part
  double wall_s = 0;                              ///< spent on the recorded part until then, over all resumes
  std::vector<CheckpointPopulation> populations;  ///< those that are not virtual, ascending by id
  std::vector<ReceptorGrid> grids;
  std::vector<InstanceState> instances;
  bool operator==(const Checkpoint&) const = default;
};

}  // namespace sharpwave
