// What the kernel of owners sees beyond device_views.hpp: who owns what, and where it lies in shared memory.
//
// An owner is a thread block that runs for many steps. Neuron g belongs to owner g mod n and is its element
// g div n; rows are cut by owner, so that each adds to the input of its own neurons alone. An owner keeps
// their state and the input of the next steps, the near window, in shared memory; what arrives later waits in
// the delay ring.
#pragma once

#include <cstdint>

#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// A population as owners need it.
struct OwnedPopulation {
  UpdateModel model = UpdateModel::exp;
  std::uint32_t first_source = 0;
  std::uint32_t end_source = 0;
  bool is_heard = false;             ///< do rows leave from here?
  std::uint32_t first_log_word = 0;  ///< of its first neuron, in a row of the log
  std::uint32_t first_input = 0;     ///< [first_input, end_input) of OwnerTables::inputs
  std::uint32_t end_input = 0;
};

/// Rows of one population: a row has `per_owner` segments for each owner, side by side.
struct OwnedRows {
  std::uint64_t first_segment = 0;  ///< of the first row
  std::uint32_t first_source = 0;
  std::uint32_t n_segments = 0;  ///< of a row
  std::uint32_t per_owner = 0;
  std::uint32_t first_kind = 0;  ///< of its segments' kinds, in their order
};

/// Of a segment: its delay slot, and what a synapse's 16-bit weight adds to.
struct SegmentKind {
  std::uint32_t first_delay = 1;  ///< steps, of the slot's first cell
  std::uint16_t receptor = 0;
  std::uint16_t shift = 0;
};

/// Small tables, which each owner copies into shared memory: what is read again after a barrier of the grid
/// would come from L2.
struct OwnerTables {
  const OwnedPopulation* populations = nullptr;  ///< [n_populations], of neurons, ascending
  std::uint32_t n_populations = 0;
  const std::uint32_t* population_ids = nullptr;  ///< [n_populations] in Instance::populations
  const OwnedRows* rows = nullptr;                ///< [n_rows], ascending by first_source
  std::uint32_t n_rows = 0;
  const SegmentKind* kinds = nullptr;  ///< [n_kinds]
  std::uint32_t n_kinds = 0;
  const std::uint32_t* inputs = nullptr;  ///< places in Instance::inputs, by population
};

/// Where an owner's arrays begin in its shared memory, in bytes; all are aligned for what they hold.
struct OwnerLayout {
  std::uint32_t populations = 0;  ///< Population [n_populations], with `parameters` of its own
  std::uint32_t rows = 0;         ///< OwnedRows [n_rows]
  std::uint32_t owned = 0;        ///< OwnedPopulation [n_populations]
  std::uint32_t parameters = 0;   ///< Real [n_populations][kMaxParameters]
  std::uint32_t kinds = 0;        ///< SegmentKind [n_kinds]
  std::uint32_t variables = 0;    ///< Real [n_variables][cells_per_step]
  std::uint32_t bias = 0;         ///< Real [cells_per_step]
  std::uint32_t window = 0;       ///< Acc [receptor][near_steps[receptor]][cells_per_step]
  std::uint32_t refractory = 0;   ///< std::int32_t [cells_per_step]
  std::uint32_t t_ref_steps = 0;  ///< std::int32_t [n_populations]
  std::uint32_t n_fired = 0;      ///< std::uint32_t [2] by parity of the step
  std::uint32_t population = 0;   ///< std::uint16_t [cells_per_step] of each element
  std::uint32_t end = 0;          ///< bytes in all
};

struct OwnerSizes {
  std::uint32_t cells_per_step = 0;
  std::uint32_t n_populations = 0;
  std::uint32_t n_rows = 0;
  std::uint32_t n_kinds = 0;
  std::uint32_t n_variables = 0;
  std::uint32_t real_bytes = 4;
  std::uint32_t acc_bytes = 4;
  std::uint32_t window_rows = 0;  ///< of all receptors
};

/// Arrays of wide elements come first: each begins at a multiple of what it holds.
constexpr OwnerLayout owner_layout(const OwnerSizes& n) {
  OwnerLayout layout;
  std::uint32_t end = 0;
  const auto place = [&end](std::uint32_t& begin, std::uint64_t bytes, std::uint32_t alignment) {
    begin = (end + alignment - 1) / alignment * alignment;
    end = begin + static_cast<std::uint32_t>(bytes);
  };
  const std::uint64_t cells = n.cells_per_step;
  place(layout.populations, std::uint64_t{n.n_populations} * sizeof(Population), 16);
  place(layout.rows, std::uint64_t{n.n_rows} * sizeof(OwnedRows), 8);
  place(layout.window, n.window_rows * cells * n.acc_bytes, 8);
  place(layout.variables, n.n_variables * cells * n.real_bytes, 8);
  place(layout.bias, cells * n.real_bytes, 8);
  place(layout.parameters, std::uint64_t{n.n_populations} * kMaxParameters * n.real_bytes, 8);
  place(layout.owned, std::uint64_t{n.n_populations} * sizeof(OwnedPopulation), 8);
  place(layout.kinds, std::uint64_t{n.n_kinds} * sizeof(SegmentKind), 4);
  place(layout.refractory, cells * sizeof(std::int32_t), 4);
  place(layout.t_ref_steps, std::uint64_t{n.n_populations} * sizeof(std::int32_t), 4);
  place(layout.n_fired, 2 * sizeof(std::uint32_t), 4);
  place(layout.population, cells * sizeof(std::uint16_t), 2);
  layout.end = end;
  return layout;
}

/// When an owner adds what the spikes of a step reach.
enum class OwnerSchedule : std::uint32_t {
  at_once,        ///< before it updates neurons: nothing overlaps with the barrier
  after_update,   ///< between arriving and waiting: no delay is of one step
  input_is_late,  ///< likewise, and updates end after it: who fires does not depend on what arrives
};

/// Who fired, from each owner to all. The first few lie with their number, so that one read of a warp brings
/// those of several owners; there is room for all elements of an owner. Of four steps, because an owner may
/// read those of one step while another, which has waited once more, writes those of the next but one.
inline constexpr std::uint32_t kLetterWords = 8;
inline constexpr std::uint32_t kLetterSteps = 4;
struct OwnerMail {
  std::uint32_t* letters = nullptr;  ///< [kLetterSteps][n_owners][kLetterWords] number, then sources
  std::uint32_t* rest = nullptr;  ///< [kLetterSteps][n_owners][cells_per_step] those beyond, from the front
};

/// Of a launch.
struct OwnerSteps {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  std::uint64_t log_first = 1;  ///< step of row 0 of the log
};

struct Owners {
  std::uint32_t n = 1;
  std::uint32_t n_neurons = 0;
  std::uint32_t n_variables = 0;
  std::uint32_t n_receptors = 1;
  std::uint32_t near_steps[kMaxReceptors] = {1, 1};  ///< that the window holds, at least 1
  bool has_far[kMaxReceptors] = {};                  ///< are there longer delays?
  std::uint32_t log_words = 0;                       ///< of a row of the log
  OwnerSchedule schedule = OwnerSchedule::at_once;
  OwnerSizes sizes;
  OwnerLayout layout;
  OwnerTables tables;
  OwnerMail mail;
  std::uint32_t* n_arrived = nullptr;  ///< of the barrier; 0 at a launch

  SHARPWAVE_HD std::uint32_t n_elements(std::uint32_t owner) const { return (n_neurons + n - 1 - owner) / n; }
};

}  // namespace sharpwave::device
