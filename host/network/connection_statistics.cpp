#include "host/network/connection_statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "host/base/growing_histogram.hpp"
#include "host/base/thread_pool.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

constexpr std::uint32_t kNoPopulation = ~std::uint32_t{0};

/// Calls see(target id, steps behind the first of the slot, weight) for every synapse of chunks [begin, end).
template <class See>
void for_each_synapse(const Network& net, std::uint32_t part, std::uint64_t begin, std::uint64_t end,
                      const See& see) {
  // What the loop needs, in variables of its own: what it writes might otherwise be any of them.
  const std::uint32_t n_parts = net.shape.n_parts();
  const std::uint32_t dummy = net.shape.dummy_cell();
  const std::uint32_t cells_per_step = net.shape.cells_per_step;
  const bool in_steps = net.shape.slot_width > 1;
  const auto see_cell = [=](std::uint32_t cell, std::int64_t weight) {
    if (cell == dummy) return;
    const std::uint32_t late = in_steps ? cell / cells_per_step : 0;
    see((cell - late * cells_per_step) * n_parts + part, late, weight);
  };
  if (net.wide_weights.size() > 0) {
    const std::uint16_t* const cells = net.wide_cells.data();
    const std::int64_t* const weights = net.wide_weights.data();
    for (std::uint64_t at = begin * kChunk; at < end * kChunk; ++at) see_cell(cells[at], weights[at]);
  } else {
    const std::uint32_t* const synapses = net.synapses.data();
    for (std::uint64_t at = begin * kChunk; at < end * kChunk; ++at)
      see_cell(synapses[at] & 0xffffu, static_cast<std::int32_t>(synapses[at]) >> 16);
  }
}

/// Of each segment calls visit(kind, delay of the slot's first step), and what that returns for its synapses;
/// the kind is the index of the channel; behind the channels come the receptors, for pairs held as bits.
template <class Visit>
void for_each_synapse_of_row(const Network& net, const SourceClass& c, std::uint32_t i, const Visit& visit) {
  const NetworkShape& shape = net.shape;
  std::size_t at = std::size_t{i} * c.stride;
  const auto chunk = [&](std::size_t segment) {
    const std::uint64_t offset = c.offsets32.size() > 0 ? c.offsets32[segment] : c.offsets16[segment];
    return net.row_begin[c.first_source + i] + offset;
  };
  for (std::uint32_t group = 0; group < shape.n_groups; ++group)
    for (const std::uint32_t slot : c.slots)
      for (std::uint32_t sub_block = 0; sub_block < shape.n_sub_blocks; ++sub_block)
        for (const std::uint8_t channel : c.channels) {
          for_each_synapse(net, group * shape.n_sub_blocks + sub_block, chunk(at), chunk(at + 1),
                           visit(channel, slot * shape.slot_width + 1));
          ++at;
        }
}

/// Calls see(target id, 0, weight) for every pair of a source.
template <class See>
void for_each_bit(const Network& net, const PairBits& pairs, std::uint32_t position, const See& see) {
  const std::uint32_t n_parts = net.shape.n_parts();
  for (std::uint32_t part = 0; part < n_parts; ++part) {
    const std::size_t row = (std::size_t{position} * n_parts + part) * pairs.words();
    for (std::uint32_t word = 0; word < pairs.words(); ++word)
      for (std::uint64_t bits = pairs.bits[row + word]; bits != 0; bits &= bits - 1) {
        const std::uint32_t element =
            pairs.first_element + 64 * word + static_cast<std::uint32_t>(std::countr_zero(bits));
        see(element * n_parts + part, 0, pairs.units);
      }
  }
}

/// Sums over the synapses of one kind to one population: weights are integers, in units of 2^exponent.
struct Tally {
  double sum = 0;             ///< of differences from the first weight, which do not cancel
  double sum_of_squares = 0;  ///< of the same
  std::int64_t first = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  GrowingHistogram weights;

  void add(std::int64_t weight) {
    if (weights.is_empty()) first = min = max = weight;
    const auto difference = static_cast<double>(weight - first);
    sum += difference;
    sum_of_squares += difference * difference;
    if (weight < min) min = weight;
    if (weight > max) max = weight;
    weights.add(weight);
  }
};

/// The same of all kinds and threads, in the weights' own unit.
struct Weights {
  std::uint64_t n = 0;
  double sum = 0;
  double sum_of_squares = 0;
  double first = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  GrowingHistogram histogram;

  /// @param exponent  of the tally's unit, 2^exponent.
  void add(const Tally& tally, int exponent) {
    const std::uint64_t tally_n = tally.weights.n();
    if (tally_n == 0) return;
    const double unit = power_of_two(exponent);
    if (n == 0) first = static_cast<double>(tally.first) * unit;
    const double shift = static_cast<double>(tally.first) * unit - first;
    const auto more = static_cast<double>(tally_n);
    sum_of_squares += (tally.sum_of_squares * unit + 2 * shift * tally.sum) * unit + more * shift * shift;
    sum += tally.sum * unit + more * shift;
    n += tally_n;
    min = std::min(min, static_cast<double>(tally.min) * unit);
    max = std::max(max, static_cast<double>(tally.max) * unit);
    histogram.add(tally.weights);
  }
};

/// Sums of one thread over the synapses of one population's neurons.
struct Share {
  std::vector<Tally> tallies;            ///< [kind][target population]
  std::vector<std::uint64_t> delays;     ///< [steps][target population]
  std::vector<std::uint32_t> in_degree;  ///< [neuron]
};

Spread spread_of(const std::vector<std::uint32_t>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  Spread spread{.min = static_cast<double>(*least),
                .max = static_cast<double>(*most),
                .histogram = empty_histogram_of_steps(*least, *most, 1)};
  double sum = 0;
  for (const std::uint32_t value : values) {
    sum += value;
    spread.histogram.add(value);
  }
  const auto n = static_cast<double>(values.size());
  spread.mean = sum / n;
  double squares = 0;
  for (const std::uint32_t value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.sd = std::sqrt(squares / n);
  return spread;
}

Spread spread_of_delays(const std::vector<std::uint64_t>& delays, double dt_ms) {
  const auto is_used = [](std::uint64_t n) { return n > 0; };
  const auto low =
      static_cast<std::uint64_t>(std::find_if(delays.begin(), delays.end(), is_used) - delays.begin());
  const auto high =
      static_cast<std::uint64_t>(delays.rend() - std::find_if(delays.rbegin(), delays.rend(), is_used)) - 1;
  Spread spread{.min = static_cast<double>(low) * dt_ms,
                .max = static_cast<double>(high) * dt_ms,
                .histogram = empty_histogram_of_steps(low, high, dt_ms)};
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t step = low; step <= high; ++step) {
    const auto count = static_cast<double>(delays[step]);
    const auto late = static_cast<double>(step - low);
    n += count;
    sum += count * late;
    squares += count * late * late;
    spread.histogram.add(static_cast<double>(step) * dt_ms, delays[step]);
  }
  spread.mean = (static_cast<double>(low) + sum / n) * dt_ms;
  spread.sd = std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n))) * dt_ms;
  return spread;
}

/// Calls see(target id, 0, weight) for every plastic synapse of a source that comes after the delay.
template <class See>
void for_each_plastic_synapse(const Network& net, const PlasticRows& rows, std::uint32_t position,
                              std::uint32_t delay, const See& see) {
  const std::uint32_t n_parts = net.shape.n_parts();
  const std::size_t row = rows.row(position, delay);
  for (std::uint32_t part = 0; part < n_parts; ++part) {
    const PlasticRows::OfPart& of_part = rows.parts[part];
    for (std::uint32_t i = of_part.begin[row]; i < of_part.begin[row + 1]; ++i)
      see(of_part.elements[i] * n_parts + part, 0,
          static_cast<std::int64_t>(round_to_even(of_part.weights[i] * rows.units_per_weight)));
  }
}

/// The place in the slice of an element; nothing where it is not in it.
std::optional<std::uint32_t> position_in(const Slice& slice, std::uint32_t i) {
  if (i < slice.start || i >= slice.stop || (i - slice.start) % slice.stride != 0) return std::nullopt;
  return (i - slice.start) / slice.stride;
}

/// Everything that concerns the synapses of one population's neurons.
class SourceReader {
 public:
  SourceReader(const ModelSpec& spec, const Network& net, ThreadPool& pool, std::uint32_t population)
      : spec_(spec),
        net_(net),
        pool_(pool),
        population_(population),
        n_sources_(spec.populations[population].size),
        index_(net.class_of_population[population]),
        class_(index_ < 0 ? nullptr : &net.classes[static_cast<std::size_t>(index_)]) {
    place_.assign(spec.populations.size(), kNoPopulation);
    for (const ProjectionSpec& projection : spec.projections)
      if (projection.source.population == population) place_[projection.target.population] = 0;
    for (std::uint32_t& place : place_)
      if (place == 0) place = n_targets_++;
    place_of_.assign(net.shape.n_neurons, 0);
    for (std::uint32_t p = 0; p < spec.populations.size(); ++p)
      if (place_[p] != kNoPopulation)
        std::fill_n(place_of_.begin() + net.places[p].first_source, spec.populations[p].size, place_[p]);
    for (const Channel& channel : net.channels) add_kind(channel);
    for (int receptor = 0; receptor < kMaxReceptors; ++receptor) add_kind({.receptor = receptor, .shift = 0});
    std::uint32_t longest = 0;
    if (class_ != nullptr && !class_->slots.empty())
      longest = (class_->slots.back() + 1) * net.shape.slot_width;
    for (const PairBits& pairs : net.pair_bits)
      if (is_own(pairs)) longest = std::max(longest, pairs.delay);
    for (const PlasticRows& rows : net.plastic)
      if (rows.source.population == population_)
        longest = std::max(longest, rows.first_delay + rows.n_delays - 1);
    n_delays_ = std::size_t{longest} + 1;
  }

  void read(std::vector<ConnectionStatistics>& connections) {
    count();
    merge();
    for (std::uint32_t p = 0; p < spec_.populations.size(); ++p) {
      if (place_[p] == kNoPopulation) continue;
      const Weights weights = weights_to(place_[p]);
      if (weights.n > 0) connections.push_back(statistics(p, weights));
    }
  }

 private:
  [[nodiscard]] bool is_own(const PairBits& pairs) const {
    return std::cmp_equal(pairs.source_class, index_);
  }

  /// A kind of weights: the exponent of their unit at each target.
  void add_kind(const Channel& channel) {
    const std::size_t first = exponents_.size();
    exponents_.resize(first + n_targets_);
    for (std::uint32_t p = 0; p < place_.size(); ++p)
      if (place_[p] != kNoPopulation)
        exponents_[first + place_[p]] =
            channel.shift - net_.exponents[p][static_cast<std::size_t>(channel.receptor)];
  }

  void count() {
    shares_.assign(static_cast<std::size_t>(pool_.size()), Share{});
    for (Share& share : shares_) {
      for (const int exponent : exponents_) share.tallies.push_back({.weights = GrowingHistogram(exponent)});
      share.delays.resize(n_targets_ * n_delays_);
      share.in_degree.resize(net_.shape.n_neurons);
    }
    out_degree_.assign(std::size_t{n_targets_} * n_sources_, 0);
    constexpr std::uint64_t kRowsAtOnce = 64;
    pool_.parallel_for(n_sources_, kRowsAtOnce, [&](int thread, std::uint64_t begin, std::uint64_t end) {
      for (std::uint64_t i = begin; i < end; ++i)
        count_row(shares_[static_cast<std::size_t>(thread)], static_cast<std::uint32_t>(i));
    });
  }

  void count_row(Share& share, std::uint32_t i) {
    const std::size_t n = n_targets_;
    const auto visit = [=, tallies = share.tallies.data(), delays = share.delays.data(),
                        in_degree = share.in_degree.data(), out_degree = out_degree_.data() + i * n,
                        place_of = place_of_.data()](std::size_t kind, std::uint32_t delay) {
      return [=, of_kind = tallies + kind * n, of_delay = delays + delay * n](
                 std::uint32_t id, std::uint32_t late, std::int64_t weight) {
        const std::uint32_t place = place_of[id];
        of_kind[place].add(weight);
        ++of_delay[late * n + place];
        ++in_degree[id];
        ++out_degree[place];
      };
    };
    const auto kind = [&](int receptor) { return net_.channels.size() + static_cast<std::size_t>(receptor); };
    if (class_ != nullptr) for_each_synapse_of_row(net_, *class_, i, visit);
    for (const PairBits& pairs : net_.pair_bits) {
      const auto position = is_own(pairs) ? position_in(pairs.source, i) : std::nullopt;
      if (position) for_each_bit(net_, pairs, *position, visit(kind(pairs.receptor), pairs.delay));
    }
    for (const PlasticRows& rows : net_.plastic) {
      if (rows.source.population != population_) continue;
      const auto position = position_in(rows.source, i);
      for (std::uint32_t k = 0; position && k < rows.n_delays; ++k)
        for_each_plastic_synapse(net_, rows, *position, rows.first_delay + k,
                                 visit(kind(rows.receptor), rows.first_delay + k));
    }
  }

  /// Into the first share, but for the weights.
  void merge() {
    for (std::size_t t = 1; t < shares_.size(); ++t) {
      for (std::size_t k = 0; k < shares_[0].delays.size(); ++k) shares_[0].delays[k] += shares_[t].delays[k];
      for (std::size_t id = 0; id < shares_[0].in_degree.size(); ++id)
        shares_[0].in_degree[id] += shares_[t].in_degree[id];
    }
  }

  /// Of [...][target population] what belongs to one of them.
  template <class Number>
  [[nodiscard]] std::vector<Number> of_place(const std::vector<Number>& all, std::uint32_t place) const {
    std::vector<Number> part;
    for (std::size_t k = place; k < all.size(); k += n_targets_) part.push_back(all[k]);
    return part;
  }

  [[nodiscard]] Weights weights_to(std::uint32_t place) const {
    Weights weights;
    for (const Share& share : shares_)
      for (std::size_t k = place; k < exponents_.size(); k += n_targets_)
        weights.add(share.tallies[k], exponents_[k]);
    return weights;
  }

  [[nodiscard]] ConnectionStatistics statistics(std::uint32_t target, const Weights& all) const {
    const PopulationSpec& population = spec_.populations[target];
    const auto n = static_cast<double>(all.n);
    const double mean = all.sum / n;
    const auto in = shares_[0].in_degree.begin() + net_.places[target].first_source;
    const NeuronSpec* neurons = population.neurons();
    return {
        .source = spec_.populations[population_].name,
        .target = population.name,
        .n_synapses = all.n,
        .out_degree = spread_of(of_place(out_degree_, place_[target])),
        .in_degree = spread_of({in, in + population.size}),
        .weight = {.mean = all.first + mean,
                   .sd = std::sqrt(std::max(0.0, all.sum_of_squares / n - mean * mean)),
                   .min = all.min,
                   .max = all.max,
                   .histogram = all.min < all.max ? all.histogram.finished() : equal_values(all.min, all.n)},
        .weight_unit = neurons != nullptr ? std::string(model_info(neurons->model).weight_unit) : "",
        .delay_ms = spread_of_delays(of_place(shares_[0].delays, place_[target]), spec_.simulation.dt_ms)};
  }

  const ModelSpec& spec_;
  const Network& net_;
  ThreadPool& pool_;
  std::uint32_t population_;
  std::uint32_t n_sources_;
  int index_;                         ///< of its class
  const SourceClass* class_;          ///< null where it has plastic synapses only
  std::vector<std::uint32_t> place_;  ///< [population] among the targets of this class
  std::uint32_t n_targets_ = 0;
  std::vector<std::uint32_t> place_of_;    ///< [neuron] of its population
  std::vector<int> exponents_;             ///< [channel, then pair bits][target's place]
  std::size_t n_delays_ = 0;               ///< one more than the longest, in steps
  std::vector<Share> shares_;              ///< [thread]
  std::vector<std::uint32_t> out_degree_;  ///< [source][target's place]
};

}  // namespace

std::vector<ConnectionStatistics> connection_statistics(const ModelSpec& spec, const Network& net,
                                                        ThreadPool& pool) {
  std::vector<ConnectionStatistics> connections;
  for (std::uint32_t p = 0; p < spec.populations.size(); ++p)
    if (net.is_heard(p)) SourceReader(spec, net, pool, p).read(connections);
  return connections;
}

}  // namespace sharpwave
