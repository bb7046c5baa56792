// The network as it is handed to an executor on a device: host memory that has to live while the executor is
// made. What the fields of kernels/device_views.hpp mean is said there.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cuda/drawn_rows.hpp"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// PoissonRate, in host memory.
struct RateTable {
  PhiloxKey key{};
  std::span<const std::uint64_t> first_step;
  std::span<const std::uint32_t> table;
  std::span<const std::uint64_t> table_begin;
  std::span<const std::uint32_t> thresholds;
};

enum class PopulationKind { neurons, parrots, poisson_source, spike_source };

/// A population as the network knows it.
struct PopulationShape {
  PopulationKind kind = PopulationKind::neurons;
  std::uint32_t first_source = 0;
  std::uint32_t size = 0;
  std::uint32_t source_class = kNone;
  bool is_heard = false;  ///< by rows or by plastic projections
};

struct ClassModel {
  SourceClass source_class;  ///< without its pointer and its first segment
  std::uint32_t n_sources = 0;
  std::uint32_t stride = 1;  ///< offsets per row
  std::span<const std::uint8_t> channels;
  std::span<const std::uint16_t> offsets16;  ///< one of them is empty
  std::span<const std::uint32_t> offsets32;
};

struct PairBitsModel {
  PairBits pairs;  ///< without its pointer; ascending by class
  std::span<const std::uint64_t> bits;
};

/// A plastic projection, as instances share it.
struct PlasticNetworkModel {
  PlasticConnections connections;  ///< without its pointers
  /// Per part: PlasticConnections::row_begin and elements.
  std::vector<std::span<const std::uint32_t>> row_begin;
  std::vector<std::span<const std::uint16_t>> elements;
};

/// Of a network whose rows are cut by owner, and whose neurons owners can simulate.
struct OwnersModel {
  bool is_wanted = false;
  bool is_asked_for = false;                    ///< even where little fits
  std::uint64_t shared_bytes = 0;               ///< that an owner has
  std::uint32_t shortest_delay = 1;             ///< steps
  std::vector<double> synapses[kMaxReceptors];  ///< [longest delay] expected, of one step, two, ...
};

/// What all instances share.
struct NetworkModel {
  Arithmetic arithmetic = Arithmetic::float_int32;
  std::uint64_t n_neurons = 0;  ///< and parrots: all that are not virtual
  std::uint32_t n_receptors = 1;
  std::uint64_t longest_delay = 1;  ///< steps

  std::vector<PopulationShape> populations;  ///< of the config, in its order
  Connections connections;                   ///< its sizes only
  /// Rows that are on the device; null: in chunks, as the host has built them; ChunkedRows says what they
  /// are.
  std::shared_ptr<DrawnRows> drawn_rows;
  std::uint32_t dummy_cell = 0;
  std::span<const std::uint32_t> row_begin;
  std::span<const std::uint32_t> synapses;
  std::span<const std::uint16_t> wide_cells;
  std::span<const std::int64_t> wide_weights;
  std::vector<ClassModel> classes;
  std::vector<Channel> channels;
  std::vector<PairBitsModel> pair_bits;
  std::vector<PlasticNetworkModel> plastic;
  OwnersModel owners;
};

/// What a population is in one instance. Of neurons; of sources only the rates and what is presented. A list
/// has one value, or one per neuron; all of them are long where one is.
struct PopulationModel {
  UpdateModel model = UpdateModel::exp;
  std::int32_t substeps = 1;
  bool per_neuron = false;
  std::span<const std::vector<double>> parameters;
  std::span<const std::vector<double>> initial;  ///< a list may have one value even if others are long
  std::span<const double> I_e_pA;
  std::span<const double> v_bias;           ///< Model::bias_per_pA
  std::span<const CurrentSource> currents;  ///< from inputs
  std::span<const std::int32_t> t_ref_steps;
  std::span<const double> E_L_mV;
  double input_scale[kMaxReceptors] = {};
  std::uint32_t gain_region = kNone;  ///< which gates what arrives
  double bound_mV = 0;                ///< that a V may be from E_L

  RateTable rate;  ///< of a Poisson source
  // Of Poisson sources that a protocol presents rates to, else 0: how many tables there are at once, and how
  // long all of them are; room for more is made where it is needed.
  std::uint32_t most_presented_tables = 0;
  std::uint32_t most_presented_thresholds = 0;
  /// Which of `parameters` are 0 while a protocol lets nothing learn.
  std::vector<std::size_t> learning_parameters;
};

struct SpikeInputModel {
  RateTable rate;
  SpikeInput input;                   ///< without its rate
  std::uint32_t gain_region = kNone;  ///< which gates it
};

/// A plastic projection in one instance.
struct PlasticModel {
  StdpConstants constants;                      ///< its tables in host memory
  std::int64_t silent_steps = 0;                ///< as Plastic has it
  std::int64_t pre_memory_steps = 0;            ///< likewise
  std::int64_t post_memory_steps = 0;           ///< likewise
  bool has_traces = false;                      ///< of each synapse
  std::uint32_t modulating_region = kNone;      ///< which gates what is learnt
  std::uint32_t gating_region = kNone;          ///< of eligibilities
  Gate gate;                                    ///< likewise, in host memory, as of step 0
  std::vector<std::span<const float>> weights;  ///< per part, at first
};

/// An instance of a network, at step 0.
struct InstanceModel {
  std::vector<PopulationModel> populations;  ///< as the network's
  std::vector<SpikeInputModel> spike_inputs;
  std::vector<Report> reports;  ///< without `samples`
  std::vector<FileSpike> file_spikes;
  bool hears_presented = false;             ///< are there sources whose spikes a protocol presents?
  std::uint64_t most_presented_spikes = 0;  ///< of all sources, in an item
  std::vector<PlasticModel> plastic;        ///< as the network's
  std::span<const Region> regions;          ///< of neuromodulators, as of step 0
};

/// Rates that a protocol presents; all tables are in host memory.
struct RatesInForce {
  std::uint64_t after = 0;                 ///< from the step after this one on
  std::uint32_t population = kNone;        ///< of Poisson sources; kNone: none has a rate
  std::vector<std::uint32_t> table;        ///< [its size] which one a source uses
  std::vector<std::uint64_t> table_begin;  ///< [n_tables + 1] into `thresholds`
  std::vector<std::uint32_t> thresholds;
};

/// What a protocol presents to an instance.
struct PresentedModel {
  std::vector<RatesInForce> rates;  ///< ascending by `after`; the last of them from the next step on
  std::vector<FileSpike> spikes;    ///< of steps that are over, and of those to come as if nothing changed
  bool learning = true;             ///< else weights and adaptive thresholds stay as they are
};

}  // namespace sharpwave::device
