#include "host/config/config_writer.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/config/draft.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave {
namespace {

/// Text in double quotes, as JSON and YAML have in common.
std::string in_double_quotes(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string list(const std::vector<double>& values) {
  std::string text = "[";
  for (const double value : values) {
    if (text.size() > 1) text += ", ";
    text += number_text(value);
  }
  return text + "]";
}

std::string rate_text(const PiecewiseRate& rate) {
  if (rate.rates_Hz.size() == 1) return number_text(rate.rates_Hz[0]);
  return "{times: " + list(rate.times_ms) + ", rates: " + list(rate.rates_Hz) + "}";
}

std::string slice_text(const ModelSpec& spec, const Slice& slice) {
  const PopulationSpec& population = spec.populations[slice.population];
  std::string text = population.name;
  if (slice != Slice{slice.population, 0, population.size, 1}) {
    text.append("[").append(std::to_string(slice.start)).append(":").append(std::to_string(slice.stop));
    if (slice.stride != 1) text.append(":").append(std::to_string(slice.stride));
    text.append("]");
  }
  return in_double_quotes(text);
}

std::string simulation_text(const SimulationSpec& s) {
  return "simulation:\n  dt: " + number_text(s.dt_ms) +
         "\n  duration: " + number_text(time_of_step_ms(s.steps, s.dt_ms)) +
         "\n  warm_up: " + number_text(time_of_step_ms(s.warm_up_steps, s.dt_ms)) +
         "\n  seed: " + std::to_string(s.seed) + "\n  network_seed: " + std::to_string(s.network_seed) +
         "\n  precision: " + name_of(s.precision) + "\n";
}

std::string device_text(const DeviceSpec& device) {
  const char* kind = device.kind == DeviceKind::cpu    ? "cpu"
                     : device.kind == DeviceKind::cuda ? "cuda"
                                                       : "auto";
  return std::string("\ndevice: {kind: ") + kind + ", threads: " + std::to_string(device.threads) + "}\n";
}

std::string network_text(const ModelSpec& spec, const std::string& sonata_file) {
  std::string text = "\nnetwork:\n  sonata: " + in_double_quotes(sonata_file) + "\n";
  bool first = true;
  for (const PopulationSpec& population : spec.populations) {
    const auto* poisson = std::get_if<PoissonSourceSpec>(&population.kind);
    if (poisson == nullptr) continue;
    if (first) text += "  poisson_sources:\n";
    first = false;
    text += "    " + in_double_quotes(population.name) + ": " + rate_text(poisson->rate) + "\n";
  }
  return text;
}

/// `start` and `stop` where they are not those of a whole run.
std::string window_text(std::uint64_t start_step, std::uint64_t stop_step, double dt_ms) {
  std::string text;
  if (start_step > 0) text += ", start: " + number_text(time_of_step_ms(start_step, dt_ms));
  if (stop_step < std::numeric_limits<std::uint64_t>::max())
    text += ", stop: " + number_text(time_of_step_ms(stop_step, dt_ms));
  return text;
}

/// The keys that an input's type has.
struct InputKeys {
  double dt_ms;

  std::string operator()(const PoissonInputSpec& p) const {
    return "type: poisson, rate: " + rate_text(p.rate) + ", weight: " + number_text(p.weight);
  }
  std::string operator()(const MipInputSpec& mip) const {
    return "type: mip, rate: " + rate_text(mip.mother.rate) + ", weight: " + number_text(mip.mother.weight) +
           ", p_copy: " + number_text(mip.p_copy);
  }
  std::string operator()(const CurrentInputSpec& current) const {
    if (current.times_ms == std::vector<double>{0.0})
      return "type: dc, amplitude: " + number_text(current.amplitudes_pA[0]);
    return "type: current_steps, times: " + list(current.times_ms) +
           ", amplitudes: " + list(current.amplitudes_pA);
  }
  std::string operator()(const NoiseInputSpec& noise) const {
    return "type: noise, mean: " + number_text(noise.mean_pA) + ", std: " + number_text(noise.std_pA) +
           ", interval: " + number_text(time_of_step_ms(noise.interval_steps, dt_ms)) +
           window_text(noise.start_step, noise.stop_step, dt_ms);
  }
  std::string operator()(const AcInputSpec& ac) const {
    return "type: ac, amplitude: " + number_text(ac.amplitude_pA) + ", offset: " + number_text(ac.offset_pA) +
           ", frequency: " + number_text(ac.frequency_Hz) + ", phase: " + number_text(ac.phase_deg) +
           window_text(ac.start_step, ac.stop_step, dt_ms);
  }
};

std::string input_text(const ModelSpec& spec, const InputSpec& input) {
  return "  - {name: " + in_double_quotes(input.name) + ", target: " + slice_text(spec, input.target) + ", " +
         std::visit(InputKeys{spec.simulation.dt_ms}, input.kind) + "}\n";
}

/// Empty where it takes no samples: a description in code or in files may ask for some outside of the
/// recorded part only. Bounds that are those of the recorded part are left to follow it.
std::string report_text(const ModelSpec& spec, const ReportSpec& report) {
  const SimulationSpec& s = spec.simulation;
  const std::uint64_t end = s.warm_up_steps + s.steps;
  const std::uint64_t from = std::max(report.times.first_step, s.warm_up_steps);
  const std::uint64_t to = std::min(report.times.last_step, end);
  if (from >= to) return {};
  std::string variables;
  for (const Recordable& variable : report.variables)
    variables.append(variables.empty() ? "" : ", ").append(name_of(variable));
  std::string text = "    - {name: " + in_double_quotes(report.name);
  text += ", target: " + slice_text(spec, report.slice) + ", variables: [" + variables + "]";
  text += ", interval: " + number_text(time_of_step_ms(report.times.interval, s.dt_ms));
  if (from > s.warm_up_steps) text += ", from: " + number_text(time_of_step_ms(from, s.dt_ms));
  if (to < end) text += ", to: " + number_text(time_of_step_ms(to, s.dt_ms));
  return text + "}\n";
}

std::string record_text(const ModelSpec& spec) {
  std::string spikes;
  for (const Slice& slice : spec.record_spikes)
    spikes.append(spikes.empty() ? "" : ", ").append(slice_text(spec, slice));
  std::string text = "\nrecord:\n  spikes: " + (spikes.empty() ? "none" : "[" + spikes + "]") + "\n";
  std::string traces;
  for (const ReportSpec& report : spec.reports) traces += report_text(spec, report);
  return traces.empty() ? text : text + "  traces:\n" + traces;
}

}  // namespace

std::string sonata_config_text(const ModelSpec& spec, const std::string& sonata_file,
                               const std::string& comment) {
  for (const PopulationSpec& population : spec.populations)
    if (!config::is_population_name(population.name))
      throw Error(ExitCode::invalid_config, "population '" + population.name +
                                                "': expected a name of at most " +
                                                "64 letters, digits, _, + and -, which a config can say");
  std::string text = comment + "\n";
  if (!spec.title.empty()) text += "title: " + in_double_quotes(spec.title) + "\n\n";
  text += simulation_text(spec.simulation) + device_text(spec.device) + network_text(spec, sonata_file);
  if (!spec.inputs.empty()) text += "\ninputs:\n";
  for (const InputSpec& input : spec.inputs) text += input_text(spec, input);
  return text + record_text(spec);
}

}  // namespace sharpwave
