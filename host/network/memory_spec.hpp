// What a run tells a consolidation plugin about its spikes, and what it takes back from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sharpwave {

/// Neurons of this population are what is remembered.
struct RememberedPopulationSpec {
  std::uint32_t population = 0;  ///< of the spec, not virtual
  std::string space{};           ///< of the memory
};

/// A ripple is a run of bins in each of which the population fires more than a threshold.
struct RippleSpec {
  double factor = 3;                ///< the threshold, in mean rates of all bins before
  std::optional<double> rate_Hz{};  ///< the threshold, instead
  std::uint64_t shortest_bins = 3;  ///< a shorter one is none
  std::uint64_t longest_bins = 40;  ///< a longer one ends there
};

/// How counts of spikes become an embedding.
struct EmbeddingSpec {
  bool is_projected = false;      ///< else it has a dimension for each neuron
  std::uint32_t dimension = 256;  ///< where it is projected
  std::uint64_t seed = 1;         ///< of the projection
  std::uint32_t settle = 10;  ///< windows that mean and standard deviation are learned from before the first
                              ///< signal
};

/// Most neurons of a population whose own counts are the embedding.
inline constexpr std::uint32_t kMostCounts = 4096;
inline constexpr std::uint32_t kLeastProjected = 32;
inline constexpr std::uint32_t kMostProjected = 1024;

/// Patterns that the plugin wants replayed, into the population whose counts they are of (ModelSpec::
/// replayed_into).
struct ReplaySpec {
  double blend = 0.3;  ///< the live inputs of the population are multiplied by 1 - blend meanwhile
  std::uint64_t duration_steps = 1;
  double current_pA = 0;  ///< of the neuron that the pattern has most of; the others by their share
};

/// Patterns that wait to be replayed, at most: of later ones none is taken until there is room.
inline constexpr std::size_t kMostReplays = 20;

/// What answers of the plugin do to the network.
struct CouplingSpec {
  std::uint64_t delay_steps = 1;                  ///< from a signal to its answer
  std::optional<std::uint32_t> novelty_region{};  ///< whose noradrenaline novelty releases
  double novelty_gain = 1;                        ///< novelty times this, at most 1, is what is given
  std::optional<ReplaySpec> replay{};
};

struct MemorySpec {
  std::string plugin;  ///< a name, or the path of a library
  std::vector<RememberedPopulationSpec> populations;
  std::uint64_t window_steps = 0;       ///< 0: there are none of a fixed length
  bool window_is_presentation = false;  ///< a window is what a protocol presents an item for
  std::optional<RippleSpec> ripple;
  EmbeddingSpec embedding;
  std::vector<std::uint32_t> plasticity;  ///< projections whose changes and eligibilities are told
  std::optional<std::uint32_t> region;    ///< whose neuromodulators are told
  std::uint32_t queue_capacity = 1024;    ///< signals
  bool drops_when_full = false;           ///< else the simulation waits
  std::string options = "{}";             ///< JSON object, for the plugin
  std::optional<CouplingSpec> coupling;

  [[nodiscard]] bool has_windows() const { return window_steps > 0 || window_is_presentation; }
};

}  // namespace sharpwave
