// A network whose plastic synapses have become static, with the weights that a run has come to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

struct LearnedNetwork {
  ModelSpec spec;
  std::vector<std::uint32_t> projections;  ///< those that were plastic
};

/// `spec` as the run of a checkpoint has it at that moment: every plastic projection is a list of synapses
/// with the weights that `record.weights` would record then, and nothing is recorded of it any more. Gains of
/// the watchdog are in the weights and inputs.
/// @param name  of the checkpoint, for messages.
/// @throws Error(invalid_config) where nothing is plastic, and where the checkpoint is not one of a single
/// run
///         of this network; Error(no_room).
/// 24 bytes a plastic synapse, and while it is made a whole engine.
[[nodiscard]] LearnedNetwork learned_network(const ModelSpec& spec, const Checkpoint& checkpoint,
                                             const std::string& name);

}  // namespace sharpwave
