#include "tests/host/network/network_reading.hpp"

#include <algorithm>
#include <set>
#include <variant>

#include "host/network/distribution.hpp"
#include "host/network/grids.hpp"
#include "kernels/fixed_point.hpp"
#include "tests/host/network/rows.hpp"

namespace sharpwave::test {
namespace {

// Where a segment lies, and what its synapses have in common.
struct Segment {
  std::uint32_t source = 0;
  std::uint32_t part = 0;
  std::uint32_t slot = 0;
  Channel channel;
  std::uint64_t first_chunk = 0;
  std::uint64_t n_chunks = 0;
};

template <class Visit>
void for_each_segment(const Network& net, const Visit& visit) {
  const NetworkShape& shape = net.shape;
  for (const SourceClass& c : net.classes)
    for (std::uint32_t i = 0; i < c.n_sources; ++i) {
      const auto offset = [&](std::size_t segment) -> std::uint64_t {
        const std::size_t at = std::size_t{i} * c.stride + segment;
        return c.offsets32.size() > 0 ? c.offsets32[at] : c.offsets16[at];
      };
      std::size_t k = 0;
      for (std::uint32_t group = 0; group < shape.n_groups; ++group)
        for (const std::uint32_t slot : c.slots)
          for (std::uint32_t sub_block = 0; sub_block < shape.n_sub_blocks; ++sub_block)
            for (const std::uint8_t channel : c.channels) {
              visit(Segment{.source = c.first_source + i,
                            .part = group * shape.n_sub_blocks + sub_block,
                            .slot = slot,
                            .channel = net.channels[channel],
                            .first_chunk = net.row_begin[c.first_source + i] + offset(k),
                            .n_chunks = offset(k + 1) - offset(k)});
              ++k;
            }
    }
}

void read_chunk(const Network& net, const Segment& segment, std::uint64_t chunk, Reading& reading) {
  const NetworkShape& shape = net.shape;
  const bool wide = net.wide_weights.size() > 0;
  std::set<std::uint32_t> cells;
  for (std::uint64_t at = chunk * kChunk; at < (chunk + 1) * kChunk; ++at) {
    const std::uint32_t cell = wide ? net.wide_cells[at] : net.synapses[at] & 0xffffu;
    const std::int64_t weight =
        wide ? net.wide_weights[at] : static_cast<std::int32_t>(net.synapses[at]) >> 16;
    if (cell == shape.dummy_cell()) {
      reading.weighty_padding += weight != 0 ? 1 : 0;
      continue;
    }
    reading.repeated_cells += cells.insert(cell).second ? 0 : 1;
    const std::uint32_t element = cell % shape.cells_per_step;
    const std::uint32_t late = cell / shape.cells_per_step;
    if (element >= shape.part_size(segment.part) || late >= shape.slot_width) ++reading.misplaced;
    const std::int64_t units = weight * (std::int64_t{1} << segment.channel.shift);
    reading.synapses.push_back({.source = segment.source,
                                .target = element * shape.n_parts() + segment.part,
                                .delay = segment.slot * shape.slot_width + late + 1,
                                .units = units,
                                .receptor = units == 0 ? 0 : segment.channel.receptor});
  }
}

void read_bits(const Network& net, const PairBits& pairs, Reading& reading) {
  const std::uint32_t first_source = net.classes[pairs.source_class].first_source;
  const std::uint32_t n_parts = net.shape.n_parts();
  for (std::uint32_t position = 0; position < pairs.source.size(); ++position)
    for (std::uint32_t part = 0; part < n_parts; ++part)
      for (std::uint32_t bit = 0; bit < 64 * pairs.words(); ++bit) {
        const std::size_t row = (std::size_t{position} * n_parts + part) * pairs.words();
        if ((pairs.bits[row + bit / 64] >> (bit % 64) & 1) == 0) continue;
        const std::uint32_t element = pairs.first_element + bit;
        if (bit >= pairs.n_elements || element >= net.shape.part_size(part)) ++reading.misplaced;
        ++reading.n_bits;
        reading.synapses.push_back({.source = first_source + pairs.source[position],
                                    .target = element * n_parts + part,
                                    .delay = pairs.delay,
                                    .units = pairs.units,
                                    .receptor = pairs.units == 0 ? 0 : pairs.receptor});
      }
}

}  // namespace

std::uint64_t Reading::bytes(const Network& net) const {
  const std::uint64_t per_synapse = net.wide_weights.size() > 0 ? 10 : 4;
  return n_chunks * kChunk * per_synapse + offset_bytes + net.row_begin.size() * 4 + bit_bytes;
}

Reading read_network(const Network& net) {
  Reading reading;
  std::vector<bool> taken(net.n_chunks);
  for_each_segment(net, [&](const Segment& segment) {
    for (std::uint64_t j = 0; j < segment.n_chunks; ++j) {
      const std::uint64_t chunk = segment.first_chunk + j;
      if (taken.at(chunk)) ++reading.overlapping_rows;
      taken[chunk] = true;
      read_chunk(net, segment, chunk, reading);
    }
    reading.n_chunks += segment.n_chunks;
  });
  for (const SourceClass& c : net.classes)
    reading.offset_bytes += c.offsets16.size() * 2 + c.offsets32.size() * 4;
  for (const PairBits& pairs : net.pair_bits) {
    read_bits(net, pairs, reading);
    reading.bit_bytes += pairs.bits.size() * 8;
  }
  std::sort(reading.synapses.begin(), reading.synapses.end());
  return reading;
}

std::vector<Synapse> expected_network(const ModelSpec& spec) {
  ThreadPool pool(1);
  StreamRegistry streams;
  Connectivities rules;
  for (const ProjectionSpec& p : spec.projections)
    rules.push_back(make_connectivity(spec, p, streams, pool, select_cpu_kernels()));
  auto places = place_populations(spec);
  const InDegrees in_degrees = in_degrees_of(spec, rules, pool);
  set_multiplicities(spec, in_degrees, places);
  const Grids grids = compute_grids(spec, places, in_degrees);
  const bool wide = spec.simulation.precision == Precision::float64;
  const auto value = [](const Values& values, std::uint32_t word, std::uint32_t element) {
    if (const auto* list = std::get_if<std::vector<double>>(&values)) return (*list)[element];
    return draw(draw_parameters(std::get<Distribution>(values)), math::uniform(word));
  };
  std::vector<Synapse> synapses;
  for (std::size_t k = 0; k < rules.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    const ProjectionGrid& grid = grids.projections[k];
    const bool parrot = std::holds_alternative<ParrotSpec>(spec.populations[p.target.population].kind);
    const auto rows = rows_of(p, *rules[k]);
    for (std::uint32_t s = 0; s < rows.size(); ++s)
      for (std::size_t j = 0; j < rows[s].targets.size(); ++j) {
        const Row& row = rows[s];
        const double weight = parrot ? 1 : value(p.weight, row.weight_words[j], row.elements[j]);
        const std::size_t sign = weight < 0 ? 1 : 0;
        const int receptor = parrot ? 0 : grid.receptor[sign];
        const int exponent =
            wide ? grids.exponents[p.target.population][static_cast<std::size_t>(receptor)] : grid.exponent;
        const std::int64_t units = to_grid(weight, exponent) * (std::int64_t{1} << grid.shift[sign]);
        synapses.push_back({.source = places[p.source.population].first_source + p.source[s],
                            .target = places[p.target.population].first_source + p.target[row.targets[j]],
                            .delay = delay_steps(value(p.delay_ms, row.delay_words[j], row.elements[j]),
                                                 spec.simulation.dt_ms),
                            .units = units,
                            .receptor = units == 0 ? 0 : receptor});
      }
  }
  std::sort(synapses.begin(), synapses.end());
  return synapses;
}

}  // namespace sharpwave::test
