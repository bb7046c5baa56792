// One thread's work on the rows of the network, one after the other.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "host/base/error.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/distribution.hpp"
#include "host/network/grids.hpp"
#include "host/network/network.hpp"
#include "kernels/synapse_sum.hpp"

namespace sharpwave {

// Hands out runs of chunks from one reservation.
class ChunkArena {
 public:
  explicit ChunkArena(std::uint64_t capacity) : capacity_(capacity) {}
  std::uint64_t take(std::uint64_t n) {
    const std::uint64_t begin = next_.fetch_add(n, std::memory_order_relaxed);
    SHARPWAVE_ASSERT(begin + n <= capacity_);
    return begin;
  }
  [[nodiscard]] std::uint64_t used() const { return next_.load(); }

 private:
  std::uint64_t capacity_;
  std::atomic<std::uint64_t> next_{0};
};

// Division of a 32-bit number by a small constant.
class Divider {
 public:
  explicit Divider(std::uint32_t divisor)
      : factor_(divisor > 1 ? ~std::uint64_t{0} / divisor + 1 : 0), divisor_(divisor) {}
  [[nodiscard]] std::uint32_t quotient(std::uint32_t x) const {
    if (factor_ == 0) return x;
    return static_cast<std::uint32_t>((static_cast<unsigned __int128>(factor_) * x) >> 64);
  }
  [[nodiscard]] std::uint32_t divisor() const { return divisor_; }

 private:
  std::uint64_t factor_;
  std::uint32_t divisor_;
};

// What building a row needs to know about one projection of its class.
struct RowPlan {
  const ProjectionSpec* projection = nullptr;
  const Connectivity* connectivity = nullptr;
  const ProjectionGrid* grid = nullptr;
  std::uint32_t target_first = 0;
  bool to_parrot = false;
  DrawParameters weight, delay;
  const std::vector<double>* weight_list = nullptr;
  const std::vector<double>* delay_list = nullptr;
  std::array<int, 2> exponent{};           // of the stored weight, by sign
  std::array<std::uint32_t, 2> channel{};  // within the row, by sign
  // Multiplicity x largest |units| that a synapse adds in a step; the largest u64 where that exceeds 64 bits.
  std::array<std::uint64_t, 2> burden{};
  std::uint32_t first_delay = 1, last_delay = 1;  // steps
  int pair_bits = -1;                             // index into Network::pair_bits, or synapses
};

/// What follows from the projection's weights and delays alone.
void set_draws(RowPlan& plan, double dt_ms);
/// Of the synapses in a row: delays in steps, and weights as they are drawn.
/// @param scratch  grows as needed.
void draw_row_delays(const RowPlan& plan, const SynapseRow& row, double dt_ms, const CpuKernels& kernels,
                     std::vector<double>& scratch, std::vector<std::int32_t>& delays);
void draw_row_weights(const RowPlan& plan, const SynapseRow& row, const CpuKernels& kernels,
                      std::vector<double>& weights);

// Thrown where a row has more chunks than 16-bit offsets can name: all rows are then built with 32 bits.
struct OffsetOverflow {};

// What the threads of one construction share.
struct Construction {
  const ModelSpec& spec;
  const CpuKernels& kernels;
  Network& net;
  const std::function<bool()>& stop;
  bool wide_weights = false;
  std::uint64_t allocation = 0;                     // chunks that a thread takes at a time
  std::vector<std::vector<RowPlan>> plans;          // per class
  std::vector<std::vector<std::uint64_t>> burdens;  // per thread [n_neurons * kMaxReceptors]
  std::atomic<bool> burden_overflow{false};
  std::atomic<std::uint64_t> connectivity_sum{0};
};

/// Fills Network::classes, with places for pair bits, and the plans of their rows.
/// @param connectivities  empty where who is connected to whom is known elsewhere.
void make_classes(Construction& construction, const Grids& grids, const Connectivities& connectivities);

/// Adds up Construction::burdens.
/// @throws Error(invalid_config) where they exceed 64 bits.
[[nodiscard]] std::vector<std::uint64_t> all_burdens(const Construction& construction);

/// @throws Error(interrupted) where construction is to end.
void expect_no_stop(const std::function<bool()>& stop);
/// @throws Error(no_room) where that many synapses in rows are more than can be addressed.
void expect_addressable(double n_synapses);
/// Of all projections, upper estimate.
[[nodiscard]] double most_row_synapses(const Construction& construction);

// One thread's work on one row after the other.
class RowBuilder {
 public:
  RowBuilder(Construction& construction, ChunkArena& arena, int thread)
      : b_(construction),
        arena_(arena),
        burden_(construction.burdens[static_cast<std::size_t>(thread)]),
        by_parts_(construction.net.shape.n_parts()) {}

  template <class Offset>
  void build(SourceClass& c, const std::vector<RowPlan>& plans, std::uint32_t index, Offset* offsets) {
    collect(c, plans, index);
    sort_by_segment(c);
    std::uint64_t chunks = 0;
    const auto n_segments = static_cast<std::uint32_t>(counts_.size());
    const std::uint32_t* packed = sorted_.data();
    for (std::uint32_t s = 0; s < n_segments; ++s) {
      store_offset(offsets[s], chunks);
      chunks += chunks_needed(packed, counts_[s]);
      packed += counts_[s];
    }
    store_offset(offsets[n_segments], chunks);
    const std::uint32_t per_slot = c.segments_per_slot(b_.net.shape);
    std::uint32_t most = 0;
    for (std::uint32_t s = 0; s < n_segments; s += per_slot)
      most = std::max<std::uint32_t>(most, static_cast<std::uint32_t>(offsets[s + per_slot]) - offsets[s]);
    raise(c.max_slot_chunks, most);
    const std::uint64_t first = place(chunks);
    if (first + chunks > std::numeric_limits<std::uint32_t>::max())
      throw Error(ExitCode::no_room,
                  "the network has more than 3.4e10 synapses, padding included: they cannot be addressed");
    b_.net.row_begin[c.first_source + index] = static_cast<std::uint32_t>(first);
    std::uint32_t begin = 0;
    for (std::uint32_t s = 0; s < n_segments; ++s) {
      write_segment(begin, counts_[s], (first + offsets[s]) * kChunk, offsets[s + 1] - offsets[s]);
      begin += counts_[s];
    }
    b_.net.out_degrees[c.first_source + index] = begin + n_bits_set_;
  }

  ~RowBuilder() {
    if (burden_overflow_) b_.burden_overflow = true;
    b_.connectivity_sum.fetch_add(connectivity_sum_, std::memory_order_relaxed);
  }
  RowBuilder(const RowBuilder&) = delete;
  RowBuilder& operator=(const RowBuilder&) = delete;

 private:
  template <class Offset>
  static void store_offset(Offset& place, std::uint64_t chunks) {
    if (chunks > std::numeric_limits<Offset>::max()) throw OffsetOverflow{};
    place = static_cast<Offset>(chunks);
  }

  // Other threads may raise the same value.
  static void raise(std::uint32_t& value, std::uint32_t to) {
    const std::atomic_ref<std::uint32_t> shared(value);
    std::uint32_t known = shared.load(std::memory_order_relaxed);
    while (known < to && !shared.compare_exchange_weak(known, to, std::memory_order_relaxed)) {
    }
  }

  void collect(const SourceClass& c, const std::vector<RowPlan>& plans, std::uint32_t index);
  void add_projection(const SourceClass& c, const RowPlan& plan, std::uint32_t index, std::uint32_t position);
  bool set_bit(const RowPlan& plan, std::uint32_t position, std::uint32_t part, std::uint32_t element);
  void draw_weights(const RowPlan& plan);
  void sort_by_segment(const SourceClass& c);
  std::uint32_t chunks_needed(const std::uint32_t* packed, std::uint32_t n);
  void write_segment(std::uint32_t begin, std::uint32_t n, std::uint64_t first, std::uint32_t n_chunks);
  std::uint64_t place(std::uint64_t chunks);

  Construction& b_;
  ChunkArena& arena_;
  std::vector<std::uint64_t>& burden_;
  Divider by_parts_;
  SynapseRow row_;
  std::vector<double> values_;
  std::vector<std::int32_t> delays_, weights_;
  std::vector<std::int64_t> wide_weights_;
  // The row in order of generation, then by segment: cell and 16-bit weight packed, or cell and position.
  std::vector<std::uint32_t> packed_, segment_, sorted_, counts_, next_, order_;
  std::vector<std::int64_t> row_weights_, sorted_weights_;
  std::vector<std::uint32_t> slot_place_;  // delay slot -> place among the class's slots
  const SourceClass* slot_class_ = nullptr;
  std::uint64_t arena_next_ = 0;
  std::uint64_t arena_end_ = 0;
  std::uint32_t n_bits_set_ = 0;  // of this row
  bool burden_overflow_ = false;
  std::uint64_t connectivity_sum_ = 0;
};

}  // namespace sharpwave
