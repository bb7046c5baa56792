#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/trace/show.hpp"

namespace sharpwave::trace {
namespace {

/// Where V_m came nearest to the threshold without a spike; of models without a threshold, was largest.
std::optional<std::uint64_t> nearest_miss(const Trace& trace, const Neuron& neuron) {
  std::optional<std::uint64_t> nearest;
  const float* v = trace.values(neuron, 0);
  const auto missing = [&](std::uint64_t i) { return neuron.threshold_mV[i] - static_cast<double>(v[i]); };
  for (std::uint64_t i = 0; i < trace.n_samples; ++i) {
    if (std::binary_search(neuron.spike_samples.begin(), neuron.spike_samples.end(), i)) continue;
    if (trace.is_refractory(neuron, i) || !std::isfinite(v[i])) continue;
    if (!nearest || missing(i) < missing(*nearest)) nearest = i;
  }
  return nearest;
}

std::string of_potential(const Trace& trace, const Neuron& neuron) {
  const auto nearest = nearest_miss(trace, neuron);
  if (!nearest) return "it was refractory all the time";
  const auto v = static_cast<double>(trace.values(neuron, 0)[*nearest]);
  const std::string& unit = trace.variables[0].unit;
  return fmt::format("{}V_m came up to {:.2f} {} at {:g} ms, {:.2f} {} below the threshold",
                     neuron.spike_samples.empty() ? "" : "in other steps ", v, unit, trace.time_ms(*nearest),
                     neuron.threshold_mV[*nearest] - v, unit);
}

std::string of_input(const Trace& trace, const Neuron& neuron, std::size_t input) {
  const float* values = trace.values(neuron, input);
  double sum = 0;
  double lost = 0;
  std::uint64_t n_arrivals = 0;
  for (std::uint64_t i = 0; i < trace.n_samples; ++i) {
    sum += static_cast<double>(values[i]);
    n_arrivals += values[i] != 0 ? 1 : 0;
    // What counts is the state that the input meets, at the end of the step before.
    if (i > 0 && trace.is_refractory(neuron, i - 1)) lost += static_cast<double>(values[i]);
  }
  const Trace::Variable& variable = trace.variables[input];
  if (n_arrivals == 0) return fmt::format("no {} arrived", variable.name);
  std::string text = fmt::format("{} in {} of {} steps, {:.4g}{}{} a step on average", variable.name,
                                 n_arrivals, trace.n_samples, sum / static_cast<double>(trace.n_samples),
                                 variable.unit.empty() ? "" : " ", variable.unit);
  if (lost != 0) text += fmt::format(" ({:.0f} % of it while refractory)", 100 * lost / sum);
  return text;
}

}  // namespace

std::string explanation(const Trace& trace, const Neuron& neuron) {
  const double window_ms = trace.time_ms(trace.n_samples - 1) - (trace.time_ms(0) - trace.dt_ms);
  const std::size_t n = neuron.spike_samples.size();
  std::string text = fmt::format("{}[{}] ", trace.population, neuron.index);
  if (n == 0)
    text += "did not fire: ";
  else
    text += fmt::format(
        "fired {} in {:g} ms, first at {:g} ms: ", n == 1 ? std::string("once") : fmt::format("{} times", n),
        window_ms, trace.time_ms(neuron.spike_samples.front()));
  text += of_potential(trace, neuron);
  std::uint64_t n_refractory = 0;
  for (std::uint64_t i = 0; i < trace.n_samples; ++i) n_refractory += trace.is_refractory(neuron, i) ? 1 : 0;
  if (trace.find(StepQuantity::refractory))
    text += fmt::format("; refractory {:.1f} % of the time",
                        100.0 * static_cast<double>(n_refractory) / static_cast<double>(trace.n_samples));
  for (const std::size_t input : trace.inputs()) text += "; " + of_input(trace, neuron, input);
  return text;
}

}  // namespace sharpwave::trace
