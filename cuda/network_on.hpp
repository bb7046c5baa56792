// What all instances of a network share on a device: its connections, and how its sources are cut into
// blocks.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "cuda/drawn_rows_on.hpp"
#include "cuda/executor.hpp"
#include "kernels/compact_rows.cuh"

namespace sharpwave::device {

/// Of a launch, in blocks.
struct Grid {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;
  bool operator==(const Grid&) const = default;
};

/// Blocks in which each of `n` has a thread.
template <class Backend>
std::uint32_t blocks_for(std::uint64_t n) {
  return static_cast<std::uint32_t>((n + Backend::kBlockThreads - 1) / Backend::kBlockThreads);
}

/// The classes of a network, each with its first segment; without their channels.
inline std::vector<SourceClass> placed_classes(const NetworkModel& model) {
  std::vector<SourceClass> classes;
  std::uint64_t n_segments = 0;
  for (const ClassModel& given : model.classes) {
    classes.push_back(given.source_class);
    classes.back().first_segment = n_segments;
    n_segments += std::uint64_t{given.n_sources} * given.source_class.n_segments;
  }
  return classes;
}

/// Several arrays as one.
template <class Backend, class T>
typename Backend::template Buffer<T> upload_joined(Backend& backend,
                                                   const std::vector<std::span<const T>>& parts) {
  std::size_t n = 0;
  for (const auto& part : parts) n += part.size();
  auto buffer = backend.template allocate<T>(n);
  std::size_t first = 0;
  for (const auto& part : parts) {
    backend.write(buffer, first, part);
    first += part.size();
  }
  return buffer;
}

/// Arrays that are only ever uploaded, and live as long as what points to them.
template <class Backend, class T>
class Kept {
 public:
  /// Where it lies; null for an empty one.
  const T* keep(Backend& backend, std::span<const T> values) {
    if (values.empty()) return nullptr;
    buffers_.push_back(backend.upload(values));
    return buffers_.back().data();
  }

 private:
  std::vector<typename Backend::template Buffer<T>> buffers_;
};

template <class Backend>
class NetworkOn {
 public:
  NetworkOn(Backend& backend, const NetworkModel& model);

  [[nodiscard]] const Connections& connections() const { return connections_; }
  [[nodiscard]] bool has_connections() const { return classes_.size() > 0; }
  [[nodiscard]] const std::vector<PopulationShape>& populations() const { return populations_; }
  [[nodiscard]] std::uint64_t n_neurons() const { return n_neurons_; }
  [[nodiscard]] std::uint32_t n_receptors() const { return n_receptors_; }
  [[nodiscard]] std::uint64_t longest_delay() const { return longest_delay_; }
  [[nodiscard]] const std::vector<PlasticConnections>& plastic() const { return plastic_; }

  /// For rows that somebody else has allocated, with what has been freed.
  [[nodiscard]] std::uint64_t drawn_bytes() const {
    return drawn_rows_ == nullptr ? 0 : drawn_rows_->allocated_bytes();
  }

  /// As the device has them, but `channels`.
  [[nodiscard]] const std::vector<SourceClass>& classes() const { return class_values_; }
  /// Their sizes and `blocks`; the rest is an instance's.
  [[nodiscard]] const SpikeLists& lists() const { return lists_; }
  [[nodiscard]] const std::vector<SourceBlock>& blocks() const { return blocks_; }
  /// Parrots', then Poisson sources', and these alone.
  [[nodiscard]] BlockIds source_blocks() const { return source_blocks_; }
  [[nodiscard]] BlockIds poisson_blocks() const { return poisson_blocks_; }

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;

  void make_blocks(Backend& backend);
  void compact_rows(Backend& backend, const NetworkModel& model, const std::vector<SourceClass>& classes);
  void make_connections(Backend& backend, const NetworkModel& model);
  void make_plastic(Backend& backend, const PlasticNetworkModel& model);

  std::vector<PopulationShape> populations_;
  std::uint64_t n_neurons_;
  std::uint32_t n_receptors_;
  std::uint64_t longest_delay_;

  std::vector<SourceBlock> blocks_;  ///< ascending by source: those that are not virtual are the first
  Buffer<SourceBlock> block_views_;
  SpikeLists lists_;
  Kept<Backend, std::uint32_t> ids_;
  BlockIds source_blocks_, poisson_blocks_;

  Connections connections_;
  std::shared_ptr<DrawnRowsOn<Backend>> drawn_rows_;  ///< instead of the arrays that follow
  Buffer<std::uint64_t> segments_;
  Buffer<std::uint32_t> synapses_;
  Buffer<std::uint16_t> wide_cells_;
  Buffer<std::int64_t> wide_weights_;
  std::vector<SourceClass> class_values_;
  Buffer<SourceClass> classes_;
  Kept<Backend, std::uint8_t> class_channels_;
  Buffer<Channel> channels_;
  Buffer<PairBits> pair_bits_;
  Kept<Backend, std::uint64_t> bits_;

  std::vector<PlasticConnections> plastic_;
  Kept<Backend, std::uint64_t> part_begins_;
  std::vector<Buffer<std::uint32_t>> row_begins_;
  std::vector<Buffer<std::uint16_t>> elements_;
};

template <class Backend>
NetworkOn<Backend>::NetworkOn(Backend& backend, const NetworkModel& model)
    : populations_(model.populations),
      n_neurons_(model.n_neurons),
      n_receptors_(model.n_receptors),
      longest_delay_(model.longest_delay) {
  make_blocks(backend);
  make_connections(backend, model);
  for (const PlasticNetworkModel& plastic : model.plastic) make_plastic(backend, plastic);
}

template <class Backend>
void NetworkOn<Backend>::make_blocks(Backend& backend) {
  constexpr std::uint32_t kThreads = Backend::kBlockThreads;
  std::vector<std::uint32_t> order(populations_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return populations_[a].first_source < populations_[b].first_source;
  });
  std::vector<std::uint32_t> parrots, poisson_sources;
  for (const std::uint32_t i : order) {
    const PopulationShape& p = populations_[i];
    // Given spikes are not in lists; what nobody hears of a Poisson source is not drawn.
    if (p.kind == PopulationKind::spike_source || (p.kind == PopulationKind::poisson_source && !p.is_heard))
      continue;
    for (std::uint32_t first = 0; first < p.size; first += kThreads) {
      SourceBlock block{.population = i,
                        .first_index = first,
                        .first_source = p.first_source + first,
                        .n = std::min(kThreads, p.size - first),
                        .source_class = p.source_class};
      const auto id = static_cast<std::uint32_t>(blocks_.size());
      if (p.kind == PopulationKind::parrots) {
        parrots.push_back(id);
        block.log_counts = lists_.n_parrots;
        lists_.n_parrots += block.n;
      }
      if (p.kind == PopulationKind::poisson_source)
        poisson_sources.push_back(id);
      else
        ++lists_.n_logged_blocks;
      blocks_.push_back(block);
    }
  }
  lists_.n_blocks = static_cast<std::uint32_t>(blocks_.size());
  block_views_ = backend.upload(std::span<const SourceBlock>(blocks_));
  lists_.blocks = block_views_.data();
  const std::size_t n_parrot_blocks = parrots.size();
  parrots.insert(parrots.end(), poisson_sources.begin(), poisson_sources.end());
  source_blocks_ = {ids_.keep(backend, std::span<const std::uint32_t>(parrots)),
                    static_cast<std::uint32_t>(parrots.size())};
  poisson_blocks_ = {poisson_sources.empty() ? nullptr : source_blocks_.ids + n_parrot_blocks,
                     static_cast<std::uint32_t>(poisson_sources.size())};
}

// Counts what is in each segment, sums up, and copies each to its place.
template <class Backend>
void NetworkOn<Backend>::compact_rows(Backend& backend, const NetworkModel& model,
                                      const std::vector<SourceClass>& classes) {
  const auto row_begin = backend.upload(model.row_begin);
  const auto synapses = backend.upload(model.synapses);
  const auto wide_cells = backend.upload(model.wide_cells);
  const auto wide_weights = backend.upload(model.wide_weights);
  Kept<Backend, std::uint16_t> offsets16;
  Kept<Backend, std::uint32_t> offsets32;
  std::vector<ChunkedRows> rows;
  for (std::size_t k = 0; k < classes.size(); ++k)
    rows.push_back({.first_source = classes[k].first_source,
                    .stride = model.classes[k].stride,
                    .n_segments = std::uint64_t{model.classes[k].n_sources} * classes[k].n_segments,
                    .dummy_cell = model.dummy_cell,
                    .row_begin = row_begin.data(),
                    .offsets16 = offsets16.keep(backend, model.classes[k].offsets16),
                    .offsets32 = offsets32.keep(backend, model.classes[k].offsets32),
                    .synapses = synapses.data(),
                    .wide_cells = wide_cells.data(),
                    .wide_weights = wide_weights.data()});
  const std::uint64_t n_segments = classes.back().first_segment + rows.back().n_segments;
  const auto counts = backend.template allocate<std::uint32_t>(n_segments);
  for (std::size_t k = 0; k < rows.size(); ++k)
    backend.launch("count_synapses", count_synapses, Grid{blocks_for<Backend>(rows[k].n_segments)}, rows[k],
                   counts.data() + classes[k].first_segment);
  segments_ = backend.template allocate<std::uint64_t>(n_segments + 1);
  backend.sum_up(counts.data(), n_segments, segments_.data());
  std::uint64_t n_synapses = 0;
  backend.download(std::span(&n_synapses, 1), segments_, n_segments);
  const bool wide = !model.wide_cells.empty();
  synapses_ = backend.template allocate<std::uint32_t>(wide ? 0 : n_synapses);
  wide_cells_ = backend.template allocate<std::uint16_t>(wide ? n_synapses : 0);
  wide_weights_ = backend.template allocate<std::int64_t>(wide ? n_synapses : 0);
  for (std::size_t k = 0; k < rows.size(); ++k)
    backend.launch("copy_synapses", copy_synapses, Grid{blocks_for<Backend>(rows[k].n_segments)}, rows[k],
                   segments_.data() + classes[k].first_segment, synapses_.data(), wide_cells_.data(),
                   wide_weights_.data());
  backend.wait();
  connections_.segments = segments_.data();
  connections_.synapses = wide ? nullptr : synapses_.data();
  connections_.wide_cells = wide_cells_.data();
  connections_.wide_weights = wide_weights_.data();
}

template <class Backend>
void NetworkOn<Backend>::make_connections(Backend& backend, const NetworkModel& model) {
  connections_ = model.connections;
  std::vector<SourceClass> classes = placed_classes(model);
  for (std::size_t k = 0; k < classes.size(); ++k)
    classes[k].channels = class_channels_.keep(backend, model.classes[k].channels);
  if (model.drawn_rows != nullptr) {
    drawn_rows_ = std::static_pointer_cast<DrawnRowsOn<Backend>>(model.drawn_rows);
    drawn_rows_->show(connections_);
  } else if (!classes.empty()) {
    compact_rows(backend, model, classes);
  }
  std::vector<PairBits> pairs;
  for (std::size_t k = 0; k < model.pair_bits.size(); ++k) {
    pairs.push_back(model.pair_bits[k].pairs);
    pairs.back().bits =
        drawn_rows_ != nullptr ? drawn_rows_->bits(k) : bits_.keep(backend, model.pair_bits[k].bits);
  }
  class_values_ = classes;
  classes_ = backend.upload(std::span<const SourceClass>(classes));
  channels_ = backend.upload(std::span<const Channel>(model.channels));
  pair_bits_ = backend.upload(std::span<const PairBits>(pairs));
  connections_.classes = classes_.data();
  connections_.channels = channels_.data();
  connections_.pair_bits = pair_bits_.data();
}

template <class Backend>
void NetworkOn<Backend>::make_plastic(Backend& backend, const PlasticNetworkModel& model) {
  std::vector<std::uint64_t> begins;
  std::uint64_t n_synapses = 0;
  for (const auto& elements : model.elements) {
    begins.push_back(n_synapses);
    n_synapses += elements.size();
  }
  row_begins_.push_back(upload_joined(backend, model.row_begin));
  elements_.push_back(upload_joined(backend, model.elements));
  PlasticConnections& connections = plastic_.emplace_back(model.connections);
  connections.part_begin = part_begins_.keep(backend, std::span<const std::uint64_t>(begins));
  connections.row_begin = row_begins_.back().data();
  connections.elements = elements_.back().data();
}

}  // namespace sharpwave::device
