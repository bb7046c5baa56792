// What the memory gets of a simulation.
#pragma once

#include <string>
#include <vector>

#include "memory_store/item.hpp"

namespace sharpwave::memory {

/// What a population of an instance did in a window, or in a ripple.
struct ConsolidationSignal {
  Provenance provenance;  ///< with the number of the signal
  bool is_ripple = false;
  std::vector<float> embedding;  ///< of length 1
  WindowStatistics statistics;
  Modulators modulators;
  std::string metadata;  ///< of the item that it becomes
};

}  // namespace sharpwave::memory
