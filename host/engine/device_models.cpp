#include "host/engine/device_models.hpp"

#include <algorithm>
#include <utility>

#include "host/base/error.hpp"
#include "host/engine/device_presented.hpp"
#include "host/network/distribution.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

using device::kNone;

device::RateTable table_of(const PoissonRate& rate) {
  return {.key = rate.key,
          .first_step = rate.first_step,
          .table = rate.table,
          .table_begin = rate.table_begin,
          .thresholds = rate.thresholds};
}

device::PopulationShape population_shape(const ModelSpec& spec, const Network& net, std::uint32_t i) {
  using device::PopulationKind;
  const PopulationSpec& p = spec.populations[i];
  const int source_class = net.class_of_population[i];
  device::PopulationShape shape{
      .first_source = net.places[i].first_source,
      .size = p.size,
      .source_class = source_class < 0 ? kNone : static_cast<std::uint32_t>(source_class),
      .is_heard = is_heard(spec, net, i)};
  if (std::holds_alternative<ParrotSpec>(p.kind)) shape.kind = PopulationKind::parrots;
  if (std::holds_alternative<SpikeSourceSpec>(p.kind)) shape.kind = PopulationKind::spike_source;
  if (std::holds_alternative<PoissonSourceSpec>(p.kind)) shape.kind = PopulationKind::poisson_source;
  return shape;
}

device::PopulationModel population_model(const ModelSpec& spec, const Network& net,
                                         const EvaluatedModel& evaluated, std::uint32_t i) {
  const PopulationSpec& p = spec.populations[i];
  device::PopulationModel model;
  if (std::holds_alternative<PoissonSourceSpec>(p.kind)) model.rate = table_of(evaluated.source_rates[i]);
  if (p.neurons() == nullptr) return model;
  const PopulationParameters& given = evaluated.parameters[i];
  model.model = given.model;
  model.substeps = given.substeps;
  model.per_neuron = given.per_neuron;
  model.parameters = given.values;
  model.initial = given.initial;
  model.I_e_pA = given.I_e_pA;
  model.v_bias = given.v_bias;
  model.currents = evaluated.currents.of(i);
  if (spec.protocol != nullptr) model.learning_parameters = theta_parameters(given.model);
  model.t_ref_steps = given.t_ref_steps;
  model.E_L_mV = given.E_L_mV;
  model.bound_mV = bound_mV(spec);
  model.gain_region = p.input_gain.value_or(kNone);
  for (int r = 0; r < net.places[i].n_receptors; ++r)
    model.input_scale[r] = power_of_two(-net.exponents[i][static_cast<std::size_t>(r)]);
  return model;
}

void add_inputs(const ModelSpec& spec, const Network& net, const EvaluatedModel& evaluated,
                device::InstanceModel& model) {
  for (std::size_t k = 0; k < spec.inputs.size(); ++k) {
    const InputSpec& input = spec.inputs[k];
    if (input.spikes() == nullptr || input.target.size() == 0) continue;
    const SpikeInput& given = evaluated.spike_inputs[k];
    const InputWeight& weight = evaluated.input_weights[k];
    model.spike_inputs.push_back(
        {.rate = table_of(given.rate),
         .input = {.is_copied = given.copies.has_value(),
                   .copies = given.copies.value_or(MipCopies{}),
                   .first_source = net.places[input.target.population].first_source,
                   .start = input.target.start,
                   .stride = input.target.stride,
                   .n_targets = input.target.size(),
                   .receptor = static_cast<std::uint32_t>(weight.receptor),
                   .units = weight.units},
         .gain_region = spec.populations[input.target.population].external_gain.value_or(kNone)});
  }
}

void add_connections(const ModelSpec& spec, const Network& net, device::NetworkModel& model) {
  model.connections.n_parts = net.shape.n_parts();
  model.connections.n_groups = net.shape.n_groups;
  model.connections.sub_blocks = net.shape.n_sub_blocks;
  model.connections.cells_per_step = net.shape.cells_per_step;
  model.connections.slot_width = net.shape.slot_width;
  if (net.classes.empty()) return;
  model.dummy_cell = net.shape.dummy_cell();
  const std::size_t n_synapses = net.n_chunks * kChunk;
  model.row_begin = {net.row_begin.data(), net.row_begin.size()};
  if (spec.simulation.precision == Precision::float64) {
    model.wide_cells = {net.wide_cells.data(), n_synapses};
    model.wide_weights = {net.wide_weights.data(), n_synapses};
  } else {
    model.synapses = {net.synapses.data(), n_synapses};
  }
  for (const Channel& channel : net.channels)
    model.channels.push_back({static_cast<std::uint32_t>(channel.receptor), channel.shift});
  for (const PairBits& pairs : net.pair_bits)
    model.pair_bits.push_back({.pairs = {.start = pairs.source.start,
                                         .stop = pairs.source.stop,
                                         .stride = pairs.source.stride,
                                         .delay = pairs.delay,
                                         .receptor = static_cast<std::uint32_t>(pairs.receptor),
                                         .units = pairs.units,
                                         .first_element = pairs.first_element,
                                         .n_words = pairs.words()},
                               .bits = {pairs.bits.data(), pairs.bits.size()}});
  for (std::uint32_t k = 0; k < net.classes.size(); ++k) {
    const SourceClass& c = net.classes[k];
    const auto of_class = [&](const PairBits& pairs) { return pairs.source_class == k; };
    const auto first = std::find_if(net.pair_bits.begin(), net.pair_bits.end(), of_class);
    const auto first_bits = static_cast<std::uint32_t>(first - net.pair_bits.begin());
    const auto n_bits = static_cast<std::uint32_t>(std::count_if(first, net.pair_bits.end(), of_class));
    model.classes.push_back({.source_class = {.first_source = c.first_source,
                                              .first_slot = c.slots.front(),
                                              .n_segments = c.stride - 1,
                                              .n_channels = static_cast<std::uint32_t>(c.channels.size()),
                                              .first_bits = first_bits,
                                              .end_bits = first_bits + n_bits},
                             .n_sources = c.n_sources,
                             .stride = c.stride,
                             .channels = c.channels,
                             .offsets16 = {c.offsets16.data(), c.offsets16.size()},
                             .offsets32 = {c.offsets32.data(), c.offsets32.size()}});
  }
}

void add_plastic(const ModelSpec& spec, const Network& net, device::NetworkModel& model) {
  for (const PlasticRows& rows : net.plastic) {
    const Slice& target = spec.projections[rows.projection].target;
    device::PlasticNetworkModel& plastic = model.plastic.emplace_back();
    plastic.connections = {.first_source = net.places[rows.source.population].first_source,
                           .start = rows.source.start,
                           .stop = rows.source.stop,
                           .stride = rows.source.stride,
                           .n_sources = rows.source.size(),
                           .first_target = net.places[target.population].first_source,
                           .n_targets = spec.populations[target.population].size,
                           .first_noted = target.start,
                           .end_noted = target.stop,
                           .first_delay = rows.first_delay,
                           .n_delays = rows.n_delays,
                           .receptor = static_cast<std::uint32_t>(rows.receptor),
                           .n_parts = net.shape.n_parts(),
                           .units_per_weight = rows.units_per_weight};
    for (const PlasticRows::OfPart& part : rows.parts) {
      plastic.row_begin.emplace_back(part.begin.data(), part.begin.size());
      plastic.elements.emplace_back(part.elements.data(), part.elements.size());
    }
  }
}

void add_file_spikes(const ModelSpec& spec, const Network& net, device::InstanceModel& model) {
  auto of_source = net.classes.end();
  for (const FileSpike& spike : file_spikes(spec, net)) {
    const auto holds = [&](const SourceClass& c) {
      return spike.source >= c.first_source && spike.source < c.first_source + c.n_sources;
    };
    if (of_source == net.classes.end() || !holds(*of_source))
      of_source = std::find_if(net.classes.begin(), net.classes.end(), holds);
    const auto k = static_cast<std::uint32_t>(of_source - net.classes.begin());
    model.file_spikes.push_back({spike.step, spike.source, of_source == net.classes.end() ? kNone : k});
  }
}

}  // namespace

std::vector<StateOnDevice> states_on_device(const ModelSpec& spec, const Network& net) {
  std::vector<StateOnDevice> populations(spec.populations.size());
  for (std::size_t i = 0; i < populations.size(); ++i)
    if (const NeuronSpec* neurons = spec.populations[i].neurons())
      populations[i] = {&model_info(neurons->model), net.places[i].first_source};
  return populations;
}

std::vector<device::Report> device_reports(const std::vector<ReportSpec>& reports,
                                           const std::vector<StateOnDevice>& populations, double dt_ms) {
  std::vector<device::Report> views;
  for (const ReportSpec& report : reports) {
    const StateOnDevice& population = populations[report.slice.population];
    device::Report view{.times = report.times,
                        .population = report.slice.population,
                        .first_source = population.first_source,
                        .start = report.slice.start,
                        .stride = report.slice.stride,
                        .n_elements = report.slice.size(),
                        .n_variables = static_cast<std::uint32_t>(report.variables.size()),
                        .dt_ms = dt_ms};
    SHARPWAVE_ASSERT(report.variables.size() <= std::size(view.variables));
    for (std::size_t v = 0; v < report.variables.size(); ++v)
      view.variables[v] = recorded_quantity(*population.info, report.variables[v]);
    views.push_back(view);
  }
  return views;
}

device::NetworkModel network_model(const ModelSpec& spec, const Network& net, Arithmetic arithmetic) {
  device::NetworkModel model{
      .arithmetic = arithmetic, .n_neurons = net.shape.n_neurons, .longest_delay = net.longest_delay};
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    model.populations.push_back(population_shape(spec, net, i));
    model.n_receptors = std::max(model.n_receptors, static_cast<std::uint32_t>(net.places[i].n_receptors));
  }
  add_connections(spec, net, model);
  add_plastic(spec, net, model);
  return model;
}

device::OwnersModel owners_model(const ModelSpec& spec, const OwnerLimits& limits, bool is_asked_for) {
  DelaysByReceptor delays = delays_by_receptor(spec);
  device::OwnersModel model{.is_wanted = true,
                            .is_asked_for = is_asked_for,
                            .shared_bytes = limits.shared_bytes,
                            .shortest_delay = delays.shortest};
  std::move(delays.synapses.begin(), delays.synapses.end(), std::begin(model.synapses));
  return model;
}

device::InstanceModel instance_model(const ModelSpec& spec, const Network& net,
                                     const EvaluatedModel& evaluated) {
  device::InstanceModel model;
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i)
    model.populations.push_back(population_model(spec, net, evaluated, i));
  add_inputs(spec, net, evaluated, model);
  model.reports = device_reports(spec.reports, states_on_device(spec, net), spec.simulation.dt_ms);
  add_file_spikes(spec, net, model);
  add_room_for_presented(spec, net, model);
  return model;
}

}  // namespace sharpwave
