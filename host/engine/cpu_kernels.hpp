// The loops of the CPU engine that are compiled once per instruction set and chosen when the program starts.
// Every variant computes the same bits: fma is explicit, contraction is off, and integer sums do not depend
// on their order. Plain pointers only: an inline function emitted in a file compiled for a higher
// instruction set could otherwise be linked into code that runs everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/current.hpp"
#include "kernels/distribution.hpp"
#include "kernels/mip.hpp"
#include "kernels/models.hpp"
#include "kernels/philox.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

inline constexpr std::uint32_t kChunk = 8;  ///< synapses that are delivered together

/// One population's neurons within one part. Pointers are rebased: element 0 is the first of them.
struct UpdateArguments {
  std::int32_t n = 0;
  void* state[kMaxStates] = {};                 ///< Real [n] each
  std::int32_t* refractory = nullptr;           ///< [n] steps left
  const void* parameters[kMaxParameters] = {};  ///< Real [n] each, or one value where shared
  const void* bias = nullptr;                   ///< Real [n], or one value: mV a step of constant current
  const std::int32_t* t_ref_steps = nullptr;    ///< [n], or one value
  std::int32_t substeps = 1;                    ///< read by the `_any` models
  void* input[kMaxReceptors] = {};              ///< accumulator [n]; set to zero when read
  double input_scale[kMaxReceptors] = {};       ///< value of one unit
  std::uint32_t first_id = 0;                   ///< global id of element 0
  std::uint32_t id_stride = 1;
  std::uint32_t* spikes = nullptr;  ///< room for n ids
};

/// Poisson counts of `n` elements for four consecutive steps.
struct PoissonArguments {
  PhiloxKey key;
  std::uint64_t first_index = 0;  ///< index of element 0 in the random stream
  std::uint64_t index_stride = 1;
  std::uint64_t draw = 0;  ///< (step - 1) / 4
  const std::uint32_t* thresholds = nullptr;
  std::uint32_t n_thresholds = 0;
  std::uint32_t n = 0;
  std::uint64_t* counts = nullptr;  ///< [n] four counts of 16 bits, the first step's lowest
};

/// Of an element of PoissonArguments::counts.
constexpr std::uint16_t poisson_count_of(std::uint64_t counts, std::uint32_t of_four) {
  return static_cast<std::uint16_t>(counts >> (16 * of_four));
}

/// Copies of one step's events of a mother train to `n` elements.
struct MipArguments {
  MipCopies copies;
  std::uint32_t first_index = 0;  ///< index of element 0 within its population
  std::uint32_t index_stride = 1;
  std::uint64_t step = 0;
  std::int32_t n_events = 0;
  std::uint32_t n = 0;
  std::uint64_t* counts = nullptr;  ///< [n] the count, in the place of the first of four
};

/// The last spikes of a neuron, the newest first, and what an arrival finds of its trace: all that most
/// arrivals at a plastic synapse look at.
struct alignas(16) RecentSpikes {
  static constexpr std::int32_t kNStamps = 6;
  float found = 0;  ///< by arrivals of one origin, see CpuKernels::find_traces; below 0: look for yourself
  std::uint16_t stamps[kNStamps] = {};  ///< steps on a clock of their owner's; 0: none, or before it began
};
/// Of the first of these, the traces.
struct alignas(16) RecentTraces {
  static constexpr std::int32_t kNTraces = 3;
  float traces[kNTraces] = {};
  float unused = 0;
};
/// Arrays of both have room for so many more than they are asked about, less one.
inline constexpr std::uint32_t kRecentLanes = 16;

/// What arrivals of one origin find of the traces of targets. Times are on the clock of RecentSpikes.
struct StdpTraceArguments {
  const StdpConstants* constants = nullptr;  ///< see takes_rows()
  std::int32_t origin = 0;
  RecentSpikes* spikes = nullptr;  ///< [n]
  const RecentTraces* traces = nullptr;
  std::uint32_t n = 0;
};

/// A spike that reaches the synapses of one row, as PreSpike. Times are on the clock of RecentSpikes; of
/// those before the first of it there is none that matters.
struct StdpRowArguments {
  static constexpr std::int32_t kNever = 1 << 30;  ///< after all spikes

  const StdpConstants* constants = nullptr;  ///< see takes_rows()
  std::int32_t origin = 0;
  std::int32_t end = 0;         ///< the last step of a target that it takes notice of
  std::int32_t after = kNever;  ///< likewise when the row was up to date last; kNever: no spike was before
  std::int32_t last = 0;        ///< the origin of that
  std::int32_t between = 0;     ///< from the origin of the one before that to `last`
  float trace_at_last = 0;      ///< of the source
  float trace_after_last = 0;
  double units_per_weight = 1;  ///< a power of two, its negative, or 0

  const std::uint16_t* elements = nullptr;  ///< [n], in any order
  float* weights = nullptr;                 ///< [n]
  std::uint32_t n = 0;
  const std::uint16_t* next_elements =
      nullptr;                           ///< of the row to come, which are fetched meanwhile; null: none
  const float* next_weights = nullptr;   ///< likewise
  const RecentSpikes* spikes = nullptr;  ///< of each element
  const RecentTraces* traces = nullptr;  ///< likewise; null: find_traces() has been called for this origin
  std::int32_t* narrow = nullptr;        ///< accumulators: either these
  std::int64_t* wide = nullptr;          ///< or those
  std::uint32_t* left = nullptr;         ///< room for n
  StdpCounts* counts = nullptr;
};

/// Rules that CpuKernels::stdp_row knows: pairs, without powers in depression, where all spikes learn. Tables
/// of a few million steps keep its sums of times within 32 bits.
[[gnu::always_inline]] inline bool takes_rows(const StdpConstants& c) {
  constexpr std::int64_t kLongest = 1 << 22;
  const bool has_pairs = c.pairing == StdpPairing::all_to_all || c.pairing == StdpPairing::symmetric;
  const bool has_power_of_minus = c.mu_minus != 0.0f && c.mu_minus != 1.0f;
  const bool has_more = c.triplet_plus != 0.0f || c.triplet_minus != 0.0f || c.per_pre != 0.0f;
  const bool may_strengthen_itself = c.minus < 0.0f;
  return has_pairs && !has_power_of_minus && !has_more && !may_strengthen_itself &&
         c.decay_plus.size <= kLongest && c.decay_minus.size <= kLongest;
}

struct CpuKernels {
  const char* name;

  /// The four words of philox(key, index, first_draw + i) for i < n.
  void (*philox_words)(PhiloxKey key, std::uint64_t index, std::uint64_t first_draw, std::uint32_t n,
                       std::uint32_t* w0, std::uint32_t* w1, std::uint32_t* w2, std::uint32_t* w3);
  /// draw() at the uniform of each word.
  void (*draw_values)(const DrawParameters& parameters, const std::uint32_t* words, std::uint32_t n,
                      double* out);
  /// nearest_within() of each value.
  void (*to_int32)(const double* values, std::uint32_t n, double scale, double low, double high,
                   std::int32_t* out);
  /// Does any chunk of kChunk synapses name a cell twice? `n` need not be a multiple of kChunk.
  bool (*has_conflict)(const std::uint32_t* synapses, std::uint32_t n);

  /// acc[cell] += weight << shift over whole chunks. `chunks` is readable up to n + kPrefetchAhead.
  void (*pull_int32)(const std::uint32_t* chunks, std::uint64_t n, const std::uint32_t* synapses,
                     std::int32_t* acc, int shift);
  void (*pull_int64)(const std::uint32_t* chunks, std::uint64_t n, const std::uint32_t* synapses,
                     std::int64_t* acc, int shift);
  void (*pull_wide)(const std::uint32_t* chunks, std::uint64_t n, const std::uint16_t* cells,
                    const std::int64_t* weights, std::int64_t* acc);

  /// acc[i] += weight * (number of rows whose bit i is set), i < n. Rows are whole vectors of 512 bits.
  void (*add_bits_int32)(const std::uint64_t* const* rows, std::size_t n_rows, std::uint32_t n,
                         std::int32_t weight, std::int32_t* acc);
  void (*add_bits_int64)(const std::uint64_t* const* rows, std::size_t n_rows, std::uint32_t n,
                         std::int64_t weight, std::int64_t* acc);

  /// Sets RecentSpikes::found.
  void (*find_traces)(const StdpTraceArguments& arguments);
  /// Brings the synapses of a row up to date as StdpSynapse::on_pre() does, and delivers them. Those of
  /// which RecentSpikes does not tell enough it leaves alone, writes to `left`, and returns their number.
  std::uint32_t (*stdp_row)(const StdpRowArguments& arguments);

  void (*poisson_counts)(const PoissonArguments& arguments);
  /// acc[i] += weight * (count number `of_four` of element i)
  void (*add_poisson_int32)(const std::uint64_t* counts, std::uint32_t of_four, std::uint32_t n,
                            std::int32_t weight, std::int32_t* acc);
  void (*add_poisson_int64)(const std::uint64_t* counts, std::uint32_t of_four, std::uint32_t n,
                            std::int64_t weight, std::int64_t* acc);
  /// counts[i] = mip_count(copies, first_index + i * index_stride, step, n_events)
  void (*mip_counts)(const MipArguments& arguments);
  /// sum[i] += current_at(source, first_index + i * index_stride, step), i < n
  void (*add_current)(const CurrentSource& source, std::uint32_t first_index, std::uint32_t index_stride,
                      std::uint64_t step, std::uint32_t n, double* sum);
  /// into[i] += from[i]; from[i] = 0
  void (*merge_int32)(std::int32_t* into, std::int32_t* from, std::size_t n);
  void (*merge_int64)(std::int64_t* into, std::int64_t* from, std::size_t n);

  /// Advances n neurons one step; returns how many ids it wrote to `spikes`, ascending.
  /// Indexed [model][arithmetic][parameters, bias and t_ref are per neuron].
  std::uint32_t (*update[kUpdateModelCount][kArithmeticCount][2])(const UpdateArguments& arguments);
  /// Are all values of `state` [n_states][n] finite, and those of the first, V, at most `bound_mV` (finite)
  /// away from 0? Indexed [float, double].
  bool (*all_sound[2])(const void* const* state, int n_states, std::int32_t n, double bound_mV);
};

inline constexpr std::uint32_t kPrefetchAhead = 64;  ///< chunks; hides DRAM at 24-64 (measured)

/// The best variant for this processor; SHARPWAVE_ISA=avx2|avx512 in the environment chooses another.
/// @throws Error(no_device) where the one asked for is unknown or not supported here.
[[nodiscard]] const CpuKernels& select_cpu_kernels();

/// Does this processor scatter a vector slower than it adds its eight lanes to memory one by one? Those of
/// AMD do (docs/decisions/0004).
[[nodiscard]] bool scatters_slowly();

extern const CpuKernels kCpuKernelsAvx2;
extern const CpuKernels kCpuKernelsAvx512;

}  // namespace sharpwave
