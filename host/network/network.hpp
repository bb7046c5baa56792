// The network as the CPU engine holds it: state split into parts, synapses in rows that are pulled by
// (source, delay slot). docs/decisions/0003 says why, with measurements.
//
// Parts: T thread groups x S sub-blocks; the neuron with global id g is element g / P of part g mod P, P =
// T*S. Delays: slot k of a synapse with delay d steps is (d-1) / G; its cell within the part's accumulator is
// ((d-1) mod G) * cells_per_step + element, 16 bits. With G = 1 a slot is a step and a cell a neuron.
// Rows: one per source, ordered thread group -> delay slot -> sub-block -> channel; each such segment is a
// whole number of chunks of 8 synapses, filled up with weight 0. No chunk names a cell twice, so that a
// vector of 8 can be gathered, added and scattered.
// Dense projections of one weight and one delay are no synapses in rows but bits (docs/decisions/0008).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/base/huge_buffer.hpp"
#include "host/base/thread_pool.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// Where a synapse adds: the receptor's accumulator, after shifting its 16-bit weight onto that grid.
struct Channel {
  int receptor = 0;
  int shift = 0;
  bool operator==(const Channel&) const = default;
};

struct NetworkShape {
  std::uint32_t n_neurons = 0;       ///< all that are not virtual
  std::uint32_t n_sources = 0;       ///< neurons, then virtual sources
  std::uint32_t n_groups = 1;        ///< T
  std::uint32_t n_sub_blocks = 1;    ///< S
  std::uint32_t slot_width = 1;      ///< G, steps; a power of two
  std::uint32_t cells_per_step = 0;  ///< elements of the largest part, the dummy, and padding

  [[nodiscard]] std::uint32_t n_parts() const { return n_groups * n_sub_blocks; }
  [[nodiscard]] std::uint32_t part_size(std::uint32_t part) const {
    return (n_neurons + n_parts() - 1 - part) / n_parts();
  }
  /// The first element of `part` whose global id is at least `id`.
  [[nodiscard]] std::uint32_t first_element(std::uint32_t part, std::uint32_t id) const {
    return id <= part ? 0 : (id - part + n_parts() - 1) / n_parts();
  }
  /// Cell that padding adds its zeros to.
  [[nodiscard]] std::uint32_t dummy_cell() const { return cells_per_step - 1; }
};

/// The sources of one population, which share the shape of their rows.
struct SourceClass {
  std::uint32_t population = 0;
  std::uint32_t first_source = 0;
  std::uint32_t n_sources = 0;
  std::vector<std::uint32_t> slots;    ///< delay slots of the row: all from the first to the last that occur
  std::vector<std::uint8_t> channels;  ///< global channel of each channel of the row
  std::uint32_t stride = 0;            ///< offsets per row
  std::uint32_t max_slot_chunks = 0;   ///< the most that one row has in one slot for one group
  /// [n_sources][stride] chunks from the start of the row; segment i is [offset i, offset i+1).
  HugeBuffer<std::uint16_t> offsets16;
  HugeBuffer<std::uint32_t> offsets32;  ///< used instead where a row has more than 65,535 chunks

  [[nodiscard]] std::uint32_t segments_per_slot(const NetworkShape& shape) const {
    return shape.n_sub_blocks * static_cast<std::uint32_t>(channels.size());
  }
};

/// A projection of one weight and one delay whose pairs are dense: a bit for each pair instead of a synapse.
/// Pairs that are connected more than once have their further synapses in the rows.
struct PairBits {
  Slice source;
  std::uint32_t source_class = 0;
  std::uint32_t delay = 1;  ///< steps
  int receptor = 0;
  std::int64_t units = 0;           ///< weight on the receptor's grid
  std::uint32_t first_element = 0;  ///< bit i stands for element first_element + i of the part
  std::uint32_t n_elements = 0;
  HugeBuffer<std::uint64_t> bits;  ///< [source.size()][n_parts][words()]

  /// Words of one row in one part: whole vectors of 512 bits.
  [[nodiscard]] std::uint32_t words() const { return (n_elements + 511) / 512 * 8; }
};

/// The synapses of a plastic projection. Those of one part lie together: by source, then by delay, then as
/// they were drawn.
struct PlasticRows {
  struct OfPart {
    HugeBuffer<std::uint32_t> begin;  ///< [n_sources * n_delays + 1] of the synapses of one source and delay
    HugeBuffer<std::uint16_t> elements;  ///< the target within the part
    HugeBuffer<float> weights;           ///< magnitudes, as they are at first
  };
  std::uint32_t projection = 0;  ///< of the spec
  Slice source;
  std::uint32_t first_delay = 1;  ///< steps
  std::uint32_t n_delays = 1;     ///< from the first to the last that can occur
  int receptor = 0;
  double units_per_weight = 1;  ///< negative where the weights are
  std::vector<OfPart> parts;

  [[nodiscard]] std::uint32_t longest_delay() const { return first_delay + n_delays - 1; }
  [[nodiscard]] std::size_t row(std::uint32_t position, std::uint32_t delay) const {
    return std::size_t{position} * n_delays + (delay - first_delay);
  }
  [[nodiscard]] std::size_t n_synapses() const {
    std::size_t n = 0;
    for (const OfPart& part : parts) n += part.elements.size();
    return n;
  }
};

struct PopulationPlace {
  std::uint32_t first_source = 0;  ///< global id for populations that are not virtual
  int n_receptors = 0;             ///< 0 for virtual sources
  std::uint64_t multiplicity = 1;  ///< largest number of spikes of one element in one step
};

struct Network {
  NetworkShape shape;
  std::vector<PopulationPlace> places;  ///< per population of the spec
  std::vector<Channel> channels;
  std::vector<SourceClass> classes;      ///< ascending by first_source
  std::vector<int> class_of_population;  ///< -1 where nothing leaves it
  std::vector<PairBits> pair_bits;       ///< ascending by class, then by projection
  std::vector<PlasticRows> plastic;      ///< ascending by projection

  HugeBuffer<std::uint32_t> row_begin;    ///< [n_sources] first chunk
  HugeBuffer<std::uint32_t> synapses;     ///< float32: weight << 16 | cell
  HugeBuffer<std::uint16_t> wide_cells;   ///< float64: cell ...
  HugeBuffer<std::int64_t> wide_weights;  ///< ... and weight on the receptor's grid

  /// Grid exponent per population and receptor: a unit is 2^-exponent.
  std::vector<std::array<int, kMaxReceptors>> exponents;
  /// [n_neurons][kMaxReceptors] what all synapses of a neuron can add in one step, in units; at most
  /// INT64_MAX.
  std::vector<std::uint64_t> burdens;

  std::vector<std::uint32_t> out_degrees;  ///< [n_sources] synapses of each source
  std::uint32_t longest_delay = 1;         ///< steps, that a projection allows
  /// A sum over all synapses of what a mixing function makes of source, target, delay and weight.
  std::uint64_t connectivity_sum = 0;
  std::uint64_t n_synapses = 0;
  std::uint64_t n_chunks = 0;

  /// Does anything leave this population?
  [[nodiscard]] bool is_heard(std::uint32_t population) const {
    return class_of_population[population] >= 0 || std::ranges::any_of(plastic, [&](const PlasticRows& p) {
             return p.source.population == population;
           });
  }
};

/// The weight of an input on the grid of its receptor.
struct InputWeight {
  int receptor = 0;
  std::int64_t units = 0;
};

/// What the inputs of a description are on a network that was built for it, or for another one with the same
/// network_key(): the network itself depends on few of their properties.
struct PlacedInputs {
  std::vector<InputWeight> weights;  ///< per input of the spec
  bool wide_accumulators = false;    ///< int64, because the worst case exceeds int32
};
/// @throws Error(invalid_config) where a sum can exceed 64 bits, or a weight does not fit the grid.
[[nodiscard]] PlacedInputs place_inputs(const ModelSpec& spec, const Network& net);

/// Hex. Equal for descriptions whose networks are equal, for the same shape. Of inputs it tells apart what a
/// grid depends on: in float32 weights that change it, in float64 all weights and the largest counts.
/// @throws Error(invalid_config) as build_network().
[[nodiscard]] std::string network_key(const ModelSpec& spec);

/// First source id and receptors of every population; multiplicities are 1 until the builder sets them.
[[nodiscard]] std::vector<PopulationPlace> place_populations(const ModelSpec& spec);

/// Which accumulator a synapse of this sign adds to.
[[nodiscard]] int receptor_of(const PopulationPlace& target, double weight);

/// The delay slots that a projection can use, ascending.
[[nodiscard]] std::vector<std::uint32_t> used_slots(const ProjectionSpec& projection, double dt_ms,
                                                    std::uint32_t slot_width);

/// Delay in steps of a delay in ms: nearest step, at least one.
[[nodiscard]] std::uint32_t delay_steps(double delay_ms, double dt_ms);

/// Chooses sub-blocks and slot width from the sizes alone.
/// @throws Error(invalid_config) where the network has more elements than ids, or a delay is too long.
[[nodiscard]] NetworkShape choose_shape(const ModelSpec& spec, int threads);
/// The shape for a device: one group, as few sub-blocks as 16-bit cells allow, slots of a step.
[[nodiscard]] NetworkShape device_shape(const ModelSpec& spec);
/// The shape for owners on a device, at most `most_owners` (> 0): a group for each, slots as wide as the
/// longest delay or as 16-bit cells allow, and wider than a step, so that nothing is held as bits. A slot of
/// one step: an owner has too many neurons for that.
[[nodiscard]] NetworkShape owner_shape(const ModelSpec& spec, std::uint32_t most_owners);

/// Delays of the synapses that are not plastic.
struct DelaysByReceptor {
  std::uint32_t shortest = 1;  ///< steps, that a projection allows
  /// [longest delay] synapses with a delay of one step, two, ...; expected.
  std::array<std::vector<double>, kMaxReceptors> synapses;
};
[[nodiscard]] DelaysByReceptor delays_by_receptor(const ModelSpec& spec);

/// plan_network() for a given shape, built by `threads` threads.
[[nodiscard]] NetworkPlan plan_network(const ModelSpec& spec, const NetworkShape& shape, int threads);

/// The program with its libraries, before there is any network.
inline constexpr std::uint64_t kProgramBytes = std::uint64_t{14} << 20;
/// Of each run: threads, buffers, files that are open.
inline constexpr std::uint64_t kRunBytes = std::uint64_t{16} << 20;

/// What the neurons and inputs of a description hold besides synapses, upper estimate, and kRunBytes; without
/// what plastic projections know of spikes.
[[nodiscard]] std::uint64_t plan_state_bytes(const ModelSpec& spec, const NetworkShape& shape);

/// What a protocol can present, which all runs of a description share.
[[nodiscard]] double stimuli_bytes(const ModelSpec& spec);

/// Of a state as an engine saves it; of plastic synapses also what depends on how often neurons fire.
[[nodiscard]] double saved_state_bytes(const ModelSpec& spec, const NetworkShape& shape);

/// How many of them the host loop has at once, at most: for the watchdog, to go back to, and a checkpoint
/// that is being written.
struct StateCopies {
  std::uint64_t running = 0;
  std::uint64_t rebuilding = 0;  ///< while another network is built that the watchdog wants
};
[[nodiscard]] StateCopies plan_state_copies(const ModelSpec& spec);

/// Source and elements of a projection that is held as bits; nothing where it is held as synapses. Bits need
/// one delay and one weight (which parrots ignore), slots of a step, a rule that draws pairs or takes all,
/// and one synapse for 32 bits.
[[nodiscard]] std::optional<PairBits> pair_bits_of(const ModelSpec& spec, const ProjectionSpec& projection,
                                                   const std::vector<PopulationPlace>& places,
                                                   const NetworkShape& shape);

/// Expected synapses of a projection that are in rows: all, or the multapses beside bits.
[[nodiscard]] double expected_row_synapses(const ModelSpec& spec, const ProjectionSpec& projection,
                                           const std::vector<PopulationPlace>& places,
                                           const NetworkShape& shape);

/// Builds connectivity directly into its final layout, in parallel; the result does not depend on threads
/// except for where rows lie.
/// @param stop  asked now and then, by several threads; true ends construction.
/// @throws Error(invalid_config), Error(no_room), Error(interrupted).
[[nodiscard]] Network build_network(const ModelSpec& spec, const NetworkShape& shape, ThreadPool& pool,
                                    const CpuKernels& kernels, const std::function<bool()>& stop = {});

}  // namespace sharpwave
