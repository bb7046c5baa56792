#include <algorithm>

#include "host/base/error.hpp"
#include "host/engine/device_engine.hpp"
#include "host/network/distribution.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/step_times.hpp"
#include "host/trace/trace.hpp"

namespace sharpwave::trace {
namespace {

/// One slice where the neurons are evenly spaced, else one for each.
std::vector<Slice> slices_of(std::uint32_t population, const std::vector<std::uint32_t>& neurons) {
  const std::uint32_t stride = neurons.size() > 1 ? neurons[1] - neurons[0] : 1;
  std::vector<Slice> each;
  bool even = true;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    even = even && neurons[i] == neurons[0] + i * stride;
    each.push_back({population, neurons[i], neurons[i] + 1, 1});
  }
  if (!even) return each;
  return {{population, neurons.front(), neurons.back() + 1, stride}};
}

/// Where each of the neurons spikes, without what an adaptive threshold adds.
std::vector<double> thresholds(const ModelSpec& spec, const Plan& plan) {
  const PopulationSpec& population = spec.populations[plan.population];
  const NeuronSpec& neurons = *population.neurons();
  StreamRegistry streams;
  const auto values = [&](NeuronParameter parameter) {
    return element_values(neurons[parameter], population.size,
                          population.name + "." + std::string(quantity(parameter).name),
                          RandomPurpose::neuron_parameter, spec.simulation.network_seed, streams);
  };
  double Delta_T_mV = 0;
  if (model_info(neurons.model).has(NeuronParameter::Delta_T)) {
    const std::vector<double> all = values(NeuronParameter::Delta_T);
    Delta_T_mV = *std::max_element(all.begin(), all.end());
  }
  const auto rule = reset_rule(neurons.model, Delta_T_mV);
  const std::vector<double> all = values(rule ? rule->spike : NeuronParameter::V_th);
  std::vector<double> chosen;
  for (const std::uint32_t index : plan.neurons) chosen.push_back(all.size() == 1 ? all[0] : all[index]);
  return chosen;
}

/// A trace without values.
Trace blank(const ModelSpec& spec, const Plan& plan) {
  const NeuronModelInfo& info = model_info(spec.populations[plan.population].neurons()->model);
  Trace trace{.population = spec.populations[plan.population].name,
              .weight_unit = std::string(info.weight_unit),
              .dt_ms = spec.simulation.dt_ms,
              .first_step = plan.first_step,
              .n_samples = plan.last_step - plan.first_step};
  for (const Recordable& what : recordables(info))
    trace.variables.push_back(
        {what, std::string(name_of(what)), std::string(unit_of(what, info.weight_unit)),
         std::find(plan.variables.begin(), plan.variables.end(), what) != plan.variables.end()});
  const std::vector<double> threshold_mV = thresholds(spec, plan);
  for (std::size_t i = 0; i < plan.neurons.size(); ++i) {
    trace.neurons.push_back({.index = plan.neurons[i]});
    trace.neurons.back().values.resize(trace.variables.size() * trace.n_samples);
    trace.neurons.back().threshold_mV.assign(trace.n_samples, threshold_mV[i]);
  }
  return trace;
}

/// The reports are of the neurons, in their order.
void add_samples(const Block& block, Trace& trace) {
  std::size_t first_neuron = 0;
  for (const Block::ReportSamples& samples : block.reports) {
    if (samples.steps.empty()) return;
    const std::size_t n_variables = trace.variables.size();
    const std::size_t n_neurons = samples.values.size() / (samples.steps.size() * n_variables);
    const float* value = samples.values.data();
    for (const std::uint64_t step : samples.steps)
      for (std::size_t v = 0; v < n_variables; ++v)
        for (std::size_t i = 0; i < n_neurons; ++i)
          trace.neurons[first_neuron + i].values[v * trace.n_samples + (step - trace.first_step - 1)] =
              *value++;
    first_neuron += n_neurons;
  }
}

void add_spikes(const Block& block, std::uint32_t first_id, Trace& trace) {
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    const std::uint64_t step = block.first_step + i;
    if (step <= trace.first_step) continue;
    const auto begin = block.ids.begin() + static_cast<std::ptrdiff_t>(block.offsets[i]);
    const auto end = block.ids.begin() + static_cast<std::ptrdiff_t>(block.offsets[i + 1]);
    for (Neuron& neuron : trace.neurons)
      if (std::binary_search(begin, end, first_id + neuron.index))
        neuron.spike_samples.push_back(step - trace.first_step - 1);
  }
}

void add_theta(Trace& trace) {
  const auto theta = trace.find(StateVariable::theta);
  if (!theta) return;
  for (Neuron& neuron : trace.neurons)
    for (std::uint64_t i = 0; i < trace.n_samples; ++i)
      neuron.threshold_mV[i] += static_cast<double>(trace.values(neuron, *theta)[i]);
}

}  // namespace

double Trace::time_ms(std::uint64_t sample) const {
  return time_of_step_ms(first_step + 1 + sample, dt_ms);
}

std::optional<std::size_t> Trace::find(const Recordable& what) const {
  for (std::size_t v = 0; v < variables.size(); ++v)
    if (variables[v].what == what) return v;
  return std::nullopt;
}

std::vector<std::size_t> Trace::inputs() const {
  std::vector<std::size_t> places;
  for (const StepQuantity what : {StepQuantity::input, StepQuantity::input_ex, StepQuantity::input_in})
    if (const auto place = find(what)) places.push_back(*place);
  return places;
}

bool Trace::is_refractory(const Neuron& neuron, std::uint64_t sample) const {
  const auto place = find(StepQuantity::refractory);
  return place && values(neuron, *place)[sample] > 0;
}

Trace simulate(const ModelSpec& spec, const Plan& plan, const DeviceChoice& device, int threads) {
  Trace trace = blank(spec, plan);
  ModelSpec traced = spec;
  traced.reports.clear();
  std::vector<Recordable> variables;
  for (const Trace::Variable& variable : trace.variables) variables.push_back(variable.what);
  for (const Slice& slice : slices_of(plan.population, plan.neurons))
    traced.reports.push_back({.name = "trace",
                              .slice = slice,
                              .variables = variables,
                              .times = {.first_step = plan.first_step, .last_step = plan.last_step}});
  const auto engine = device.on_gpu ? make_device_engine(traced, threads, device.make_executor)
                                    : make_cpu_engine(traced, threads);
  std::uint32_t first_id = 0;
  for (std::uint32_t i = 0; i < plan.population; ++i)
    if (!spec.populations[i].is_virtual()) first_id += spec.populations[i].size;
  constexpr std::uint64_t kAtOnce = 1024;
  Block block;
  while (engine->step() < plan.last_step) {
    engine->advance(std::min(kAtOnce, plan.last_step - engine->step()), block);
    add_samples(block, trace);
    add_spikes(block, first_id, trace);
  }
  add_theta(trace);
  return trace;
}

}  // namespace sharpwave::trace
