#include "host/network/connection_statistics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "host/base/thread_pool.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

constexpr std::uint32_t kNoPopulation = ~std::uint32_t{0};

/// What all synapses of a segment of a row have in common.
struct Segment {
  std::uint32_t part;
  std::uint32_t first_delay;  ///< of the slot, in steps
  Channel channel;
};

/// Calls visit(target id, delay in steps, channel, weight in units of the receptor's grid).
template <class Visit>
void for_each_synapse(const Network& net, const Segment& segment, std::uint64_t begin, std::uint64_t end,
                      const Visit& visit) {
  const NetworkShape& shape = net.shape;
  const bool wide = net.wide_weights.size() > 0;
  for (std::uint64_t at = begin; at < end; ++at) {
    const std::uint32_t cell = wide ? net.wide_cells[at] : net.synapses[at] & 0xffffu;
    if (cell == shape.dummy_cell()) continue;
    const std::int64_t weight =
        wide ? net.wide_weights[at] : static_cast<std::int32_t>(net.synapses[at]) >> 16;
    const std::uint32_t late = shape.slot_width > 1 ? cell / shape.cells_per_step : 0;
    const std::uint32_t element = cell - late * shape.cells_per_step;
    visit(element * shape.n_parts() + segment.part, segment.first_delay + late, segment.channel,
          weight * (std::int64_t{1} << segment.channel.shift));
  }
}

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
          const Segment segment{.part = group * shape.n_sub_blocks + sub_block,
                                .first_delay = slot * shape.slot_width + 1,
                                .channel = net.channels[channel]};
          for_each_synapse(net, segment, chunk(at) * kChunk, chunk(at + 1) * kChunk, visit);
          ++at;
        }
}

template <class Visit>
void for_each_bit(const Network& net, const PairBits& pairs, std::uint32_t position, const Visit& visit) {
  const std::uint32_t n_parts = net.shape.n_parts();
  const Channel channel{.receptor = pairs.receptor, .shift = 0};
  for (std::uint32_t part = 0; part < n_parts; ++part) {
    const std::size_t row = (std::size_t{position} * n_parts + part) * pairs.words();
    for (std::uint32_t word = 0; word < pairs.words(); ++word)
      for (std::uint64_t bits = pairs.bits[row + word]; bits != 0; bits &= bits - 1) {
        const std::uint32_t element =
            pairs.first_element + 64 * word + static_cast<std::uint32_t>(std::countr_zero(bits));
        visit(element * n_parts + part, pairs.delay, channel, pairs.units);
      }
  }
}

/// Sums over the synapses to one population.
struct Tally {
  std::uint64_t n = 0;
  double sum = 0;
  double sum_of_squares = 0;  ///< of differences from the first weight, which does not cancel
  double first = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  std::vector<std::uint64_t> delays;  ///< [steps]
  Histogram weights;

  void add(double weight, std::uint32_t delay) {
    if (n == 0) first = weight;
    ++n;
    const double difference = weight - first;
    sum += difference;
    sum_of_squares += difference * difference;
    min = std::min(min, weight);
    max = std::max(max, weight);
    if (delay >= delays.size()) delays.resize(delay + 1);
    ++delays[delay];
  }
};

/// Sums of one thread over the synapses of one population's neurons.
struct Share {
  std::vector<Tally> tallies;            ///< [target population]
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
  const std::uint64_t high = delays.size() - 1;
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

/// Everything that concerns the synapses of one population's neurons.
class ClassReader {
 public:
  ClassReader(const ModelSpec& spec, const Network& net, ThreadPool& pool, std::uint32_t source_class)
      : spec_(spec), net_(net), pool_(pool), index_(source_class), class_(net.classes[source_class]) {
    population_of_.assign(net.shape.n_neurons, 0);
    for (std::uint32_t p = 0; p < spec.populations.size(); ++p)
      if (!spec.populations[p].is_virtual())
        std::fill_n(population_of_.begin() + net.places[p].first_source, spec.populations[p].size, p);
    for (const auto& exponents : net.exponents)
      std::transform(exponents.begin(), exponents.end(), unit_.emplace_back().begin(),
                     [](int exponent) { return power_of_two(-exponent); });
    place_.assign(spec.populations.size(), kNoPopulation);
    for (const ProjectionSpec& projection : spec.projections)
      if (projection.source.population == class_.population) place_[projection.target.population] = 0;
    for (std::uint32_t& place : place_)
      if (place == 0) place = n_targets_++;
  }

  void read(std::vector<ConnectionStatistics>& connections) {
    count();
    merge();
    count_weights();
    for (std::uint32_t p = 0; p < spec_.populations.size(); ++p)
      if (place_[p] != kNoPopulation && shares_[0].tallies[place_[p]].n > 0)
        connections.push_back(statistics(p));
  }

 private:
  /// Calls visit(thread, i, target population's place, target id, delay, weight) for every synapse, on the
  /// threads of the pool; each neuron i of the population is one thread's.
  template <class Visit>
  void for_each(const Visit& visit) {
    constexpr std::uint64_t kRowsAtOnce = 64;
    pool_.parallel_for(
        class_.n_sources, kRowsAtOnce, [&](int thread, std::uint64_t begin, std::uint64_t end) {
          for (auto i = static_cast<std::uint32_t>(begin); i < end; ++i) {
            const auto see = [&](std::uint32_t id, std::uint32_t delay, const Channel& channel,
                                 std::int64_t units) {
              const std::uint32_t p = population_of_[id];
              visit(shares_[static_cast<std::size_t>(thread)], i, place_[p], id, delay,
                    static_cast<double>(units) * unit_[p][static_cast<std::size_t>(channel.receptor)]);
            };
            for_each_synapse_of_row(net_, class_, i, see);
            for (const PairBits& pairs : net_.pair_bits) {
              if (pairs.source_class != index_ || i < pairs.source.start || i >= pairs.source.stop) continue;
              if ((i - pairs.source.start) % pairs.source.stride != 0) continue;
              for_each_bit(net_, pairs, (i - pairs.source.start) / pairs.source.stride, see);
            }
          }
        });
  }

  void count() {
    shares_.assign(static_cast<std::size_t>(pool_.size()), Share{});
    for (Share& share : shares_) {
      share.tallies.resize(n_targets_);
      share.in_degree.resize(net_.shape.n_neurons);
    }
    out_degree_.assign(std::size_t{n_targets_} * class_.n_sources, 0);
    for_each([&](Share& share, std::uint32_t i, std::uint32_t place, std::uint32_t id, std::uint32_t delay,
                 double weight) {
      share.tallies[place].add(weight, delay);
      ++share.in_degree[id];
      ++out_degree_[std::size_t{place} * class_.n_sources + i];
    });
  }

  /// Into the first share.
  void merge() {
    for (std::size_t t = 1; t < shares_.size(); ++t) {
      for (std::uint32_t place = 0; place < n_targets_; ++place)
        merge(shares_[0].tallies[place], shares_[t].tallies[place]);
      for (std::size_t id = 0; id < shares_[0].in_degree.size(); ++id)
        shares_[0].in_degree[id] += shares_[t].in_degree[id];
    }
  }

  static void merge(Tally& into, const Tally& other) {
    if (other.n == 0) return;
    if (into.n == 0) {
      into = other;
      return;
    }
    const double shift = other.first - into.first;
    const auto n = static_cast<double>(other.n);
    into.sum_of_squares += other.sum_of_squares + 2 * shift * other.sum + n * shift * shift;
    into.sum += other.sum + n * shift;
    into.n += other.n;
    into.min = std::min(into.min, other.min);
    into.max = std::max(into.max, other.max);
    into.delays.resize(std::max(into.delays.size(), other.delays.size()));
    for (std::size_t step = 0; step < other.delays.size(); ++step) into.delays[step] += other.delays[step];
  }

  /// The second reading: now the weights' range is known.
  void count_weights() {
    bool differ = false;
    for (std::uint32_t place = 0; place < n_targets_; ++place) {
      const Tally& all = shares_[0].tallies[place];
      differ = differ || (all.n > 0 && all.min < all.max);
      for (Share& share : shares_) share.tallies[place].weights = empty_histogram(all.min, all.max);
    }
    if (!differ) {
      for (Tally& all : shares_[0].tallies) all.weights.counts[0] = all.n;
      return;
    }
    for_each([](Share& share, std::uint32_t, std::uint32_t place, std::uint32_t, std::uint32_t,
                double weight) { share.tallies[place].weights.add(weight); });
    for (std::size_t t = 1; t < shares_.size(); ++t)
      for (std::uint32_t place = 0; place < n_targets_; ++place) {
        const std::vector<std::uint64_t>& counts = shares_[t].tallies[place].weights.counts;
        for (std::size_t k = 0; k < counts.size(); ++k)
          shares_[0].tallies[place].weights.counts[k] += counts[k];
      }
  }

  [[nodiscard]] ConnectionStatistics statistics(std::uint32_t target) const {
    const Tally& all = shares_[0].tallies[place_[target]];
    const PopulationSpec& population = spec_.populations[target];
    const auto n = static_cast<double>(all.n);
    const double mean = all.sum / n;
    const auto out = out_degree_.begin() + std::ptrdiff_t{place_[target]} * class_.n_sources;
    const auto in = shares_[0].in_degree.begin() + net_.places[target].first_source;
    const NeuronSpec* neurons = population.neurons();
    return {.source = spec_.populations[class_.population].name,
            .target = population.name,
            .n_synapses = all.n,
            .out_degree = spread_of({out, out + class_.n_sources}),
            .in_degree = spread_of({in, in + population.size}),
            .weight = {.mean = all.first + mean,
                       .sd = std::sqrt(std::max(0.0, all.sum_of_squares / n - mean * mean)),
                       .min = all.min,
                       .max = all.max,
                       .histogram = all.weights},
            .weight_unit = neurons != nullptr ? std::string(model_info(neurons->model).weight_unit) : "",
            .delay_ms = spread_of_delays(all.delays, spec_.simulation.dt_ms)};
  }

  const ModelSpec& spec_;
  const Network& net_;
  ThreadPool& pool_;
  std::uint32_t index_;
  const SourceClass& class_;
  std::vector<std::uint32_t> population_of_;             ///< [neuron]
  std::vector<std::array<double, kMaxReceptors>> unit_;  ///< [population][receptor] of its grid
  std::vector<std::uint32_t> place_;                     ///< [population] among the targets of this class
  std::uint32_t n_targets_ = 0;
  std::vector<Share> shares_;              ///< [thread]
  std::vector<std::uint32_t> out_degree_;  ///< [target's place][source]
};

}  // namespace

std::vector<ConnectionStatistics> connection_statistics(const ModelSpec& spec, const Network& net,
                                                        ThreadPool& pool) {
  std::vector<ConnectionStatistics> connections;
  for (std::uint32_t p = 0; p < spec.populations.size(); ++p)
    if (net.class_of_population[p] >= 0)
      ClassReader(spec, net, pool, static_cast<std::uint32_t>(net.class_of_population[p])).read(connections);
  return connections;
}

}  // namespace sharpwave
