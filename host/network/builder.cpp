// Construction directly into the final layout: each thread makes whole rows in its own cache and writes each
// once. Where a row lies depends on threads; what it holds does not.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>

#include "host/base/error.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/distribution.hpp"
#include "host/network/grids.hpp"
#include "host/network/network.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

// Chunks that a thread takes at a time: at most 1 MiB of synapses, less for small networks.
constexpr std::uint64_t kMaxAllocation = 1u << 15;

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
};

// Set where a row has more chunks than 16-bit offsets can name: the class is then built with 32 bits.
struct OffsetOverflow {};

struct Builder {
  const ModelSpec& spec;
  ThreadPool& pool;
  const CpuKernels& kernels;
  Network& net;
  bool wide_weights;
  std::uint64_t allocation = kMaxAllocation;
  std::vector<std::vector<RowPlan>> plans;          // per class
  std::vector<std::vector<std::uint64_t>> burdens;  // per thread [n_neurons * kMaxReceptors]
  std::atomic<bool> burden_overflow{false};
  std::atomic<std::uint64_t> n_synapses{0};

  void make_classes(const Grids& grids, const Connectivities& connectivities);
  void build_rows(bool wide_offsets);
};

// One thread's work on one row after the other.
class RowBuilder {
 public:
  RowBuilder(Builder& builder, ChunkArena& arena, int thread)
      : b_(builder),
        arena_(arena),
        burden_(builder.burdens[static_cast<std::size_t>(thread)]),
        by_parts_(builder.net.shape.n_parts()) {}

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
    n_synapses_ += begin;
  }

  ~RowBuilder() {
    b_.n_synapses.fetch_add(n_synapses_, std::memory_order_relaxed);
    if (burden_overflow_) b_.burden_overflow = true;
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
  void add_projection(const SourceClass& c, const RowPlan& plan, std::uint32_t position);
  void draw_delays(const RowPlan& plan);
  void draw_weights(const RowPlan& plan);
  void sort_by_segment(const SourceClass& c);
  std::uint32_t chunks_needed(const std::uint32_t* packed, std::uint32_t n);
  void write_segment(std::uint32_t begin, std::uint32_t n, std::uint64_t first, std::uint32_t n_chunks);
  std::uint64_t place(std::uint64_t chunks);

  Builder& b_;
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
  std::uint64_t n_synapses_ = 0;
  bool burden_overflow_ = false;
};

void RowBuilder::draw_delays(const RowPlan& plan) {
  const double dt = b_.spec.simulation.dt_ms;
  delays_.resize(row_.n);
  if (plan.delay_list != nullptr) {
    for (std::uint32_t j = 0; j < row_.n; ++j)
      delays_[j] = static_cast<std::int32_t>(delay_steps((*plan.delay_list)[row_.element[j]], dt));
  } else if (plan.delay.kind == DrawKind::constant) {
    std::fill_n(delays_.begin(), row_.n, static_cast<std::int32_t>(delay_steps(plan.delay.a, dt)));
  } else {
    values_.resize(row_.n);
    b_.kernels.draw_values(plan.delay, row_.delay_words.data(), row_.n, values_.data());
    b_.kernels.to_int32(values_.data(), row_.n, 1.0 / dt, plan.first_delay, plan.last_delay, delays_.data());
  }
}

void RowBuilder::draw_weights(const RowPlan& plan) {
  const bool wide = b_.wide_weights;
  values_.resize(row_.n);
  if (plan.to_parrot) {
    std::fill_n(values_.begin(), row_.n, 1.0);
  } else if (plan.weight_list != nullptr) {
    for (std::uint32_t j = 0; j < row_.n; ++j) values_[j] = (*plan.weight_list)[row_.element[j]];
  } else {
    b_.kernels.draw_values(plan.weight, row_.weight_words.data(), row_.n, values_.data());
  }
  if (wide) {
    wide_weights_.resize(row_.n);
    for (std::uint32_t j = 0; j < row_.n; ++j)
      wide_weights_[j] = to_grid(values_[j], plan.exponent[values_[j] < 0 ? 1 : 0]);
  } else {
    weights_.resize(row_.n);
    b_.kernels.to_int32(values_.data(), row_.n, power_of_two(plan.exponent[0]), -32767, 32767,
                        weights_.data());
  }
}

void RowBuilder::add_projection(const SourceClass& c, const RowPlan& plan, std::uint32_t position) {
  plan.connectivity->fill(position, row_);
  draw_delays(plan);
  draw_weights(plan);
  const NetworkShape& shape = b_.net.shape;
  const std::uint32_t per_slot = c.segments_per_slot(shape);
  const auto per_group = static_cast<std::uint32_t>(c.slots.size()) * per_slot;
  const auto n_channels = static_cast<std::uint32_t>(c.channels.size());
  const Slice& target = plan.projection->target;
  const auto width_bits = static_cast<std::uint32_t>(__builtin_ctz(shape.slot_width));
  const std::size_t old = packed_.size();
  packed_.resize(old + row_.n);
  segment_.resize(old + row_.n);
  if (b_.wide_weights)
    row_weights_.insert(row_weights_.end(), wide_weights_.begin(), wide_weights_.begin() + row_.n);
  for (std::uint32_t j = 0; j < row_.n; ++j) {
    const std::uint32_t id = plan.target_first + target[row_.target[j]];
    const std::uint32_t element = by_parts_.quotient(id);
    const std::uint32_t part = id - element * by_parts_.divisor();
    const std::uint32_t group = part / shape.n_sub_blocks;
    const std::uint32_t sub_block = part - group * shape.n_sub_blocks;
    const std::uint32_t late = static_cast<std::uint32_t>(delays_[j]) - 1;
    const std::uint32_t slot = slot_place_[late >> width_bits];
    const std::uint32_t cell = (late & (shape.slot_width - 1)) * shape.cells_per_step + element;
    const std::size_t sign = (b_.wide_weights ? wide_weights_[j] < 0 : weights_[j] < 0) ? 1 : 0;
    const std::uint32_t s = group * per_group + slot * per_slot + sub_block * n_channels + plan.channel[sign];
    segment_[old + j] = s;
    ++counts_[s];
    packed_[old + j] = b_.wide_weights ? cell : cell | (static_cast<std::uint32_t>(weights_[j]) << 16);
    std::uint64_t& burden =
        burden_[std::size_t{id} * kMaxReceptors + static_cast<std::size_t>(plan.grid->receptor[sign])];
    burden_overflow_ |= __builtin_add_overflow(burden, plan.burden[sign], &burden);
  }
}

void RowBuilder::collect(const SourceClass& c, const std::vector<RowPlan>& plans, std::uint32_t index) {
  if (slot_class_ != &c) {
    slot_class_ = &c;
    slot_place_.assign(c.slots.empty() ? 0 : c.slots.back() + 1, 0);
    for (std::uint32_t k = 0; k < c.slots.size(); ++k) slot_place_[c.slots[k]] = k;
  }
  packed_.clear();
  segment_.clear();
  row_weights_.clear();
  counts_.assign(c.stride - 1, 0);
  for (const RowPlan& plan : plans) {
    const Slice& source = plan.projection->source;
    if (index < source.start || index >= source.stop || (index - source.start) % source.stride != 0) continue;
    add_projection(c, plan, (index - source.start) / source.stride);
  }
}

void RowBuilder::sort_by_segment(const SourceClass& c) {
  next_.resize(c.stride - 1);
  std::uint32_t sum = 0;
  for (std::size_t s = 0; s < next_.size(); ++s) {
    next_[s] = sum;
    sum += counts_[s];
  }
  sorted_.resize(sum);
  if (!b_.wide_weights) {
    for (std::uint32_t j = 0; j < sum; ++j) sorted_[next_[segment_[j]]++] = packed_[j];
    return;
  }
  sorted_weights_.resize(sum);
  for (std::uint32_t j = 0; j < sum; ++j) {
    const std::uint32_t to = next_[segment_[j]]++;
    sorted_[to] = packed_[j];
    sorted_weights_[to] = row_weights_[j];
  }
}

// Chunks that hold n synapses without naming a cell twice: as many as the most frequent cell needs.
std::uint32_t RowBuilder::chunks_needed(const std::uint32_t* packed, std::uint32_t n) {
  const std::uint32_t full = (n + kChunk - 1) / kChunk;
  if (n < 2 || !b_.kernels.has_conflict(packed, n)) return full;
  order_.assign(packed, packed + n);
  for (std::uint32_t& x : order_) x &= 0xffffu;
  std::sort(order_.begin(), order_.end());
  std::uint32_t most = 1;
  for (std::uint32_t j = 1, run = 1; j < n; ++j) {
    run = order_[j] == order_[j - 1] ? run + 1 : 1;
    most = std::max(most, run);
  }
  return std::max(full, most);
}

std::uint64_t RowBuilder::place(std::uint64_t chunks) {
  if (arena_next_ + chunks > arena_end_) {
    // Long rows get a run of their own, so that no more than an eighth of an allocation is left behind.
    if (chunks > b_.allocation / 8) return arena_.take(chunks);
    arena_next_ = arena_.take(b_.allocation);
    arena_end_ = arena_next_ + b_.allocation;
  }
  return std::exchange(arena_next_, arena_next_ + chunks);
}

void RowBuilder::write_segment(std::uint32_t begin, std::uint32_t n, std::uint64_t first,
                               std::uint32_t n_chunks) {
  if (n_chunks == 0) return;
  Network& net = b_.net;
  const std::uint32_t dummy = net.shape.dummy_cell();
  const bool conflict = n > 1 && b_.kernels.has_conflict(sorted_.data() + begin, n);
  const std::uint64_t end = first + std::uint64_t{n_chunks} * kChunk;
  const auto put = [&](std::uint64_t to, std::uint32_t from) {
    if (b_.wide_weights) {
      net.wide_cells[to] = static_cast<std::uint16_t>(sorted_[from]);
      net.wide_weights[to] = sorted_weights_[from];
    } else {
      net.synapses[to] = sorted_[from];
    }
  };
  // Weights are zero already: the pages are fresh.
  const auto pad = [&](std::uint64_t to) {
    if (b_.wide_weights)
      net.wide_cells[to] = static_cast<std::uint16_t>(dummy);
    else
      net.synapses[to] = dummy;
  };
  if (!conflict) {
    for (std::uint32_t j = 0; j < n; ++j) put(first + j, begin + j);
    for (std::uint64_t to = first + n; to < end; ++to) pad(to);
    return;
  }
  // Sorted by cell and dealt out one chunk after the other, equal cells land in different chunks.
  for (std::uint64_t to = first; to < end; ++to) pad(to);
  order_.resize(n);
  for (std::uint32_t j = 0; j < n; ++j) order_[j] = begin + j;
  std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t x, std::uint32_t y) {
    return (sorted_[x] & 0xffffu) < (sorted_[y] & 0xffffu);
  });
  for (std::uint32_t j = 0; j < n; ++j)
    put(first + std::uint64_t{j % n_chunks} * kChunk + j / n_chunks, order_[j]);
}

std::uint32_t channel_of(Network& net, SourceClass& c, Channel channel) {
  auto known = std::find(net.channels.begin(), net.channels.end(), channel);
  if (known == net.channels.end()) known = net.channels.insert(known, channel);
  const auto id = static_cast<std::size_t>(known - net.channels.begin());
  SHARPWAVE_ASSERT(id < 256);
  auto own = std::find(c.channels.begin(), c.channels.end(), static_cast<std::uint8_t>(id));
  if (own == c.channels.end()) own = c.channels.insert(own, static_cast<std::uint8_t>(id));
  return static_cast<std::uint32_t>(own - c.channels.begin());
}

void Builder::make_classes(const Grids& grids, const Connectivities& connectivities) {
  const NetworkShape& shape = net.shape;
  net.class_of_population.assign(spec.populations.size(), -1);
  std::vector<std::uint32_t> order(spec.populations.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    return net.places[x].first_source < net.places[y].first_source;
  });
  for (const std::uint32_t population : order) {
    SourceClass c{.population = population,
                  .first_source = net.places[population].first_source,
                  .n_sources = spec.populations[population].size};
    std::vector<RowPlan> class_plans;
    for (std::size_t k = 0; k < spec.projections.size(); ++k) {
      const ProjectionSpec& p = spec.projections[k];
      if (p.source.population != population || p.source.size() == 0 || p.target.size() == 0) continue;
      RowPlan plan{
          .projection = &p,
          .connectivity = connectivities[k].get(),
          .grid = &grids.projections[k],
          .target_first = net.places[p.target.population].first_source,
          .to_parrot = std::holds_alternative<ParrotSpec>(spec.populations[p.target.population].kind)};
      if (const auto* list = std::get_if<std::vector<double>>(&p.weight))
        plan.weight_list = list;
      else
        plan.weight = draw_parameters(std::get<Distribution>(p.weight));
      if (const auto* list = std::get_if<std::vector<double>>(&p.delay_ms))
        plan.delay_list = list;
      else
        plan.delay = draw_parameters(std::get<Distribution>(p.delay_ms));
      const Range delays = range_of(p.delay_ms);
      plan.first_delay = delay_steps(delays.low, spec.simulation.dt_ms);
      plan.last_delay = delay_steps(delays.high, spec.simulation.dt_ms);
      for (const std::size_t sign : {0u, 1u}) {
        if (!plan.grid->occurs[sign]) continue;
        const int receptor = plan.grid->receptor[sign];
        plan.channel[sign] = channel_of(net, c, {receptor, plan.grid->shift[sign]});
        const int receptor_exponent =
            grids.exponents[p.target.population][static_cast<std::size_t>(receptor)];
        plan.exponent[sign] = wide_weights ? receptor_exponent : plan.grid->exponent;
        const auto units = static_cast<std::uint64_t>(to_grid(plan.grid->largest[sign], plan.exponent[sign]));
        if (__builtin_mul_overflow(net.places[population].multiplicity, units << plan.grid->shift[sign],
                                   &plan.burden[sign]))
          plan.burden[sign] = std::numeric_limits<std::uint64_t>::max();
      }
      if (!plan.grid->occurs[0]) plan.exponent[0] = plan.exponent[1];
      for (const std::uint32_t slot : used_slots(p, spec.simulation.dt_ms, shape.slot_width))
        c.slots.push_back(slot);
      class_plans.push_back(plan);
    }
    if (class_plans.empty()) continue;
    std::sort(c.slots.begin(), c.slots.end());
    const std::uint32_t first_slot = c.slots.front();
    c.slots.resize(c.slots.back() - first_slot + std::size_t{1});
    std::iota(c.slots.begin(), c.slots.end(), first_slot);
    c.stride = shape.n_groups * static_cast<std::uint32_t>(c.slots.size()) * c.segments_per_slot(shape) + 1;
    net.class_of_population[population] = static_cast<int>(net.classes.size());
    net.classes.push_back(std::move(c));
    plans.push_back(std::move(class_plans));
  }
}

void Builder::build_rows(bool wide_offsets) {
  double upper = 0;  // every chunk holds at least one synapse
  for (const ProjectionSpec& p : spec.projections) {
    const double n = expected_synapses(p);
    upper += synapse_count_is_exact(p) ? n : n + 10 * std::sqrt(n) + 100;
  }
  allocation = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(upper) / 1024, 64, kMaxAllocation);
  upper += static_cast<double>(pool.size()) * 2 * static_cast<double>(allocation);
  if (!(upper < 4294967295.0 * 8))
    throw Error(ExitCode::no_room, "the network has more synapses than can be addressed (3.4e10)");
  // Of each allocation at most an eighth is left behind, and the last one of each thread.
  const auto capacity = static_cast<std::uint64_t>(upper * 1.25);
  ChunkArena arena(capacity);
  net.row_begin = HugeBuffer<std::uint32_t>(net.shape.n_sources);
  if (wide_weights) {
    net.wide_cells = HugeBuffer<std::uint16_t>(capacity * kChunk);
    net.wide_weights = HugeBuffer<std::int64_t>(capacity * kChunk);
  } else {
    net.synapses = HugeBuffer<std::uint32_t>(capacity * kChunk);
  }
  burdens.assign(static_cast<std::size_t>(pool.size()), {});
  n_synapses = 0;
  burden_overflow = false;
  for (SourceClass& c : net.classes) {
    c.offsets16 = HugeBuffer<std::uint16_t>(wide_offsets ? 0 : std::size_t{c.n_sources} * c.stride);
    c.offsets32 = HugeBuffer<std::uint32_t>(wide_offsets ? std::size_t{c.n_sources} * c.stride : 0);
  }
  std::atomic<std::uint32_t> next{0};
  constexpr std::uint32_t kRows = 32;
  pool.run([&](int thread) {
    burdens[static_cast<std::size_t>(thread)].resize(std::size_t{net.shape.n_neurons} * kMaxReceptors);
    RowBuilder rows(*this, arena, thread);
    for (;;) {
      // Work is handed out by position in the sequence of all classes' sources.
      std::uint32_t begin = next.fetch_add(kRows, std::memory_order_relaxed);
      std::uint32_t left = kRows;
      bool any = false;
      for (std::size_t k = 0; k < net.classes.size() && left > 0; ++k) {
        SourceClass& c = net.classes[k];
        if (begin >= c.n_sources) {
          begin -= c.n_sources;
          continue;
        }
        any = true;
        for (; begin < c.n_sources && left > 0; ++begin, --left) {
          if (wide_offsets)
            rows.build(c, plans[k], begin, c.offsets32.data() + std::size_t{begin} * c.stride);
          else
            rows.build(c, plans[k], begin, c.offsets16.data() + std::size_t{begin} * c.stride);
        }
        begin = 0;
      }
      if (!any) return;
    }
  });
  net.n_chunks = arena.used();
  net.n_synapses = n_synapses.load();
}

// The largest sum that any accumulator can hold after a step, in units.
unsigned __int128 worst_sum(const ModelSpec& spec, const Network& net,
                            const std::vector<std::vector<std::uint64_t>>& burdens) {
  std::vector<unsigned __int128> sums(std::size_t{net.shape.n_neurons} * kMaxReceptors);
  for (const auto& burden : burdens)
    for (std::size_t i = 0; i < burden.size(); ++i) sums[i] += burden[i];
  for (std::size_t k = 0; k < spec.inputs.size(); ++k) {
    const InputSpec& input = spec.inputs[k];
    const auto* poisson = std::get_if<PoissonInputSpec>(&input.kind);
    if (poisson == nullptr) continue;
    const std::uint64_t count =
        largest_poisson_count(poisson->rate, spec.simulation.dt_ms, "input '" + input.name + "'");
    const Network::InputWeight& weight = net.input_weights[k];
    const auto each = static_cast<std::uint64_t>(weight.units < 0 ? -weight.units : weight.units);
    for (std::uint32_t j = 0; j < input.target.size(); ++j)
      sums[(std::size_t{net.places[input.target.population].first_source} + input.target[j]) * kMaxReceptors +
           static_cast<std::size_t>(weight.receptor)] += static_cast<unsigned __int128>(each) * count;
  }
  unsigned __int128 worst = 0;
  for (const auto& sum : sums) worst = std::max(worst, sum);
  return worst;
}

}  // namespace

Network build_network(const ModelSpec& spec, ThreadPool& pool, const CpuKernels& kernels) {
  const auto start = std::chrono::steady_clock::now();
  Network net;
  net.shape = choose_shape(spec, pool.size());
  net.places = place_populations(spec);
  StreamRegistry streams;
  Connectivities connectivities;
  for (const ProjectionSpec& p : spec.projections)
    connectivities.push_back(make_connectivity(spec, p, streams, pool, kernels));
  set_multiplicities(spec, connectivities, pool, net.places);
  const Grids grids = compute_grids(spec, net.places, connectivities, pool);
  net.exponents = grids.exponents;
  net.input_weights = grids.inputs;
  Builder builder{.spec = spec,
                  .pool = pool,
                  .kernels = kernels,
                  .net = net,
                  .wide_weights = spec.simulation.precision == Precision::float64};
  builder.make_classes(grids, connectivities);
  try {
    builder.build_rows(false);
  } catch (const OffsetOverflow&) {
    builder.build_rows(true);
  }
  const unsigned __int128 worst = worst_sum(spec, net, builder.burdens);
  if (builder.burden_overflow ||
      worst > static_cast<unsigned __int128>(std::numeric_limits<std::int64_t>::max()))
    throw Error(ExitCode::invalid_config,
                "the synaptic input of one neuron in one step can exceed 64 bits on its grid: "
                "the weights onto one receptor differ too much");
  net.wide_accumulators = builder.wide_weights ||
                          worst > static_cast<unsigned __int128>(std::numeric_limits<std::int32_t>::max());
  net.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return net;
}

}  // namespace sharpwave
