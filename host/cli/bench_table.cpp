#include "host/cli/bench_table.hpp"

#include <fmt/format.h>

#include "host/cli/format.hpp"

namespace sharpwave::cli {
namespace {

using bench::Range;
using bench::Result;

constexpr std::size_t kCaseColumns = 28;
constexpr std::size_t kThreadsColumns = 8;
constexpr std::size_t kRangeColumns = 25;
constexpr std::size_t kFigureColumns = 10;
constexpr std::size_t kDigestCharacters = 12;

std::string text_of(const Range& range) {
  return fmt::format("{} / {} / {}", figure(range.min), figure(range.median), figure(range.max));
}

std::string text_of(const std::optional<Range>& range) {
  return range ? figure(range->median) : "-";
}

std::string percent(double share) {
  return fmt::format("{:.0f} %", 100 * share);
}

std::string row(const Result& result) {
  return left(result.name, kCaseColumns) + right(std::to_string(result.threads), kThreadsColumns) +
         right(text_of(result.real_time_factor()), kRangeColumns) +
         right(figure(result.events_per_s().median / 1e6), kFigureColumns) +
         right(text_of(result.times_read_pass()), kFigureColumns) +
         right(result.share_of_copy() ? percent(result.share_of_copy()->median) : "-", kFigureColumns) +
         right(duration(result.construction_s().median), kFigureColumns) +
         right(figure(result.bytes_per_synapse()), kFigureColumns) +
         right(bytes(static_cast<std::uint64_t>(result.peak_memory_bytes().max)), kFigureColumns) +
         right((result.others_share() ? percent(result.others_share()->max) : "-") +
                   (result.noisy() ? " !" : "  "),
               kFigureColumns) +
         "\n";
}

std::string rows(const std::vector<Result>& results) {
  std::string text = left("case", kCaseColumns) + right("threads", kThreadsColumns) +
                     right("real-time factor", kRangeColumns) + right("M events/s", kFigureColumns + 1) +
                     right("x pass", kFigureColumns - 1) + right("copy", kFigureColumns) +
                     right("built in", kFigureColumns) + right("B/syn.", kFigureColumns) +
                     right("memory", kFigureColumns) + right("others  ", kFigureColumns) + "\n";
  for (const Result& result : results) text += row(result);
  return text;
}

/// Speed over the fewest threads, where a case was measured with several numbers.
std::string scaling(const std::vector<Result>& results) {
  std::string text;
  const Result* fewest = nullptr;
  for (const Result& result : results) {
    if (fewest == nullptr || fewest->name != result.name) {
      fewest = &result;
      continue;
    }
    text += fmt::format("{}{} threads are {} times as fast as {}\n", left(result.name, kCaseColumns),
                        result.threads, figure(fewest->wall_s().median / result.wall_s().median),
                        fewest->threads);
  }
  return text.empty() ? text : "\n" + text;
}

/// What cases have beside the times of a run.
std::string figures(const std::vector<Result>& results) {
  constexpr std::size_t kFigureNameColumns = 26;
  std::string text;
  for (const Result& result : results) {
    if (result.figures.empty()) continue;
    text += '\n';
    std::string label = bench::label_of(result.name, result.threads);
    for (const bench::Figure& figure : result.figures) {
      text += left(label, kCaseColumns + kThreadsColumns + 4) + left(figure.name, kFigureNameColumns) +
              text_of(bench::range_of(figure.values)) + "\n";
      label.clear();
    }
  }
  return text;
}

std::string plastic_synapses(const Result& result) {
  const std::optional<double> each = result.bytes_per_plastic_synapse();
  return each ? fmt::format("; {} plastic synapses of {} bytes",
                            grouped(static_cast<std::uint64_t>(result.plastic_synapses)), figure(*each))
              : "";
}

std::string spikes_and_phases(const std::vector<Result>& results) {
  std::string text = "\n";
  for (const Result& result : results) {
    text += fmt::format("{}{} spikes, digest {}...; {}{}\n", left(result.name, kCaseColumns),
                        grouped(result.spikes), result.spike_digest.substr(0, kDigestCharacters),
                        result.layout, plastic_synapses(result));
    std::string phases;
    for (std::size_t i = 0; i < result.repeats.front().phases.size(); ++i) {
      const Range range =
          result.over_repeats([i](const bench::Measurement& m) { return m.phases.at(i).seconds; });
      phases += fmt::format("{}{} {}", phases.empty() ? "" : ", ", result.repeats.front().phases[i].name,
                            text_of(range));
    }
    if (!phases.empty()) text += "  s: " + phases + "\n";
  }
  return text;
}

}  // namespace

std::string bench_table(const bench::Report& report) {
  std::string text =
      fmt::format("sharpwave {}, {}; {}, {} of {} processors, {}; {}\n\n", report.version,
                  report.machine.compiler, report.machine.processor, report.machine.allowed,
                  report.machine.processors, bytes(report.machine.memory_bytes), report.machine.system);
  text += rows(report.results) + scaling(report.results) + figures(report.results) +
          spikes_and_phases(report.results);
  return text;
}

}  // namespace sharpwave::cli
