#include "host/network/plastic_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/base/error.hpp"
#include "host/network/placed_weights.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

// With the weights once more, which an engine has for itself.
std::uint64_t bytes_per_synapse(const StdpSpec& rule) {
  return sizeof(std::uint16_t) + (has_synapse_traces(rule) ? 3 : 2) * sizeof(float);
}

// One projection. Rows are drawn twice: to be counted, and to be written.
class PlasticBuilder {
 public:
  PlasticBuilder(Construction& construction, const RowPlan& plan, ThreadPool& pool, PlasticRows& rows)
      : b_(construction),
        plan_(plan),
        pool_(pool),
        rows_(rows),
        by_parts_(construction.net.shape.n_parts()),
        threads_(static_cast<std::size_t>(pool.size())) {
    for (std::size_t i = 0; i < threads_.size(); ++i) threads_[i].burdens = &b_.burdens[i];
  }

  void build() {
    const std::size_t n_rows = std::size_t{plan_.projection->source.size()} * rows_.n_delays;
    rows_.parts.resize(b_.net.shape.n_parts());
    for (PlasticRows::OfPart& part : rows_.parts) part.begin = HugeBuffer<std::uint32_t>(n_rows + 1);
    for_each_source([&](OfThread& t, std::uint32_t source) { count(t, source); });
    for (PlasticRows::OfPart& part : rows_.parts) allocate(part);
    for_each_source([&](OfThread& t, std::uint32_t source) { write(t, source); });
    if (plan_.projection->given_weights)
      place_given_weights(b_.net, *plan_.projection, b_.spec.simulation.dt_ms, rows_, plan_.exponent, pool_,
                          b_.connectivity_sum);
  }

 private:
  struct OfThread {
    std::vector<std::uint64_t>* burdens = nullptr;
    SynapseRow row;
    std::vector<double> values;
    std::vector<std::int32_t> delays;
    std::vector<std::uint32_t> next;  // [part][delay] of the source in hand
  };

  template <class Body>
  void for_each_source(const Body& body) {
    pool_.parallel_for(
        plan_.projection->source.size(), 16, [&](int thread, std::uint64_t begin, std::uint64_t end) {
          if (b_.stop && b_.stop())
            throw Error(ExitCode::interrupted,
                        "interrupted while the network was built; no file was written");
          OfThread& t = threads_[static_cast<std::size_t>(thread)];
          for (std::uint64_t source = begin; source < end; ++source) {
            plan_.connectivity->fill(static_cast<std::uint32_t>(source), t.row);
            draw_row_delays(plan_, t.row, b_.spec.simulation.dt_ms, b_.kernels, t.values, t.delays);
            body(t, static_cast<std::uint32_t>(source));
          }
        });
  }

  [[nodiscard]] std::uint32_t target_id(const OfThread& t, std::uint32_t j) const {
    return plan_.target_first + plan_.projection->target[t.row.target[j]];
  }

  void count(OfThread& t, std::uint32_t source) {
    for (std::uint32_t j = 0; j < t.row.n; ++j) {
      const std::uint32_t id = target_id(t, j);
      const std::uint32_t part = id - by_parts_.quotient(id) * by_parts_.divisor();
      ++rows_.parts[part].begin[rows_.row(source, static_cast<std::uint32_t>(t.delays[j])) + 1];
    }
  }

  // Counts become ends.
  void allocate(PlasticRows::OfPart& part) const {
    std::uint64_t sum = 0;
    for (std::size_t row = 1; row < part.begin.size(); ++row) {
      sum += part.begin[row];
      if (sum > std::numeric_limits<std::uint32_t>::max())
        throw Error(ExitCode::no_room,
                    "projection '" + plan_.projection->name +
                        "': more than 4.29e9 plastic synapses onto one part of the network");
      part.begin[row] = static_cast<std::uint32_t>(sum);
    }
    part.elements = HugeBuffer<std::uint16_t>(sum);
    part.weights = HugeBuffer<float>(sum);
  }

  void write(OfThread& t, std::uint32_t source);

  Construction& b_;
  const RowPlan& plan_;
  ThreadPool& pool_;
  PlasticRows& rows_;
  Divider by_parts_;
  std::vector<OfThread> threads_;
};

void PlasticBuilder::write(OfThread& t, std::uint32_t source) {
  const bool is_given = plan_.projection->given_weights != nullptr;  // then weights are placed afterwards
  if (is_given)
    t.values.assign(t.row.n, 0.0);
  else
    draw_row_weights(plan_, t.row, b_.kernels, t.values);
  const std::size_t n_delays = rows_.n_delays;
  t.next.assign(rows_.parts.size() * n_delays, 0);
  const std::uint32_t id_of_source =
      b_.net.places[plan_.projection->source.population].first_source + plan_.projection->source[source];
  SynapseSum synapses;
  bool overflow = false;
  for (std::uint32_t j = 0; j < t.row.n; ++j) {
    const std::uint32_t id = target_id(t, j);
    const std::uint32_t element = by_parts_.quotient(id);
    const std::uint32_t part = id - element * by_parts_.divisor();
    const auto delay = static_cast<std::uint32_t>(t.delays[j]);
    PlasticRows::OfPart& to = rows_.parts[part];
    const std::uint32_t at =
        to.begin[rows_.row(source, delay)] + t.next[part * n_delays + (delay - rows_.first_delay)]++;
    to.elements[at] = static_cast<std::uint16_t>(element);
    to.weights[at] = static_cast<float>(std::fabs(t.values[j]));
    const std::size_t sign = rows_.units_per_weight < 0 ? 1 : 0;
    synapses.add(id, t.delays[j], to_grid(t.values[j], plan_.exponent[sign]));
    std::uint64_t& burden =
        (*t.burdens)[std::size_t{id} * kMaxReceptors + static_cast<std::size_t>(rows_.receptor)];
    overflow |= __builtin_add_overflow(burden, plan_.burden[sign], &burden);
  }
  b_.net.out_degrees[id_of_source] += t.row.n;
  if (!is_given)
    b_.connectivity_sum.fetch_add(synapses.of(id_of_source, plan_.exponent), std::memory_order_relaxed);
  if (overflow) b_.burden_overflow = true;
}

}  // namespace

PlasticSizes plastic_sizes(const ProjectionSpec& projection, double dt_ms) {
  const double n = expected_synapses(projection);
  const Range delays = range_of(projection.delay_ms);
  const std::uint32_t longest = delay_steps(delays.high, dt_ms);
  const std::uint32_t n_delays = longest - delay_steps(delays.low, dt_ms) + 1;
  return {.n_synapses = synapse_count_is_exact(projection) ? n : n + 10 * std::sqrt(n) + 100,
          .n_rows = static_cast<double>(projection.source.size()) * n_delays,
          .longest_delay = longest};
}

bool has_synapse_traces(const StdpSpec& rule) {
  return rule.eligibility || rule.pairing == StdpPairing::presynaptic;
}

double plastic_rows_bytes(const ProjectionSpec& projection, double dt_ms, const NetworkShape& shape) {
  const PlasticSizes sizes = plastic_sizes(projection, dt_ms);
  return sizes.n_synapses * static_cast<double>(bytes_per_synapse(*projection.plasticity)) +
         4.0 * (sizes.n_rows + 1) * shape.n_parts();
}

double bytes_per_plastic_synapse(const ProjectionSpec& projection, double dt_ms, const NetworkShape& shape) {
  const double n = expected_synapses(projection);
  if (!(n > 0)) return 0;
  const double n_offsets = (plastic_sizes(projection, dt_ms).n_rows + 1) * shape.n_parts();
  return static_cast<double>(bytes_per_synapse(*projection.plasticity)) + 4.0 * n_offsets / n;
}

std::uint64_t plastic_bytes(const ModelSpec& spec, const PlasticRows& rows) {
  std::uint64_t bytes = bytes_per_synapse(*spec.projections[rows.projection].plasticity) * rows.n_synapses();
  for (const PlasticRows::OfPart& part : rows.parts) bytes += part.begin.size() * sizeof(std::uint32_t);
  return bytes;
}

void build_plastic_rows(Construction& construction, const Grids& grids, const Connectivities& connectivities,
                        ThreadPool& pool) {
  const ModelSpec& spec = construction.spec;
  Network& net = construction.net;
  for (std::uint32_t k = 0; k < spec.projections.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    if (!p.plasticity || p.source.size() == 0 || p.target.size() == 0) continue;
    const ProjectionGrid& grid = grids.projections[k];
    const std::size_t sign = grid.largest[1] > 0 ? 1 : 0;
    const int receptor = grid.receptor[sign];
    const int exponent = grids.exponents[p.target.population][static_cast<std::size_t>(receptor)];
    RowPlan plan{.projection = &p,
                 .connectivity = connectivities[k].get(),
                 .grid = &grid,
                 .target_first = net.places[p.target.population].first_source,
                 .exponent = {exponent, exponent}};
    set_draws(plan, spec.simulation.dt_ms);
    // A weight at its bound is the float next to w_max, which may be above it.
    const auto w_max = static_cast<double>(static_cast<float>(p.plasticity->w_max));
    const auto units = static_cast<std::uint64_t>(to_grid(w_max, exponent));
    if (__builtin_mul_overflow(net.places[p.source.population].multiplicity, units, &plan.burden[sign]))
      plan.burden[sign] = std::numeric_limits<std::uint64_t>::max();
    net.longest_delay = std::max(net.longest_delay, plan.last_delay);
    PlasticRows& rows = net.plastic.emplace_back(
        PlasticRows{.projection = k,
                    .source = p.source,
                    .first_delay = plan.first_delay,
                    .n_delays = plan.last_delay - plan.first_delay + 1,
                    .receptor = receptor,
                    .units_per_weight = (sign == 1 ? -1 : 1) * power_of_two(exponent)});
    PlasticBuilder(construction, plan, pool, rows).build();
  }
}

}  // namespace sharpwave
