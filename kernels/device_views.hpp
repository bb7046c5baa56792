// What the kernels of the GPU see: pointers into device memory and sizes. Plain data, passed by value or kept
// in device memory; whoever launches owns what they point to.
//
// Neurons, then parrots' and virtual sources' elements, are "sources", numbered as everywhere. Sources are
// cut into blocks of one population; a thread block works on one of them, a thread on one source. Instances
// of one network share its connections and its blocks; each is an element of the grid's z.
#pragma once

#include <cstdint>

#include "kernels/current.hpp"
#include "kernels/event_list.hpp"
#include "kernels/mip.hpp"
#include "kernels/models.hpp"
#include "kernels/plastic_views.hpp"
#include "kernels/recorded_quantity.hpp"
#include "kernels/region.hpp"
#include "kernels/sample_times.hpp"

namespace sharpwave::device {

/// Of an instance; in device memory, so that a captured graph of steps can be launched again and again.
struct Clock {
  std::uint64_t steps_done = 0;
  std::uint64_t last_step = 0;  ///< to be done: in later ones the instance waits for the others
  std::uint64_t log_first = 1;  ///< step of row 0 of the spike log
};
/// Of an instance that does nothing.
inline constexpr Clock kWaitingClock{.steps_done = 1, .last_step = 0};

inline constexpr std::uint32_t kNone = ~std::uint32_t{0};

/// Up to blockDim.x consecutive sources of one population.
struct SourceBlock {
  std::uint32_t population = 0;
  std::uint32_t first_index = 0;  ///< in the population
  std::uint32_t first_source = 0;
  std::uint32_t n = 0;
  std::uint32_t source_class = kNone;  ///< whose rows leave from here
  std::uint32_t log_counts = kNone;    ///< parrots: place of the first one among all parrots
};

/// A rate that is constant between steps, as tables of Poisson thresholds.
struct PoissonRate {
  PhiloxKey key{};
  std::uint32_t n_pieces = 0;
  const std::uint64_t* first_step = nullptr;   ///< [n_pieces], ascending, the first is 1
  const std::uint32_t* table = nullptr;        ///< [n_pieces] which table the piece uses
  const std::uint64_t* table_begin = nullptr;  ///< [n_tables + 1] into `thresholds`
  const std::uint32_t* thresholds = nullptr;
};

/// Rates that a protocol presents: of each source of a population its own.
struct PresentedRates {
  const std::uint32_t* table = nullptr;        ///< [size] which one a source uses; null: nothing is presented
  const std::uint64_t* table_begin = nullptr;  ///< [n_tables + 1] into `thresholds`
  const std::uint32_t* thresholds = nullptr;
};

struct Population {
  bool is_parrot = false;
  bool per_neuron = false;                      ///< parameters, bias, t_ref and E_L are
  std::int32_t substeps = 1;                    ///< read by the `_any` models
  const void* parameters[kMaxParameters] = {};  ///< Real [n], or one value
  void* bias = nullptr;                         ///< Real [n], or one value: mV a step of constant current
  const std::int32_t* t_ref_steps = nullptr;    ///< [n], or one value
  const double* E_L_mV = nullptr;               ///< [n], or one value
  double input_scale[kMaxReceptors] = {};       ///< value of one unit
  const GateFactors* gain = nullptr;            ///< of the region that gates what arrives, else null
  double bound_mV = 0;                          ///< that a V may be from E_L
  const CurrentSource* currents = nullptr;      ///< [n_currents] in the order in which they are added up
  std::uint32_t n_currents = 0;
  const double* I_e_pA = nullptr;  ///< [n], or one value
  const double* v_bias = nullptr;  ///< likewise, where there are currents: Model::bias_per_pA
  PoissonRate rate;                ///< of Poisson sources
  PresentedRates presented;        ///< likewise, instead of it; with its key
};

/// Synaptic input of this step and those to come, in integers. Neurons lie as owners have them: those of one
/// owner, every n_owners-th, side by side. Where nobody owns any, all are of one owner.
template <class Acc>
struct DelayRing {
  Acc* cells = nullptr;  ///< [receptor][step mod depth][owner][cells_of_owner]
  std::uint32_t n_owners = 1;
  std::uint64_t cells_of_owner = 0;
  std::uint64_t depth = 1;  ///< steps, a power of two above the longest delay

  /// Cells of one step.
  SHARPWAVE_HD std::uint64_t row_cells() const { return n_owners * cells_of_owner; }
  SHARPWAVE_HD Acc* row(std::uint32_t receptor, std::uint64_t step) const {
    return cells + (receptor * depth + (step & (depth - 1))) * row_cells();
  }
  SHARPWAVE_HD Acc* cell(std::uint32_t receptor, std::uint64_t step, std::uint64_t neuron) const {
    if (n_owners == 1) return row(receptor, step) + neuron;
    const std::uint64_t element = neuron / n_owners;
    return row(receptor, step) + (neuron - element * n_owners) * cells_of_owner + element;
  }
};

/// Who fired in this step: each source once, ascending, with the number of its spikes; and the log of the
/// steps since the last drain. Both have room for every source in every step.
struct SpikeLists {
  const SourceBlock* blocks = nullptr;  ///< [n_blocks], ascending by source
  std::uint32_t* sources = nullptr;     ///< [n_blocks][blockDim.x]
  std::uint32_t* counts = nullptr;      ///< likewise
  std::uint32_t* n_fired = nullptr;     ///< [n_blocks]
  std::uint32_t n_blocks = 0;
  std::uint32_t n_logged_blocks = 0;    ///< the first ones, which are not virtual
  std::uint32_t* log_bits = nullptr;    ///< [row][n_logged_blocks][blockDim.x / 32]
  std::uint32_t* log_counts = nullptr;  ///< [row][n_parrots]
  std::uint32_t n_parrots = 0;
};

/// Spikes from outside the network: a train of its own for each target, or copies of one.
struct SpikeInput {
  PoissonRate rate;
  bool is_copied = false;
  MipCopies copies;
  std::uint32_t first_source = 0;  ///< of the population
  std::uint32_t start = 0;         ///< of the slice
  std::uint32_t stride = 1;
  std::uint32_t n_targets = 0;
  std::uint32_t receptor = 0;
  std::int64_t units = 0;
  const GateFactors* gain = nullptr;  ///< of the region that gates it, else null
};
/// Targets of an input from `first_target` on, as many as threads.
struct SpikeInputBlock {
  std::uint32_t input = 0;
  std::uint32_t first_target = 0;
};

/// Rows of one population. A row is cut into segments, by thread group (or owner), then by delay slot, then
/// by sub-block, then by channel (host/network/network.hpp).
struct SourceClass {
  std::uint32_t first_source = 0;
  std::uint32_t first_slot = 0;
  std::uint32_t n_segments = 0;     ///< of a row
  std::uint64_t first_segment = 0;  ///< of the first row
  std::uint32_t n_channels = 1;
  const std::uint8_t* channels = nullptr;  ///< [n_channels]
  std::uint32_t first_bits = 0;            ///< this class's PairBits: [first_bits, end_bits)
  std::uint32_t end_bits = 0;
};

struct Channel {
  std::uint32_t receptor = 0;
  std::int32_t shift = 0;
};

/// A projection of one weight and one delay, held as a bit per pair.
struct PairBits {
  std::uint32_t start = 0;  ///< slice of the sources, as indices in the population
  std::uint32_t stop = 0;
  std::uint32_t stride = 1;
  std::uint32_t delay = 1;
  std::uint32_t receptor = 0;
  std::int64_t units = 0;
  std::uint32_t first_element = 0;
  std::uint32_t n_words = 0;            ///< of one row in one part
  const std::uint64_t* bits = nullptr;  ///< [source][part][n_words]
};

struct FileSpike {
  std::uint64_t step = 0;
  std::uint32_t source = 0;
  std::uint32_t source_class = 0;  ///< kNone: plastic projections alone hear it
};
/// In a step by source.
using FileSpikes = EventList<FileSpike>;
/// Of each instance: those of its sources, and those that a protocol presents now. No source is in both.
inline constexpr std::uint32_t kFileSpikeLists = 2;

struct Connections {
  std::uint32_t n_parts = 1;  ///< n_groups * sub_blocks
  std::uint32_t n_groups = 1;
  std::uint32_t sub_blocks = 1;
  std::uint32_t cells_per_step = 1;
  std::uint32_t slot_width = 1;
  const std::uint64_t* segments = nullptr;     ///< [all + 1] where each begins
  const std::uint32_t* synapses = nullptr;     ///< float32: weight << 16 | cell
  const std::uint16_t* wide_cells = nullptr;   ///< float64: cell ...
  const std::int64_t* wide_weights = nullptr;  ///< ... and weight on the receptor's grid
  const SourceClass* classes = nullptr;
  const Channel* channels = nullptr;
  const PairBits* pair_bits = nullptr;
};

struct NeuronState {
  void* variables[kMaxStates] = {};    ///< Real [n_neurons] each
  std::int32_t* refractory = nullptr;  ///< [n_neurons] steps left
  std::uint32_t* n_unsound = nullptr;  ///< how often a neuron's state was not sound after a step
};

struct Report {
  SampleTimes times;
  std::uint32_t population = 0;
  std::uint32_t first_source = 0;  ///< of the population
  std::uint32_t start = 0;         ///< of the slice
  std::uint32_t stride = 1;
  std::uint32_t n_elements = 0;
  std::uint32_t n_variables = 0;
  std::uint32_t variables[kRecordedQuantityCount] = {};  ///< as recorded_quantity.hpp numbers them
  double dt_ms = 0;
  float* samples = nullptr;  ///< [frame][n_variables][n_elements]

  /// @param log_first  the first step that is in `samples`; `step` is sampled.
  SHARPWAVE_HD float* sample(std::uint64_t step, std::uint64_t log_first, std::uint32_t variable,
                             std::uint32_t element) const {
    const std::uint64_t frame = times.until(step - 1) - times.until(log_first - 1);
    return samples + (frame * n_variables + variable) * n_elements + element;
  }
};

/// A population with currents from inputs.
struct DrivenPopulation {
  std::uint32_t population = 0;
  std::uint32_t n_values = 0;  ///< of its bias
};

struct BlockIds {
  const std::uint32_t* ids = nullptr;  ///< [n] places in SpikeLists::blocks
  std::uint32_t n = 0;
};

/// What an instance has of its own.
template <class Acc>
struct Instance {
  const Population* populations = nullptr;
  NeuronState state;
  DelayRing<Acc> ring;
  SpikeLists lists;
  BlockIds of_model[kUpdateModelCount];  ///< blocks of neurons
  const DrivenPopulation* driven = nullptr;
  std::uint32_t n_driven = 0;
  std::uint32_t n_input_blocks = 0;
  const SpikeInput* inputs = nullptr;
  const SpikeInputBlock* input_blocks = nullptr;
  const Report* reports = nullptr;
  std::uint32_t n_reports = 0;
  FileSpikes file_spikes[kFileSpikeLists];
  const Plastic* plastic = nullptr;  ///< [n_plastic] of every instance of the network
  std::uint32_t n_plastic = 0;
  const Region* regions = nullptr;  ///< [n_regions] of neuromodulators
  std::uint32_t n_regions = 0;
};

template <class Acc>
struct Instances {
  const Instance<Acc>* views = nullptr;  ///< [gridDim.z]; not looked at where the clock waits
  Clock* clocks = nullptr;               ///< [gridDim.z]
};

}  // namespace sharpwave::device
