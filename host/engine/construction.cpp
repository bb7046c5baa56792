#include "host/engine/construction.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "host/base/profile_range.hpp"
#include "host/base/thread_pool.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave {

namespace {

Arithmetic arithmetic_of(const ModelSpec& spec, bool wide_accumulators) {
  if (spec.simulation.precision == Precision::float64) return Arithmetic::double_int64;
  return wide_accumulators ? Arithmetic::float_int64 : Arithmetic::float_int32;
}

}  // namespace

EvaluatedModel::EvaluatedModel(const ModelSpec& spec, const Network& net) {
  StreamRegistry streams;
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i)
    parameters.push_back(spec.populations[i].neurons() != nullptr ? evaluate_parameters(spec, i, streams)
                                                                  : PopulationParameters{});
  currents = Currents(spec, streams);
  spike_inputs = make_spike_inputs(spec, streams);
  for (const PopulationSpec& population : spec.populations) {
    PoissonRate& rate = source_rates.emplace_back();
    if (const auto* poisson = std::get_if<PoissonSourceSpec>(&population.kind))
      rate = make_poisson_rate(
          poisson->rate, spec.simulation.dt_ms,
          streams.key(RandomPurpose::poisson_source, spec.simulation.seed, population.name));
  }
  PlacedInputs placed = place_inputs(spec, net);
  input_weights = std::move(placed.weights);
  arithmetic = arithmetic_of(spec, placed.wide_accumulators);
}

std::vector<FileSpike> file_spikes(const ModelSpec& spec, const Network& net) {
  std::vector<FileSpike> spikes;
  for (std::size_t i = 0; i < spec.populations.size(); ++i) {
    const auto* source = std::get_if<SpikeSourceSpec>(&spec.populations[i].kind);
    if (source == nullptr || net.class_of_population[i] < 0) continue;
    for (std::size_t k = 0; k < source->indices.size(); ++k)
      spikes.push_back({spike_step(source->times_ms[k], spec.simulation.dt_ms),
                        net.places[i].first_source + source->indices[k]});
  }
  std::sort(spikes.begin(), spikes.end(), [](const FileSpike& a, const FileSpike& b) {
    return a.step != b.step ? a.step < b.step : a.source < b.source;
  });
  return spikes;
}

std::uint64_t longest_flight(const Network& net) {
  std::uint64_t longest = 1;
  for (const SourceClass& c : net.classes)
    longest = std::max(longest, (std::uint64_t{c.slots.back()} + 1) * net.shape.slot_width);
  return longest;
}

std::vector<ConnectionStatistics> count_connections(const ModelSpec& spec, const Network& net,
                                                    ThreadPool& pool) {
  const ProfileRange range("connection statistics");
  return connection_statistics(spec, net, pool);
}

ConstructionReport report_construction(const ModelSpec& spec, const Network& net, Arithmetic arithmetic) {
  ConstructionReport report;
  const bool wide = arithmetic == Arithmetic::double_int64;
  report.n_synapses = net.n_synapses;
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(net.connectivity_sum));
  report.connectivity_digest = digest;
  report.out_degrees.assign(net.out_degrees.begin(), net.out_degrees.begin() + net.shape.n_neurons);
  report.synapse_bytes = net.n_chunks * kChunk * (wide ? 10 : 4) + net.row_begin.size() * 4;
  for (const PairBits& pairs : net.pair_bits) report.synapse_bytes += pairs.bits.size() * 8;
  for (const SourceClass& c : net.classes)
    report.synapse_bytes += c.offsets16.size() * 2 + c.offsets32.size() * 4;
  for (std::size_t i = 0; i < spec.populations.size(); ++i)
    for (int r = 0; r < net.places[i].n_receptors; ++r) {
      const char* name = net.places[i].n_receptors == 1 ? "all" : (r == 0 ? "ex" : "in");
      report.grids.push_back({spec.populations[i].name, name, net.exponents[i][static_cast<std::size_t>(r)],
                              arithmetic == Arithmetic::float_int32 ? 32 : 64});
    }
  return report;
}

}  // namespace sharpwave
