#include "host/engine/construction.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/thread_pool.hpp"
#include "host/network/plastic_rows.hpp"
#include "host/network/region_sources.hpp"
#include "host/network/step_times.hpp"
#include "kernels/recorded_quantity.hpp"

namespace sharpwave {

Arithmetic arithmetic_of(const ModelSpec& spec, const PlacedInputs& placed) {
  if (spec.simulation.precision == Precision::float64) return Arithmetic::double_int64;
  return placed.wide_accumulators ? Arithmetic::float_int64 : Arithmetic::float_int32;
}

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
  arithmetic = arithmetic_of(spec, placed);
  input_weights = std::move(placed.weights);
}

std::uint32_t recorded_quantity(const NeuronModelInfo& model, const Recordable& what) {
  const std::vector<Recordable> known = recordables(model);
  SHARPWAVE_ASSERT(std::find(known.begin(), known.end(), what) != known.end());
  if (const auto* variable = std::get_if<StateVariable>(&what))
    return static_cast<std::uint32_t>(model.index_of(*variable));
  switch (std::get<StepQuantity>(what)) {
    case StepQuantity::refractory:
      return kRecordRefractory;
    case StepQuantity::input:
    case StepQuantity::input_ex:
      return kRecordInput;
    case StepQuantity::input_in:
      return kRecordInput + 1;
    case StepQuantity::I_stim:
      break;
  }
  return kRecordCurrent;
}

bool is_heard(const ModelSpec& spec, const Network& net, std::uint32_t population) {
  return net.is_heard(population) || drives_a_region(spec, population);
}

std::vector<FileSpike> file_spikes(const ModelSpec& spec, const Network& net) {
  std::vector<FileSpike> spikes;
  for (std::size_t i = 0; i < spec.populations.size(); ++i) {
    const auto* source = std::get_if<SpikeSourceSpec>(&spec.populations[i].kind);
    if (source == nullptr || !is_heard(spec, net, static_cast<std::uint32_t>(i))) continue;
    for (std::size_t k = 0; k < source->indices.size(); ++k)
      spikes.push_back({spike_step(source->times_ms[k], spec.simulation.dt_ms),
                        net.places[i].first_source + source->indices[k]});
  }
  std::sort(spikes.begin(), spikes.end(), [](const FileSpike& a, const FileSpike& b) {
    return a.step != b.step ? a.step < b.step : a.source < b.source;
  });
  return spikes;
}

double largest_real(Precision precision) {
  return precision == Precision::float32 ? double{std::numeric_limits<float>::max()}
                                         : std::numeric_limits<double>::max();
}

double bound_mV(const ModelSpec& spec) {
  const WatchdogSpec& watchdog = spec.watchdog;
  const bool is_bounded =
      watchdog.bound_mV && watchdog.action(WatchdogSign::divergence) != WatchdogAction::off;
  if (!is_bounded) return largest_real(spec.simulation.precision);
  // As the kernels compare it.
  const auto narrow = static_cast<float>(*watchdog.bound_mV);
  return spec.simulation.precision == Precision::float32 ? double{narrow} : *watchdog.bound_mV;
}

std::uint64_t longest_flight(const Network& net) {
  std::uint64_t longest = 1;
  for (const SourceClass& c : net.classes)
    longest = std::max(longest, (std::uint64_t{c.slots.back()} + 1) * net.shape.slot_width);
  return longest;
}

// Neuromodulators answer to spikes in the step after them, and what a homeostasis of weights finds under way
// has left by then.
std::uint64_t round_steps(const ModelSpec& spec, const Network& net) {
  constexpr std::uint64_t kMost = 64;  // so many are as good as more
  if (!spec.regions.empty()) return 1;
  std::uint64_t shortest = kMost;
  for (const SourceClass& c : net.classes)
    shortest = std::min(shortest, std::uint64_t{c.slots.front()} * net.shape.slot_width + 1);
  for (const PairBits& pairs : net.pair_bits) shortest = std::min<std::uint64_t>(shortest, pairs.delay);
  for (const PlasticRows& rows : net.plastic)
    shortest = std::min<std::uint64_t>(
        shortest, spec.projections[rows.projection].plasticity->homeostasis ? 1 : rows.first_delay);
  return shortest;
}

std::vector<ConnectionStatistics> count_connections(const ModelSpec& spec, const Network& net,
                                                    ThreadPool& pool) {
  const ProfileRange range("connection statistics");
  return connection_statistics(spec, net, pool);
}

std::vector<ReceptorGrid> grids_of(const ModelSpec& spec, const Network& net, Arithmetic arithmetic) {
  std::vector<ReceptorGrid> grids;
  for (std::size_t i = 0; i < spec.populations.size(); ++i)
    for (int r = 0; r < net.places[i].n_receptors; ++r) {
      const char* name = net.places[i].n_receptors == 1 ? "all" : (r == 0 ? "ex" : "in");
      grids.push_back({spec.populations[i].name, name, net.exponents[i][static_cast<std::size_t>(r)],
                       arithmetic == Arithmetic::float_int32 ? 32 : 64});
    }
  return grids;
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
  for (const PlasticRows& rows : net.plastic) report.synapse_bytes += plastic_bytes(spec, rows);
  report.grids = grids_of(spec, net, arithmetic);
  return report;
}

}  // namespace sharpwave
