// The host loop: it advances an engine block by block and hands on what the blocks hold.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/progress.hpp"
#include "host/run/recorder.hpp"

namespace sharpwave {

struct LoopResult {
  bool interrupted = false;
  std::uint64_t warm_up_steps = 0;    ///< done
  std::uint64_t steps = 0;            ///< done, of the recorded part
  std::vector<std::uint64_t> spikes;  ///< in the recorded part, per population that is not virtual
  std::uint64_t synaptic_events =
      0;                          ///< in the recorded part: spikes times the synapses that leave the neuron
  double wall_s = 0;              ///< of the recorded part: engine, digest and recording
  std::string spike_digest;       ///< hex; warm-up included
  std::vector<PhaseTime> phases;  ///< of the recorded part: the engine's, "digest", "recording"
};

/// Simulates the warm-up (digested, but neither recorded nor timed) and then the recorded part.
///
/// @param engine     at step 0.
/// @param recorder   receives the recorded part; not finished here.
/// @param stop       asked before every block; true ends the run there.
LoopResult simulate(Engine& engine, const ModelSpec& spec, Recorder& recorder, ProgressSink& sink,
                    const std::function<bool()>& stop);

}  // namespace sharpwave
