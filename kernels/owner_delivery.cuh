// What spikes reach among an owner's neurons: a warp for each few letters, a lane for each spike's row, all
// lanes for each segment's synapses.
#pragma once

#include "kernels/owner.cuh"

namespace sharpwave::device {

/// The owner's part of a row: a lane has one, while segments are delivered one after the other.
struct OwnedRow {
  std::uint64_t at = 0;  ///< of the next segment in Connections::segments
  std::uint64_t begin = 0;
  std::uint64_t end = 0;     ///< of its synapses
  std::uint32_t n_left = 0;  ///< segments, that one included
  std::uint32_t kind = 0;    ///< of that one
};

/// A segment that the whole warp works on.
struct OwnedSegment {
  std::uint64_t begin;
  std::uint32_t n;
  std::uint32_t kind;
};

/// One synapse as it lies there.
template <class Acc>
struct PackedSynapse {
  std::uint32_t cell;
  Acc weight;
};

/// Rows whose synapses are asked for before the first one's are used.
inline constexpr std::uint32_t kSegmentsTogether = 4;

template <class Real, class Acc>
class OwnerDelivery {
 public:
  /// @param step  whose spikes are delivered; one of the launch.
  __device__ OwnerDelivery(const Owner<Real, Acc>& owner, std::uint64_t step)
      : me_(owner), step_(step), row0_(owner.near_row(0, step)), row1_(owner.near_row(1, step)) {}

  /// Of the letters that a warp reads at once, one word a lane.
  __device__ std::uint32_t read_letters(std::uint32_t which) const {
    const std::uint32_t at = which * kWarp + me_.lane;
    if (at >= me_.owners.n * kLetterWords) return 0;
    return me_.owners.mail.letters[step_ % kLetterSteps * me_.owners.n * kLetterWords + at];
  }
  /// The row of the spike that a lane's word of them is, if it is one. Called by whole warps.
  __device__ OwnedRow open(std::uint32_t word) const {
    const std::uint32_t place = me_.lane % kLetterWords;
    const std::uint32_t n = __shfl_sync(kAllLanes, word, static_cast<int>(me_.lane - place));
    return find_row(place > 0 && place <= n, word);
  }
  /// Called by all threads; each warp with its first letters, as read_letters() and open() have brought them.
  __device__ void deliver(std::uint32_t word, OwnedRow row) const {
    deliver_rows(row);
    deliver_rest(me_.warp, word);
    const std::uint32_t n_words = me_.owners.n * kLetterWords;
    for (std::uint32_t which = me_.warp + me_.n_warps(); which * kWarp < n_words; which += me_.n_warps()) {
      const std::uint32_t further = read_letters(which);
      deliver_rows(open(further));
      deliver_rest(which, further);
    }
    for (const FileSpikes& list : me_.own.file_spikes)
      if (list.n > 0) deliver_file_spikes(list);
  }

 private:
  __device__ OwnedRow find_row(bool is_spike, std::uint32_t source) const {
    if (!is_spike) return {};
    std::uint32_t k = 0;
    for (std::uint32_t i = 1; i < me_.owners.tables.n_rows; ++i)
      k = me_.rows()[i].first_source <= source ? i : k;
    const OwnedRows& rows = me_.rows()[k];
    OwnedRow row;
    row.at = rows.first_segment + std::uint64_t{source - rows.first_source} * rows.n_segments +
             me_.id * rows.per_owner;
    row.begin = me_.connections.segments[row.at];
    row.end = me_.connections.segments[row.at + 1];
    row.n_left = rows.per_owner;
    row.kind = rows.first_kind;
    return row;
  }
  __device__ void deliver_rest(std::uint32_t which, std::uint32_t word) const;
  __device__ void deliver_file_spikes(const FileSpikes& list) const;
  __device__ void deliver_rows(OwnedRow row) const;
  __device__ void deliver_segments(std::uint32_t lanes, const OwnedSegment& of_lane) const;
  __device__ PackedSynapse<Acc> synapse(std::uint64_t at) const {
    const Connections& c = me_.connections;
    if constexpr (sizeof(Real) == sizeof(double))
      return {c.wide_cells[at], static_cast<Acc>(c.wide_weights[at])};
    const std::uint32_t packed = c.synapses[at];
    return {packed & 0xffffu, static_cast<Acc>(static_cast<std::int32_t>(packed) >> 16)};
  }
  __device__ void add(const SegmentKind& kind, const PackedSynapse<Acc>& synapse) const;

  const Owner<Real, Acc>& me_;
  std::uint64_t step_;
  std::uint32_t row0_, row1_;  ///< of the window, of `step_`, by receptor
};

// Where owners have fired more than their letters have words.
template <class Real, class Acc>
__device__ inline void OwnerDelivery<Real, Acc>::deliver_rest(std::uint32_t which, std::uint32_t word) const {
  for (std::uint32_t k = 0; k < kWarp / kLetterWords; ++k) {
    const std::uint32_t n = __shfl_sync(kAllLanes, word, static_cast<int>(k * kLetterWords));
    const std::uint32_t from = which * (kWarp / kLetterWords) + k;
    const std::uint32_t* const rest =
        me_.owners.mail.rest + (step_ % kLetterSteps * me_.owners.n + from) * me_.cells();
    for (std::uint32_t first = kLetterWords - 1; first < n; first += kWarp) {
      const bool is_spike = first + me_.lane < n;
      deliver_rows(find_row(is_spike, is_spike ? rest[first + me_.lane + 1 - kLetterWords] : 0));
    }
  }
}

template <class Real, class Acc>
__device__ inline void OwnerDelivery<Real, Acc>::deliver_file_spikes(const FileSpikes& list) const {
  const std::uint64_t end = list.first_at(step_ + 1);
  for (std::uint64_t first = list.first_at(step_) + me_.warp * kWarp; first < end;
       first += me_.n_warps() * kWarp) {
    const FileSpike spike =
        first + me_.lane < end ? list.events[first + me_.lane] : FileSpike{.source_class = kNone};
    deliver_rows(find_row(spike.source_class != kNone, spike.source));
  }
}

// The next segments' ends are asked for before the synapses of these are added.
template <class Real, class Acc>
__device__ inline void OwnerDelivery<Real, Acc>::deliver_rows(OwnedRow row) const {
  while (__ballot_sync(kAllLanes, row.n_left > 0 ? 1 : 0) != 0) {
    const OwnedSegment segment{row.begin, static_cast<std::uint32_t>(row.end - row.begin), row.kind};
    row.begin = row.end;
    row.n_left -= row.n_left > 0 ? 1 : 0;
    ++row.at;
    ++row.kind;
    if (row.n_left > 0) row.end = me_.connections.segments[row.at + 1];
    deliver_segments(__ballot_sync(kAllLanes, segment.n > 0 ? 1 : 0), segment);
  }
}

/// @param lanes  whose segments have synapses; each is handed to the whole warp.
template <class Real, class Acc>
__device__ inline void OwnerDelivery<Real, Acc>::deliver_segments(std::uint32_t lanes,
                                                                  const OwnedSegment& of_lane) const {
  while (lanes != 0) {
    OwnedSegment segments[kSegmentsTogether];
    std::uint32_t most = 0;
#pragma unroll
    for (OwnedSegment& segment : segments) {
      const int from = lanes != 0 ? __ffs(static_cast<int>(lanes)) - 1 : 0;
      segment = {__shfl_sync(kAllLanes, of_lane.begin, from), __shfl_sync(kAllLanes, of_lane.n, from),
                 __shfl_sync(kAllLanes, of_lane.kind, from)};
      if (lanes == 0) segment.n = 0;
      most = segment.n > most ? segment.n : most;
      lanes &= lanes - 1;
    }
    for (std::uint32_t j = me_.lane; j < most; j += kWarp) {
      PackedSynapse<Acc> synapses[kSegmentsTogether] = {};
#pragma unroll
      for (std::uint32_t k = 0; k < kSegmentsTogether; ++k)
        if (j < segments[k].n) synapses[k] = synapse(segments[k].begin + j);
#pragma unroll
      for (std::uint32_t k = 0; k < kSegmentsTogether; ++k)
        if (j < segments[k].n) add(me_.kinds()[segments[k].kind], synapses[k]);
    }
  }
}

// A slot's cells follow the window's, step after step: near ones need no division.
template <class Real, class Acc>
__device__ inline void OwnerDelivery<Real, Acc>::add(const SegmentKind& kind,
                                                     const PackedSynapse<Acc>& synapse) const {
  const std::uint32_t receptor = kind.receptor;
  const std::uint32_t near_steps = me_.owners.near_steps[receptor];
  const Acc units = synapse.weight * (Acc{1} << kind.shift);
  const std::uint32_t n_near = kind.first_delay <= near_steps ? near_steps + 1 - kind.first_delay : 0;
  if (synapse.cell < n_near * me_.cells()) {
    std::uint32_t at = ((receptor == 0 ? row0_ : row1_) + kind.first_delay) * me_.cells() + synapse.cell;
    while (at >= near_steps * me_.cells()) at -= near_steps * me_.cells();
    add_to(me_.window(receptor) + at, units);
    return;
  }
  const std::uint32_t late = synapse.cell / me_.cells();
  Acc* const row = me_.own.ring.row(receptor, step_ + kind.first_delay + late);
  add_to(row + me_.id * me_.own.ring.cells_of_owner + (synapse.cell - late * me_.cells()), units);
}

}  // namespace sharpwave::device
