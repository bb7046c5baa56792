#include "host/cli/closing_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "host/cli/format.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kNameColumns = 14;
constexpr std::size_t kSizeColumns = 12;
constexpr std::size_t kSpikesColumns = 14;
constexpr std::size_t kRateColumns = 10;
constexpr std::size_t kMostPopulationRows = 40;
constexpr std::size_t kWidestSparkline = 40;
constexpr std::size_t kNarrowestSparkline = 10;

std::string bold(const std::string& text, bool colour) {
  return colour ? "\x1b[1m" + text + "\x1b[0m" : text;
}

std::string population_rows(const RunSummary& run, const Activity& activity, bool colour) {
  std::string text =
      bold(left("population", kNameColumns) + right("size", kSizeColumns) + right("spikes", kSpikesColumns) +
               right("rate Hz", kRateColumns) + "  rate over time",
           colour) +
      "\n";
  const std::size_t shown = std::min(run.populations.size(), kMostPopulationRows);
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const RunSummary::Population& p = run.populations[rank];
    const std::string course = activity.sparkline(rank);
    text += left(p.name, kNameColumns) + right(grouped(p.size), kSizeColumns) +
            right(grouped(p.spikes), kSpikesColumns) + right(figure(p.rate_Hz), kRateColumns) + "  " +
            (colour ? "\x1b[36m" + course + "\x1b[0m" : course) + "\n";
  }
  if (shown < run.populations.size()) {
    text += fmt::format("… and {} more populations, in run.json\n", grouped(run.populations.size() - shown));
  }
  return text;
}

double mean_rate_Hz(const RunSummary& run) {
  double neuron_s = 0;
  for (const auto& p : run.populations) neuron_s += static_cast<double>(p.size) * run.simulated_ms / 1000;
  return neuron_s > 0 ? static_cast<double>(run.spikes_total) / neuron_s : 0;
}

std::string memory_text(const RunSummary::Memory& memory) {
  std::string text = fmt::format("{} signals to {}", grouped(memory.signals - memory.dropped),
                                 std::filesystem::path(memory.plugin).filename().string());
  if (memory.dropped > 0)
    text += fmt::format("; {} were DROPPED, the queue being full", grouped(memory.dropped));
  if (memory.silent + memory.settling > 0)
    text += fmt::format("; {} silent, {} settling", grouped(memory.silent), grouped(memory.settling));
  return text + fmt::format("; {:.1f} % of the time, {} in the plugin beside it", 100 * memory.share,
                            duration(memory.worker_s));
}

std::string totals(const RunResult& result) {
  const RunSummary& run = result.summary;
  std::string text;
  const auto line = [&text](std::string_view label, const std::string& value) {
    text += left(label, kNameColumns) + value + "\n";
  };
  if (result.summary.interrupted) {
    line("interrupted", fmt::format("after {}; the files hold what was simulated until then",
                                    milliseconds(run.simulated_ms)));
  }
  line("spikes", fmt::format("{}; {} Hz on average", grouped(run.spikes_total), figure(mean_rate_Hz(run))));
  line("time", fmt::format("{} simulated in {}: real-time factor {} on {} thread{}; built in {}",
                           milliseconds(run.simulated_ms), duration(run.wall_s), figure(run.real_time_factor),
                           run.threads, run.threads == 1 ? "" : "s", duration(run.construction_s)));
  line("memory", fmt::format("{} at most; {} synapses", bytes(run.peak_memory_bytes), grouped(run.synapses)));
  line("spike digest", run.spike_digest);
  if (run.memory) line("memory told", memory_text(*run.memory));
  for (const std::filesystem::path& file : result.files) {
    line(&file == &result.files.front() ? "files" : "", file.string());
  }
  return text;
}

}  // namespace

std::size_t sparkline_columns(std::size_t columns) {
  constexpr std::size_t kFigures = kNameColumns + kSizeColumns + kSpikesColumns + kRateColumns + 2;
  return std::clamp(columns > kFigures ? columns - kFigures : 0, kNarrowestSparkline, kWidestSparkline);
}

std::string closing_table(const RunResult& result, const Activity& activity, ClosingStyle style) {
  std::string text = "\n";
  if (!result.summary.title.empty()) text += bold(result.summary.title, style.colour) + "\n\n";
  text += population_rows(result.summary, activity, style.colour) + "\n";
  if (style.raster) {
    for (const std::string& line : activity.raster(style.colour)) text += line + "\n";
    text += "\n";
  }
  return text + totals(result);
}

}  // namespace sharpwave::cli
