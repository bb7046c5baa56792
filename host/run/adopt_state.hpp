// Begins a run with the state of another one.
#pragma once

#include <string>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"
#include "host/engine/engine_state.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

struct AdoptedState {
  EngineState state;                    ///< of step 0
  std::vector<std::string> mismatches;  ///< what of the two does not fit, a line each
};

/// What of a checkpoint's state fits a network: populations of the same name and size, and of these the
/// variables of the same name; numbers are converted where the precision differs. The rest begins as
/// `initial` says. Spikes under way go on from neurons that fit, through the synapses of this network. Of
/// plastic projections those of the same name and size, where the networks are the same; weights beyond the
/// bounds of this config are set to them.
///
/// @param same_connectivity  of the checkpoint's network and this one.
/// @param initial  of this network, before its first step.
/// @throws Error(invalid_config) where dt differs, where no population fits, and for a batch.
[[nodiscard]] AdoptedState adopt_state(const Checkpoint& checkpoint, const ModelSpec& spec,
                                       EngineState initial, bool same_connectivity);

/// In what the neurons of a network differ from those whose state it takes over, of populations of the same
/// name and size: the model, and the names of parameters; a line for each population.
[[nodiscard]] std::vector<std::string> neuron_mismatches(const ModelSpec& of_checkpoint,
                                                         const ModelSpec& spec);

}  // namespace sharpwave
