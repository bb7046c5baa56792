// The integer grids of the receptors and the proof that their sums cannot overflow (models: Delivery and
// numbers). All of it is computed from the network alone, never from device, threads or layout.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "host/network/connectivity.hpp"
#include "host/network/distribution.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

using Connectivities = std::vector<std::unique_ptr<Connectivity>>;

/// Of a projection of the description: how many synapses reach each position of its target slice.
using InDegrees = std::function<std::vector<std::uint32_t>(std::size_t projection)>;
/// Counted in the rows; all arguments outlive it.
[[nodiscard]] InDegrees in_degrees_of(const ModelSpec& spec, const Connectivities& connectivities,
                                      ThreadPool& pool);

struct ProjectionGrid {
  int exponent = 0;                 ///< float32: of the 16-bit weights. float64: unused, the receptors' hold
  std::array<double, 2> largest{};  ///< by sign: largest |weight|
  std::array<int, 2> receptor{};    ///< by sign: [0] for w >= 0, [1] for w < 0
  std::array<int, 2> shift{};       ///< by sign, onto the receptor's grid
  std::array<bool, 2> occurs{};     ///< by sign
};

/// All values that a weight of the projection can have, now or later.
[[nodiscard]] Range weights_ever(const ProjectionSpec& projection);

struct Grids {
  std::vector<ProjectionGrid> projections;
  std::vector<std::array<int, kMaxReceptors>> exponents;  ///< per population
  std::vector<InputWeight> inputs;
};

/// Largest number of spikes that one element can emit in a step: 1 for neurons, the table's end for a Poisson
/// source, the maximum after rounding for a spike source, and for parrots what can reach them.
/// @throws Error(invalid_config) where parrots form a cycle.
void set_multiplicities(const ModelSpec& spec, const InDegrees& in_degrees,
                        std::vector<PopulationPlace>& places);

/// The grids of a float32 network, which follow from its description alone; `inputs` is left empty.
[[nodiscard]] Grids narrow_grids(const ModelSpec& spec, const std::vector<PopulationPlace>& places);

[[nodiscard]] Grids compute_grids(const ModelSpec& spec, const std::vector<PopulationPlace>& places,
                                  const InDegrees& in_degrees);

/// By which its region may multiply the weights of a population's inputs of spikes.
[[nodiscard]] double largest_external_gain(const ModelSpec& spec, std::uint32_t population);

/// The inputs on the grids of their receptors.
/// @throws Error(invalid_config) naming the input whose weight does not fit.
[[nodiscard]] std::vector<InputWeight> input_weights(
    const ModelSpec& spec, const std::vector<PopulationPlace>& places,
    const std::vector<std::array<int, kMaxReceptors>>& exponents);

/// The most spikes that one source has in one step.
[[nodiscard]] std::uint64_t largest_spike_count(const SpikeSourceSpec& source, double dt_ms);
/// Spikes of one source in one step, at most, of a virtual population, also of what a protocol presents to
/// it.
/// @throws Error(invalid_config) as largest_poisson_count().
[[nodiscard]] std::uint64_t largest_source_count(const ModelSpec& spec, std::uint32_t population);

/// Length of the Poisson table of the largest rate: the largest count of one step.
/// @throws Error(invalid_config) naming `owner` where the mean per step is beyond what tables are made for.
[[nodiscard]] std::uint32_t largest_poisson_count(const PiecewiseRate& rate, double dt_ms,
                                                  const std::string& owner);

}  // namespace sharpwave
