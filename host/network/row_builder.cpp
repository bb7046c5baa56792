#include "host/network/row_builder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/fixed_point.hpp"

namespace sharpwave {

void set_draws(RowPlan& plan, double dt_ms) {
  const ProjectionSpec& p = *plan.projection;
  if (const auto* list = std::get_if<std::vector<double>>(&p.weight))
    plan.weight_list = list;
  else
    plan.weight = draw_parameters(std::get<Distribution>(p.weight));
  if (const auto* list = std::get_if<std::vector<double>>(&p.delay_ms))
    plan.delay_list = list;
  else
    plan.delay = draw_parameters(std::get<Distribution>(p.delay_ms));
  const Range delays = range_of(p.delay_ms);
  plan.first_delay = delay_steps(delays.low, dt_ms);
  plan.last_delay = delay_steps(delays.high, dt_ms);
}

void draw_row_delays(const RowPlan& plan, const SynapseRow& row, double dt_ms, const CpuKernels& kernels,
                     std::vector<double>& scratch, std::vector<std::int32_t>& delays) {
  delays.resize(row.n);
  if (plan.delay_list != nullptr) {
    for (std::uint32_t j = 0; j < row.n; ++j)
      delays[j] = static_cast<std::int32_t>(delay_steps((*plan.delay_list)[row.element[j]], dt_ms));
  } else if (plan.delay.kind == DrawKind::constant) {
    std::fill_n(delays.begin(), row.n, static_cast<std::int32_t>(delay_steps(plan.delay.a, dt_ms)));
  } else {
    scratch.resize(row.n);
    kernels.draw_values(plan.delay, row.delay_words.data(), row.n, scratch.data());
    kernels.to_int32(scratch.data(), row.n, 1.0 / dt_ms, plan.first_delay, plan.last_delay, delays.data());
  }
}

void draw_row_weights(const RowPlan& plan, const SynapseRow& row, const CpuKernels& kernels,
                      std::vector<double>& weights) {
  weights.resize(row.n);
  if (plan.to_parrot) {
    std::fill_n(weights.begin(), row.n, 1.0);
  } else if (plan.weight_list != nullptr) {
    for (std::uint32_t j = 0; j < row.n; ++j) weights[j] = (*plan.weight_list)[row.element[j]];
  } else {
    kernels.draw_values(plan.weight, row.weight_words.data(), row.n, weights.data());
  }
}

void RowBuilder::draw_weights(const RowPlan& plan) {
  draw_row_weights(plan, row_, b_.kernels, values_);
  if (b_.wide_weights) {
    wide_weights_.resize(row_.n);
    for (std::uint32_t j = 0; j < row_.n; ++j)
      wide_weights_[j] = to_grid(values_[j], plan.exponent[values_[j] < 0 ? 1 : 0]);
  } else {
    weights_.resize(row_.n);
    b_.kernels.to_int32(values_.data(), row_.n, power_of_two(plan.exponent[0]), -32767, 32767,
                        weights_.data());
  }
}

// False where the pair was connected before.
bool RowBuilder::set_bit(const RowPlan& plan, std::uint32_t position, std::uint32_t part,
                         std::uint32_t element) {
  PairBits& pairs = b_.net.pair_bits[static_cast<std::size_t>(plan.pair_bits)];
  const std::uint32_t bit = element - pairs.first_element;
  std::uint64_t& word =
      pairs.bits[(std::size_t{position} * b_.net.shape.n_parts() + part) * pairs.words() + bit / 64];
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  if ((word & mask) != 0) return false;
  word |= mask;
  ++n_bits_set_;
  return true;
}

void RowBuilder::add_projection(const SourceClass& c, const RowPlan& plan, std::uint32_t index,
                                std::uint32_t position) {
  plan.connectivity->fill(position, row_);
  draw_row_delays(plan, row_, b_.spec.simulation.dt_ms, b_.kernels, values_, delays_);
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
  if (b_.wide_weights) row_weights_.resize(old + row_.n);
  std::size_t at = old;
  SynapseSum synapses;
  for (std::uint32_t j = 0; j < row_.n; ++j) {
    const std::uint32_t id = plan.target_first + target[row_.target[j]];
    const std::int64_t units = b_.wide_weights ? wide_weights_[j] : weights_[j];
    const std::size_t sign = units < 0 ? 1 : 0;
    synapses.add(id, delays_[j], units);
    std::uint64_t& burden =
        burden_[std::size_t{id} * kMaxReceptors + static_cast<std::size_t>(plan.grid->receptor[sign])];
    burden_overflow_ |= __builtin_add_overflow(burden, plan.burden[sign], &burden);
    const std::uint32_t element = by_parts_.quotient(id);
    const std::uint32_t part = id - element * by_parts_.divisor();
    if (plan.pair_bits >= 0 && set_bit(plan, position, part, element)) continue;
    const std::uint32_t group = part / shape.n_sub_blocks;
    const std::uint32_t sub_block = part - group * shape.n_sub_blocks;
    const std::uint32_t late = static_cast<std::uint32_t>(delays_[j]) - 1;
    const std::uint32_t slot = slot_place_[late >> width_bits];
    const std::uint32_t cell = (late & (shape.slot_width - 1)) * shape.cells_per_step + element;
    const std::uint32_t s = group * per_group + slot * per_slot + sub_block * n_channels + plan.channel[sign];
    segment_[at] = s;
    ++counts_[s];
    packed_[at] = b_.wide_weights ? cell : cell | (static_cast<std::uint32_t>(weights_[j]) << 16);
    if (b_.wide_weights) row_weights_[at] = wide_weights_[j];
    ++at;
  }
  packed_.resize(at);
  segment_.resize(at);
  if (b_.wide_weights) row_weights_.resize(at);
  connectivity_sum_ += synapses.of(c.first_source + index, plan.exponent);
}

void RowBuilder::collect(const SourceClass& c, const std::vector<RowPlan>& plans, std::uint32_t index) {
  if (slot_class_ != &c) {
    slot_class_ = &c;
    slot_place_.assign(c.slots.empty() ? 0 : c.slots.back() + 1, 0);
    for (std::uint32_t k = 0; k < c.slots.size(); ++k) slot_place_[c.slots[k]] = k;
  }
  n_bits_set_ = 0;
  packed_.clear();
  segment_.clear();
  row_weights_.clear();
  counts_.assign(c.stride - 1, 0);
  for (const RowPlan& plan : plans) {
    const Slice& source = plan.projection->source;
    if (index < source.start || index >= source.stop || (index - source.start) % source.stride != 0) continue;
    add_projection(c, plan, index, (index - source.start) / source.stride);
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

}  // namespace sharpwave
