// Weights of a plastic projection that are known before its network is built: learned in an earlier run, or
// of SONATA edges.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/engine/plasticity_reading.hpp"

namespace sharpwave {

/// Lists of one length: by source, target, delay, and the order in which they were drawn. A delay of 0 is not
/// known.
struct WeightedSynapses {
  PlasticSynapses synapses;
  std::vector<float> magnitudes;
};

/// They take 16 bytes a synapse, 28 while they are read, which are held only while a network is built: until
/// then it is known what they come to.
struct GivenWeights {
  std::string where;    ///< in messages: the file
  std::string digest;   ///< hex, over all that read() returns and the weights' sign
  std::uint64_t n = 0;  ///< synapses
  double gain = 1;      ///< of the watchdog: weights and bounds are so many times as large
  /// @throws Error(io), Error(damaged_data), Error(invalid_config), also where they are no longer those of
  ///         the digest.
  std::function<WeightedSynapses()> read;
};

}  // namespace sharpwave
