// Draws rows on a backend: counts what is in each segment, sums up, and fills them (docs/decisions/0024).
#pragma once

#include <algorithm>
#include <bit>
#include <utility>

#include "cuda/drawn_rows_on.hpp"
#include "cuda/network_on.hpp"
#include "kernels/draw_rows.cuh"

namespace sharpwave::device {

inline constexpr std::size_t kSigns = 2;

/// Blocks in which each of `n` has a warp.
template <class Backend>
Grid warps_for(std::uint64_t n) {
  return {blocks_for<Backend>(n * kWarp)};
}

inline std::uint64_t n_keys(const DrawnPairs& pairs) {
  return pairs.rule == PairRule::fixed_indegree ? std::uint64_t{pairs.n_targets} * pairs.indegree : 0;
}

template <class Backend>
DrawnRowsOn<Backend>::DrawnRowsOn(const std::vector<PairsModel>& models) {
  std::uint64_t most_keys = 0;
  for (const PairsModel& model : models) most_keys = std::max(most_keys, n_keys(model.pairs));
  Keys keys{backend_.template allocate<std::uint64_t>(most_keys),
            backend_.template allocate<std::uint64_t>(most_keys)};
  for (const PairsModel& model : models) {
    Projection& projection = projections_.emplace_back();
    projection.pairs = model.pairs;
    projection.degrees = model.outdegrees.empty()
                             ? backend_.template allocate<std::uint32_t>(model.pairs.n_sources)
                             : backend_.upload(std::span<const std::uint32_t>(model.outdegrees));
    projection.pairs.degrees = projection.degrees.data();
    draw(projection, keys);
  }
  backend_.wait();
}

template <class Backend>
void DrawnRowsOn<Backend>::draw(Projection& projection, Keys& keys) {
  const DrawnPairs& pairs = projection.pairs;
  if (pairs.n_sources == 0 || pairs.n_targets == 0) return;
  if (pairs.rule == PairRule::fixed_indegree) return draw_by_target(projection, keys);
  if (pairs.rule == PairRule::bernoulli) return draw_by_chance(projection);
  const std::uint32_t per_block = sources_per_block(pairs);
  backend_.launch("draw_sources", draw_sources,
                  Grid{blocks_for<Backend>((pairs.n_draws + per_block - 1) / per_block)}, pairs);
}

// Where each row begins, of those whose degrees are there.
template <class Backend>
void DrawnRowsOn<Backend>::sum_degrees(Projection& projection) {
  const std::uint32_t n_sources = projection.pairs.n_sources;
  projection.first = backend_.template allocate<std::uint64_t>(n_sources + std::size_t{1});
  backend_.sum_up(projection.pairs.degrees, n_sources, projection.first.data());
}

// Room for the targets of the rows.
template <class Backend>
void DrawnRowsOn<Backend>::list_rows(Projection& projection, std::uint64_t n) {
  projection.targets = backend_.template allocate<std::uint32_t>(n);
  projection.pairs.first = projection.first.data();
  projection.pairs.targets = projection.targets.data();
}

template <class Backend>
void DrawnRowsOn<Backend>::draw_by_target(Projection& projection, Keys& keys) {
  const DrawnPairs& pairs = projection.pairs;
  const std::uint64_t n = n_keys(pairs);
  const auto target_bits = static_cast<std::uint32_t>(std::bit_width(pairs.n_targets - 1));
  const auto source_bits = static_cast<std::uint32_t>(std::bit_width(pairs.n_sources - 1));
  const Grid grid{blocks_for<Backend>(n)};
  backend_.launch("draw_indegrees", draw_indegrees, grid, pairs, target_bits, keys.drawn.data());
  backend_.sort_up(keys.drawn.data(), n, target_bits + source_bits, keys.sorted.data());
  sum_degrees(projection);
  list_rows(projection, n);
  backend_.launch("take_targets", take_targets, grid, keys.sorted.data(), n, target_bits,
                  projection.targets.data());
}

template <class Backend>
void DrawnRowsOn<Backend>::draw_by_chance(Projection& projection) {
  const DrawnPairs& pairs = projection.pairs;
  const Grid grid{blocks_for<Backend>(pairs.n_sources)};
  backend_.launch("draw_bernoulli", draw_bernoulli, grid, pairs);
  sum_degrees(projection);
  std::uint64_t n = 0;
  backend_.download(std::span(&n, 1), projection.first, pairs.n_sources);
  list_rows(projection, n);
  if (n > 0) backend_.launch("draw_bernoulli", draw_bernoulli, grid, pairs);
}

template <class Backend>
std::vector<std::uint32_t> DrawnRowsOn<Backend>::indegrees(std::size_t k) {
  const DrawnPairs& pairs = projections_[k].pairs;
  const auto counts = backend_.template allocate<std::uint32_t>(pairs.n_targets);
  std::vector<std::uint32_t> result(pairs.n_targets);
  if (pairs.n_targets > 0)
    backend_.launch("count_indegrees", count_indegrees, warps_for<Backend>(pairs.n_sources), pairs,
                    counts.data());
  backend_.download(std::span(result), counts, 0);
  return result;
}

// Makes `counts_` and `begin_`.
template <class Backend>
void DrawnRowsOn<Backend>::size_segments(const NetworkModel& network, const std::vector<SourceClass>& classes,
                                         std::span<const ValuesModel> values) {
  const std::uint64_t n_segments =
      classes.back().first_segment +
      std::uint64_t{network.classes.back().n_sources} * classes.back().n_segments;
  counts_ = backend_.template allocate<std::uint32_t>(n_segments);
  for (const ValuesModel& model : values) {
    const DrawnPairs& pairs = projections_[model.projection].pairs;
    backend_.launch("count_segments", count_segments, warps_for<Backend>(pairs.n_sources), pairs,
                    model.values, network.connections, classes[model.source_class], counts_.data());
  }
  begin_ = backend_.template allocate<std::uint64_t>(n_segments + 1);
  backend_.sum_up(counts_.data(), n_segments, begin_.data());
}

template <class Backend>
void DrawnRowsOn<Backend>::fill_segments_of(const NetworkModel& network,
                                            const std::vector<SourceClass>& classes,
                                            std::span<const ValuesModel> values, DrawnTotals& totals) {
  std::vector<std::size_t> first{0};
  for (const auto& arrivals : totals.arrivals) first.push_back(first.back() + arrivals.size());
  const auto arrivals = backend_.template allocate<std::uint32_t>(first.back());
  const auto sum = backend_.template allocate<unsigned long long>(1);
  for (const ValuesModel& model : values) {
    const DrawnPairs& pairs = projections_[model.projection].pairs;
    backend_.launch("fill_segments", fill_segments, warps_for<Backend>(pairs.n_sources), pairs, model.values,
                    network.connections, classes[model.source_class],
                    DrawnSynapses{.left = counts_.data(),
                                  .begin = begin_.data(),
                                  .synapses = synapses_.data(),
                                  .wide_cells = wide_cells_.data(),
                                  .wide_weights = wide_weights_.data(),
                                  .arrivals = arrivals.data() + first[model.projection],
                                  .connectivity_sum = sum.data()});
  }
  for (std::size_t k = 0; k < totals.arrivals.size(); ++k)
    backend_.download(std::span(totals.arrivals[k]), arrivals, first[k]);
  unsigned long long connectivity_sum = 0;
  backend_.download(std::span(&connectivity_sum, 1), sum, 0);
  totals.connectivity_sum = connectivity_sum;
}

template <class Backend>
void DrawnRowsOn<Backend>::add_up_degrees(std::span<const ValuesModel> values, DrawnTotals& totals) {
  const auto degrees = backend_.template allocate<std::uint32_t>(totals.outdegrees.size());
  for (const ValuesModel& model : values) {
    const DrawnPairs& pairs = projections_[model.projection].pairs;
    backend_.launch("add_degrees", add_degrees, Grid{blocks_for<Backend>(pairs.n_sources)}, pairs,
                    model.values, degrees.data());
  }
  backend_.download(std::span(totals.outdegrees), degrees, 0);
}

// Those that are set while segments are counted are set again while they are filled.
template <class Backend>
void DrawnRowsOn<Backend>::make_bits(const NetworkModel& network, std::span<ValuesModel> values) {
  bits_.resize(network.pair_bits.size());
  for (ValuesModel& model : values) {
    if (model.pair_bits < 0) continue;
    const auto k = static_cast<std::size_t>(model.pair_bits);
    const PairBits& pairs = network.pair_bits[k].pairs;
    const std::size_t n_rows =
        std::size_t{projections_[model.projection].pairs.n_sources} * network.connections.n_parts;
    bits_[k] = backend_.template allocate<unsigned long long>(n_rows * pairs.n_words);
    model.values.bits = bits_[k].data();
    model.values.first_element = pairs.first_element;
    model.values.n_words = pairs.n_words;
  }
}

template <class Backend>
DrawnTotals DrawnRowsOn<Backend>::fill(const NetworkModel& network, std::uint32_t n_sources,
                                       std::span<const ValuesModel> given) {
  DrawnTotals totals;
  totals.outdegrees.resize(n_sources);
  for (const Projection& projection : projections_)
    totals.arrivals.emplace_back(kSigns * std::size_t{projection.pairs.n_targets});
  if (network.classes.empty()) return totals;
  std::vector<ValuesModel> values(given.begin(), given.end());
  make_bits(network, values);
  const std::vector<SourceClass> classes = placed_classes(network);
  size_segments(network, classes, values);
  std::uint64_t n_synapses = 0;
  backend_.download(std::span(&n_synapses, 1), begin_, begin_.size() - 1);
  const bool wide = network.arithmetic == Arithmetic::double_int64;
  synapses_ = backend_.template allocate<std::uint32_t>(wide ? 0 : n_synapses);
  wide_cells_ = backend_.template allocate<std::uint16_t>(wide ? n_synapses : 0);
  wide_weights_ = backend_.template allocate<std::int64_t>(wide ? n_synapses : 0);
  for (const auto& bits : bits_) backend_.clear(bits, 0, bits.size());
  fill_segments_of(network, classes, values, totals);
  add_up_degrees(values, totals);
  counts_ = {};
  projections_.clear();
  backend_.wait();
  return totals;
}

/// @tparam Backend  default-constructible.
template <class Backend>
std::shared_ptr<DrawnRows> draw_rows_on(const std::vector<PairsModel>& projections) {
  return std::make_shared<DrawnRowsOn<Backend>>(projections);
}

}  // namespace sharpwave::device
