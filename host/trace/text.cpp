#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/trace/show.hpp"

namespace sharpwave::trace {
namespace {

constexpr std::size_t kColumnWidth = 11;

std::string heading(const Trace::Variable& variable) {
  return variable.unit.empty() ? variable.name : variable.name + " (" + variable.unit + ")";
}

std::string marks(const Trace& trace, const Neuron& neuron, std::uint64_t sample) {
  std::string text;
  if (std::binary_search(neuron.spike_samples.begin(), neuron.spike_samples.end(), sample)) text += "  SPIKE";
  if (trace.is_refractory(neuron, sample)) text += "  refractory";
  for (const std::size_t input : trace.inputs())
    if (trace.values(neuron, input)[sample] != 0) text.append("  ").append(trace.variables[input].name);
  return text;
}

std::set<std::uint64_t> chosen_samples(const Trace& trace, const Neuron& neuron, std::size_t most_rows) {
  std::set<std::uint64_t> chosen;
  if (trace.n_samples <= most_rows) {
    for (std::uint64_t i = 0; i < trace.n_samples; ++i) chosen.insert(i);
    return chosen;
  }
  const float* v = trace.values(neuron, 0);
  chosen.insert(static_cast<std::uint64_t>(std::max_element(v, v + trace.n_samples) - v));
  for (const std::uint64_t spike : neuron.spike_samples)
    if (chosen.size() < most_rows) chosen.insert(spike);
  const std::size_t rest = most_rows - chosen.size();
  for (std::size_t k = 0; k < rest; ++k)
    chosen.insert(k * (trace.n_samples - 1) / std::max<std::size_t>(rest - 1, 1));
  return chosen;
}

}  // namespace

std::string table(const Trace& trace, const Neuron& neuron, std::size_t most_rows) {
  std::string text = fmt::format("{:>10}", "time (ms)");
  std::vector<std::size_t> widths;
  for (const Trace::Variable& variable : trace.variables) {
    widths.push_back(std::max(kColumnWidth, heading(variable).size() + 2));
    if (variable.shown) text += fmt::format("{:>{}}", heading(variable), widths.back());
  }
  text += "\n";
  const std::set<std::uint64_t> chosen = chosen_samples(trace, neuron, most_rows);
  for (const std::uint64_t sample : chosen) {
    text += fmt::format("{:>10g}", trace.time_ms(sample));
    for (std::size_t v = 0; v < trace.variables.size(); ++v)
      if (trace.variables[v].shown)
        text += fmt::format("{:>{}.4f}", trace.values(neuron, v)[sample], widths[v]);
    text += marks(trace, neuron, sample) + "\n";
  }
  if (chosen.size() < trace.n_samples)
    text += fmt::format("{:>10}  {} of {} steps; --csv prints all\n", "", chosen.size(), trace.n_samples);
  return text;
}

std::string csv(const Trace& trace) {
  std::string text = "neuron,time (ms)";
  for (const Trace::Variable& variable : trace.variables)
    if (variable.shown) text.append(",").append(heading(variable));
  text += ",spike\n";
  for (const Neuron& neuron : trace.neurons) {
    auto spike = neuron.spike_samples.begin();
    for (std::uint64_t sample = 0; sample < trace.n_samples; ++sample) {
      text += fmt::format("{},{}", neuron.index, trace.time_ms(sample));
      for (std::size_t v = 0; v < trace.variables.size(); ++v)
        if (trace.variables[v].shown) text += fmt::format(",{}", trace.values(neuron, v)[sample]);
      const bool spiked = spike != neuron.spike_samples.end() && *spike == sample;
      if (spiked) ++spike;
      text += spiked ? ",1\n" : ",0\n";
    }
  }
  return text;
}

}  // namespace sharpwave::trace
