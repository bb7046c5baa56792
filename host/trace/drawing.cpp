#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/base/dots.hpp"
#include "host/trace/show.hpp"

namespace sharpwave::trace {
namespace {

constexpr std::size_t kLabelWidth = 10;
constexpr std::size_t kFewestColumns = 20;
constexpr std::size_t kRows = 10;  // of V_m

/// Dots of braille characters, two across and four down in each; row 0 is the uppermost.
class Dots {
 public:
  Dots(std::size_t columns, std::size_t rows) : columns_(columns), bits_(columns * rows) {}
  void set(std::size_t across, std::size_t down) {
    bits_[(down / kDotsDown) * columns_ + across / kDotsAcross] |=
        kDotBits[down % kDotsDown][across % kDotsAcross];
  }
  [[nodiscard]] bool empty(std::size_t column, std::size_t row) const {
    return bits_[row * columns_ + column] == 0;
  }
  void append(std::string& text, std::size_t column, std::size_t row) const {
    append_character(text, kBraille + bits_[row * columns_ + column]);
  }

 private:
  std::size_t columns_;
  std::vector<unsigned> bits_;
};

std::string label(const std::string& text) {
  return fmt::format("{:>{}.{}} ", text, kLabelWidth - 1, kLabelWidth - 1);
}

/// A mark in each column in which any sample has what is asked for.
template <class Has>
std::string marks(const Trace& trace, std::size_t columns, const char* mark, const Has& has) {
  std::string line;
  for (std::size_t k = 0; k < columns; ++k) {
    const ColumnSamples samples = column_samples(trace.n_samples, columns, k);
    bool any = false;
    for (std::uint64_t i = samples.begin; i < samples.end; ++i) any = any || has(i);
    line += any ? mark : " ";
  }
  return line;
}

/// A row of eighths: how large the largest magnitude of each column is against that of all.
std::string bars(const Trace& trace, const Neuron& neuron, std::size_t variable, std::size_t columns,
                 double most) {
  std::string line;
  for (const Extremes& e : extremes_in_columns(trace.values(neuron, variable), trace.n_samples, columns)) {
    const double magnitude = std::max(std::abs(e.low), std::abs(e.high));
    if (magnitude == 0 || most == 0)
      line += ' ';
    else
      append_character(line, kLowestBlock + static_cast<unsigned>(std::lround(7 * magnitude / most)));
  }
  return line;
}

std::string potential(const Trace& trace, const Neuron& neuron, std::size_t columns) {
  const auto v = extremes_in_columns(trace.values(neuron, 0), trace.n_samples, 2 * columns);
  Extremes range;
  for (const Extremes& e : v) range.add(e);
  for (const double threshold_mV : neuron.threshold_mV) range.add(threshold_mV);
  const double height = range.high > range.low ? range.high - range.low : 1;
  constexpr std::size_t kDots = 4 * kRows;
  const auto down = [&](double value) {
    return static_cast<std::size_t>(std::lround((range.high - value) / height * (kDots - 1)));
  };
  Dots dots(columns, kRows);
  for (std::size_t k = 0; k < v.size(); ++k)
    if (v[k].any)
      for (std::size_t d = down(v[k].high); d <= down(v[k].low); ++d) dots.set(k, d);
  std::string text;
  for (std::size_t row = 0; row < kRows; ++row) {
    const double value = range.high - height * static_cast<double>(row) / (kRows - 1);
    text += label(row == 0 || row + 1 == kRows ? fmt::format("{:.1f}", value)
                  : row == kRows / 2           ? trace.variables[0].name + " " + trace.variables[0].unit
                                               : "");
    text += "│";
    for (std::size_t column = 0; column < columns; ++column) {
      const std::uint64_t middle = column_samples(trace.n_samples, columns, column).begin;
      if (dots.empty(column, row) && down(neuron.threshold_mV[middle]) / 4 == row)
        text += "╌";
      else
        dots.append(text, column, row);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string drawing(const Trace& trace, const Neuron& neuron, std::size_t columns) {
  const std::size_t n = std::max(columns, kFewestColumns + kLabelWidth + 1) - kLabelWidth - 1;
  std::string text =
      label("spikes") + " " +
      marks(trace, n, "▲",
            [&](std::uint64_t i) {
              return std::binary_search(neuron.spike_samples.begin(), neuron.spike_samples.end(), i);
            }) +
      "\n";
  text += potential(trace, neuron, n);
  if (trace.find(StepQuantity::refractory))
    text += label("refract.") + "│" +
            marks(trace, n, "▒", [&](std::uint64_t i) { return trace.is_refractory(neuron, i); }) + "\n";
  for (std::size_t v = 1; v < trace.variables.size(); ++v) {
    const Trace::Variable& variable = trace.variables[v];
    if (!variable.shown || variable.what == Recordable(StepQuantity::refractory)) continue;
    Extremes range;
    for (const Extremes& e : extremes_in_columns(trace.values(neuron, v), trace.n_samples, n)) range.add(e);
    const double most = std::max(std::abs(range.low), std::abs(range.high));
    text += label(variable.name) + "│" + bars(trace, neuron, v, n, most) + "\n";
    text += label("") + " " + fmt::format("{:.4g} to {:.4g} {}\n", range.low, range.high, variable.unit);
  }
  const std::string first = fmt::format("{:g} ms", trace.time_ms(0) - trace.dt_ms);
  const std::string last = fmt::format("{:g} ms", trace.time_ms(trace.n_samples - 1));
  text +=
      label("") + " " + first + fmt::format("{:>{}}", last, std::max(n, first.size()) - first.size()) + "\n";
  text += label("") + " ╌ threshold   ▲ spike   ▒ refractory   ▁█ size of the largest value in a column\n";
  return text;
}

}  // namespace sharpwave::trace
