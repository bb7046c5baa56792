#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/io/markup.hpp"
#include "host/trace/show.hpp"

namespace sharpwave::trace {
namespace {

constexpr double kWidth = 900;
constexpr double kLeft = 80;
constexpr double kPlot = kWidth - kLeft - 20;
constexpr double kPotentialHeight = 190;
constexpr double kPanelHeight = 70;
constexpr double kGap = 24;
constexpr std::size_t kMostPoints = 1600;  // a line of more shows no more

// Strokes are dark enough on white and light enough on black; what is written follows the reader's theme.
constexpr const char* kStyle = R"(<style>
text { font: 12px sans-serif; fill: #333 }
.title { font-weight: bold }
.small { font-size: 11px }
.axis { stroke: #888; stroke-width: 1; fill: none }
.line { fill: none; stroke-width: 1.3; stroke-linejoin: round }
.v { stroke: #2a7ab8 }
.threshold { stroke: #c2571a; stroke-dasharray: 5 4; fill: none }
.spike { stroke: #c2571a; stroke-width: 2 }
.refractory { fill: #999; fill-opacity: 0.3 }
.ex { stroke: #2f8f4e; fill: #2f8f4e }
.in { stroke: #b8405e; fill: #b8405e }
.other { stroke: #8562b8 }
@media (prefers-color-scheme: dark) { text { fill: #ccc } }
</style>
)";

struct Axis {
  double low = 0;
  double high = 1;
  double top = 0;
  double height = 0;
  [[nodiscard]] double y(double value) const { return top + height * (high - value) / (high - low); }
};

Axis axis_for(Extremes range, double top, double height) {
  if (!range.any) range.add(0);
  const double margin = range.high > range.low ? 0.05 * (range.high - range.low) : 1;
  return {range.low - margin, range.high + margin, top, height};
}

/// A distance between marks that people count in: 1, 2 or 5 times a power of ten; at most `n` marks.
double mark_distance(double length, double n) {
  const double power = std::pow(10, std::floor(std::log10(length / n)));
  for (const double times : {1.0, 2.0, 5.0})
    if (length / (times * power) <= n) return times * power;
  return 10 * power;
}

double x_of(const Trace& trace, double sample) {
  return kLeft + kPlot * (sample + 1) / static_cast<double>(trace.n_samples);
}

void append_axis(std::string& out, const Axis& axis, const std::string& title) {
  out += fmt::format("<path class=\"axis\" d=\"M{0} {1:.1f}V{2:.1f}H{3}\"/>\n", kLeft, axis.top,
                     axis.top + axis.height, kLeft + kPlot);
  const double distance = mark_distance(axis.high - axis.low, axis.height / 16);
  for (double value = std::ceil(axis.low / distance) * distance; value <= axis.high; value += distance)
    out += fmt::format("<text class=\"small\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n",
                       kLeft - 5, axis.y(value) + 4, std::abs(value) < distance / 2 ? 0 : value);
  out += fmt::format("<text class=\"small\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", kLeft + 4, axis.top - 4,
                     escaped_for_markup(title));
}

void append_time_axis(std::string& out, const Trace& trace, double top) {
  const double first_ms = trace.time_ms(0) - trace.dt_ms;
  const double length_ms = trace.dt_ms * static_cast<double>(trace.n_samples);
  const double distance = mark_distance(length_ms, 10);
  for (double ms = std::ceil(first_ms / distance) * distance; ms <= first_ms + length_ms * (1 + 1e-9);
       ms += distance)
    out += fmt::format("<text class=\"small\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:g}</text>\n",
                       kLeft + kPlot * (ms - first_ms) / length_ms, top + 14, ms);
  out += fmt::format("<text class=\"small\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">ms</text>\n",
                     kLeft - 25, top + 14);
}

void append_line(std::string& out, const Trace& trace, const float* values, const Axis& axis,
                 const char* style) {
  std::string points;
  const auto add = [&](double sample, double value) {
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", x_of(trace, sample), axis.y(value));
  };
  if (trace.n_samples <= kMostPoints) {
    for (std::uint64_t i = 0; i < trace.n_samples; ++i)
      if (std::isfinite(values[i])) add(static_cast<double>(i), static_cast<double>(values[i]));
  } else {  // of each column the smallest and the largest, so that no peak is lost
    const auto columns = extremes_in_columns(values, trace.n_samples, kMostPoints / 2);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (!columns[k].any) continue;
      const auto middle = static_cast<double>(column_samples(trace.n_samples, columns.size(), k).begin);
      add(middle, columns[k].low);
      add(middle, columns[k].high);
    }
  }
  out += fmt::format("<polyline class=\"line {}\" points=\"{}\"/>\n", style, points);
}

/// Bars from 0, one for each column in which something is.
void append_bars(std::string& out, const Trace& trace, const float* values, const Axis& axis,
                 const char* style) {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(trace.n_samples, kMostPoints / 2));
  const auto columns = extremes_in_columns(values, trace.n_samples, n);
  std::string path;
  for (std::size_t k = 0; k < n; ++k) {
    const double value =
        std::abs(columns[k].high) >= std::abs(columns[k].low) ? columns[k].high : columns[k].low;
    if (value == 0) continue;
    path += fmt::format("M{:.1f} {:.1f}V{:.1f}",
                        x_of(trace, static_cast<double>(column_samples(trace.n_samples, n, k).begin)),
                        axis.y(0), axis.y(value));
  }
  out += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", style, path);
}

void append_refractory(std::string& out, const Trace& trace, const Neuron& neuron, double top,
                       double height) {
  for (std::uint64_t i = 0; i < trace.n_samples; ++i) {
    if (!trace.is_refractory(neuron, i)) continue;
    std::uint64_t end = i;
    while (end < trace.n_samples && trace.is_refractory(neuron, end)) ++end;
    const double x = x_of(trace, static_cast<double>(i) - 1);
    out += fmt::format(
        "<rect class=\"refractory\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", x, top,
        x_of(trace, static_cast<double>(end) - 1) - x, height);
    i = end;
  }
}

Extremes range_of(const Trace& trace, const Neuron& neuron, std::size_t variable) {
  return extremes_in_columns(trace.values(neuron, variable), trace.n_samples, 1)[0];
}

double append_potential(std::string& out, const Trace& trace, const Neuron& neuron, double top) {
  Extremes range = range_of(trace, neuron, 0);
  for (const double threshold_mV : neuron.threshold_mV) range.add(threshold_mV);
  const Axis axis = axis_for(range, top, kPotentialHeight);
  append_refractory(out, trace, neuron, axis.top, axis.height);
  append_axis(out, axis, "V_m (" + trace.variables[0].unit + ")");
  const std::vector<float> threshold(neuron.threshold_mV.begin(), neuron.threshold_mV.end());
  append_line(out, trace, threshold.data(), axis, "threshold");
  append_line(out, trace, trace.values(neuron, 0), axis, "v");
  for (const std::uint64_t spike : neuron.spike_samples) {
    const double x = x_of(trace, static_cast<double>(spike));
    out += fmt::format("<path class=\"spike\" d=\"M{0:.1f} {1:.1f}v-12\"/>\n", x, axis.top);
  }
  return top + kPotentialHeight + kGap;
}

double append_inputs(std::string& out, const Trace& trace, const Neuron& neuron, double top) {
  const std::vector<std::size_t> inputs = trace.inputs();
  Extremes range;
  range.add(0);
  std::string title = "arriving in a step";
  if (!trace.weight_unit.empty()) title += " (" + trace.weight_unit + ")";
  for (const std::size_t input : inputs) range.add(range_of(trace, neuron, input));
  const Axis axis = axis_for(range, top, kPanelHeight);
  append_axis(out, axis, title);
  for (const std::size_t input : inputs) {
    const bool inhibitory = trace.variables[input].what == Recordable(StepQuantity::input_in);
    append_bars(out, trace, trace.values(neuron, input), axis, inhibitory ? "in" : "ex");
  }
  return top + kPanelHeight + kGap;
}

bool has_panel(const Trace::Variable& variable) {
  return variable.shown && variable.what != Recordable(StateVariable::V_m) &&
         (std::holds_alternative<StateVariable>(variable.what) ||
          variable.what == Recordable(StepQuantity::I_stim));
}

double append_neuron(std::string& out, const Trace& trace, const Neuron& neuron, double top) {
  out += fmt::format("<text class=\"title\" x=\"{}\" y=\"{:.1f}\">{}[{}]: {} spike{}</text>\n", kLeft,
                     top + 14, escaped_for_markup(trace.population), neuron.index,
                     neuron.spike_samples.size(), neuron.spike_samples.size() == 1 ? "" : "s");
  top = append_potential(out, trace, neuron, top + 36);
  top = append_inputs(out, trace, neuron, top);
  for (std::size_t v = 0; v < trace.variables.size(); ++v) {
    const Trace::Variable& variable = trace.variables[v];
    if (!has_panel(variable)) continue;
    const Axis axis = axis_for(range_of(trace, neuron, v), top, kPanelHeight);
    append_axis(out, axis,
                variable.unit.empty() ? variable.name : variable.name + " (" + variable.unit + ")");
    append_line(out, trace, trace.values(neuron, v), axis, "other");
    top += kPanelHeight + kGap;
  }
  append_time_axis(out, trace, top - kGap);
  return top + kGap;
}

void append_legend(std::string& out, const Trace& trace) {
  double x = kLeft;
  const auto entry = [&](const std::string& mark, const std::string& text) {
    out += fmt::format("<g transform=\"translate({} 12)\">{}<text x=\"24\" y=\"4\">{}</text></g>\n", x, mark,
                       text);
    x += 40 + 7 * static_cast<double>(text.size());
  };
  entry("<path class=\"line v\" d=\"M0 0h18\"/>", "V_m");
  entry("<path class=\"threshold\" d=\"M0 0h18\"/>", "threshold");
  entry("<path class=\"spike\" d=\"M9 -6v12\"/>", "spike");
  if (trace.find(StepQuantity::refractory))
    entry("<rect class=\"refractory\" y=\"-6\" width=\"18\" height=\"12\"/>", "refractory");
  for (const std::size_t input : trace.inputs()) {
    const bool inhibitory = trace.variables[input].what == Recordable(StepQuantity::input_in);
    entry(fmt::format("<path class=\"{}\" d=\"M6 -6v12M12 -2v8\"/>", inhibitory ? "in" : "ex"),
          trace.variables[input].name);
  }
}

}  // namespace

std::string svg(const Trace& trace) {
  std::string body;
  append_legend(body, trace);
  double top = 30;
  for (const Neuron& neuron : trace.neurons) top = append_neuron(body, trace, neuron, top);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1:.0f}\" width=\"{0}\" "
      "height=\"{1:.0f}\">\n{2}{3}</svg>\n",
      kWidth, top + 10, kStyle, body);
}

}  // namespace sharpwave::trace
