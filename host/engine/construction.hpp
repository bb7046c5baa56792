// What every executor makes of a network that has been built.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/currents.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/part.hpp"
#include "host/engine/poisson_rates.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "kernels/models.hpp"

namespace sharpwave {

/// The largest finite number that a state can have.
[[nodiscard]] double largest_real(Precision precision);
/// How far V may be from E_L: what the watchdog says, or, where it says nothing, that number.
[[nodiscard]] double bound_mV(const ModelSpec& spec);

/// In which neurons of this network add up what arrives.
[[nodiscard]] Arithmetic arithmetic_of(const ModelSpec& spec, const PlacedInputs& placed);

/// What is evaluated once from the description of a network.
struct EvaluatedModel {
  /// Keys of Poisson sources: ("poisson_source", seed of the run, name of the population).
  /// @throws Error(invalid_config) as place_inputs(), and for parameters that no neuron can have.
  EvaluatedModel(const ModelSpec& spec, const Network& net);

  std::vector<PopulationParameters> parameters;  ///< per population; empty for those without neurons
  Currents currents;
  std::vector<SpikeInput> spike_inputs;    ///< per input
  std::vector<PoissonRate> source_rates;   ///< per population
  std::vector<InputWeight> input_weights;  ///< per input
  Arithmetic arithmetic = Arithmetic::float_int32;
};

/// Does anybody hear a population: synapses, or a region of neuromodulators? Else it need not fire.
[[nodiscard]] bool is_heard(const ModelSpec& spec, const Network& net, std::uint32_t population);

/// A spike of a file, of a source that somebody hears.
struct FileSpike {
  std::uint64_t step;
  std::uint32_t source;
};
/// By step, then by source.
[[nodiscard]] std::vector<FileSpike> file_spikes(const ModelSpec& spec, const Network& net);

/// As kernels/recorded_quantity.hpp numbers them. What the model does not have is the caller's bug.
[[nodiscard]] std::uint32_t recorded_quantity(const NeuronModelInfo& model, const Recordable& what);

/// Steps that a row is in the air, at most: the longest delay, up to the end of its slot.
[[nodiscard]] std::uint64_t longest_flight(const Network& net);

/// Steps that a round may have, at the end of which threads tell each other who fired: nobody hears a spike
/// earlier than so many steps after it.
[[nodiscard]] std::uint64_t round_steps(const ModelSpec& spec, const Network& net);

/// What connects the populations.
[[nodiscard]] std::vector<ConnectionStatistics> count_connections(const ModelSpec& spec, const Network& net,
                                                                  ThreadPool& pool);

/// The grid of each receptor, as a report has them.
[[nodiscard]] std::vector<ReceptorGrid> grids_of(const ModelSpec& spec, const Network& net,
                                                 Arithmetic arithmetic);

/// All but `layout`, `seconds`, and the connections.
[[nodiscard]] ConstructionReport report_construction(const ModelSpec& spec, const Network& net,
                                                     Arithmetic arithmetic);

}  // namespace sharpwave
