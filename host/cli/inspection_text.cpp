#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_summary.hpp"
#include "host/cli/format.hpp"
#include "host/cli/inspection.hpp"
#include "host/config/diagnostic.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kVariableColumns = 14;
constexpr std::size_t kCountColumns = 12;
constexpr std::size_t kStatisticColumns = 13;

/// What stands in a file may be meant for the terminal instead of for its reader, and be long.
std::string shown(std::string_view text) {
  return printable(shortened(text));
}

std::string time_text(std::uint64_t steps, double dt_ms) {
  return fmt::format("{:.10g} ms", static_cast<double>(steps) * dt_ms);
}

std::string plural(std::uint64_t n, const char* thing) {
  return fmt::format("{} {}{}", grouped(n), thing, n == 1 ? "" : "s");
}

std::string run_text(const Inspected& inspected) {
  const Checkpoint& c = inspected.checkpoint;
  std::string text = labelled("file", inspected.file.string());
  text += labelled("digest", "verified");
  text += labelled("format", fmt::format("version {}, written by sharpwave {}", kCheckpointFormatVersion,
                                         shown(c.program_version)));
  text += labelled("config", shown(c.config_path));
  for (const std::string& override : c.overrides) text += labelled("", "--set " + shown(override));
  for (const std::string& injection : c.injections) text += labelled("", "--inject " + shown(injection));
  text += labelled("config digest", c.config_digest);
  text += labelled("connectivity", shown(c.connectivity_digest));
  const bool has_protocol = !c.instances.empty() && !c.instances.front().protocol.trials.empty();
  text += labelled("run", fmt::format("{}{} recorded after {} of warm-up, in {}, dt {} ms",
                                      has_protocol ? "at most " : "", time_text(c.steps, c.dt_ms),
                                      time_text(c.warm_up_steps, c.dt_ms), name_of(c.precision), c.dt_ms));
  text += labelled("wall time", duration(c.wall_s));
  return text;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

/// "2 runaway, 9 sparse"; empty where nothing was found.
std::string found_text(const SignCounts& n_found) {
  std::string text;
  for (std::size_t k = 0; k < n_found.size(); ++k)
    if (n_found[k] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(n_found[k]),
                          name_of(static_cast<WatchdogSign>(k)));
  return text;
}

std::string figures_of(const VariableSummary& v) {
  const auto column = [](double value) {
    return right(std::isnan(value) ? "-" : fmt::format("{:.6g}", value), kStatisticColumns);
  };
  return left(shown(v.name), kVariableColumns) + column(v.min) + column(v.max) + column(v.mean) +
         column(v.sd) + right(grouped(v.n_non_finite), kCountColumns) + "\n";
}

std::string population_rows(const PopulationState& state) {
  const PopulationSummary summary = summarise(state);
  const std::string first = left(shown(summary.name), kVariableColumns) +
                            right(grouped(summary.size), kCountColumns) +
                            right(grouped(summary.n_refractory), kCountColumns) + "  ";
  if (summary.variables.empty()) return first + "\n";
  std::string text;
  for (const VariableSummary& variable : summary.variables)
    text += (text.empty() ? first : std::string(columns(first), ' ')) + figures_of(variable);
  return text;
}

std::string instance_text(const InstanceState& state, std::size_t index, const Checkpoint& c) {
  const std::uint64_t spikes = sum_of(state.spikes);
  const SpikesUnderWay& under_way = state.engine.under_way;
  std::string text = fmt::format("\ninstance {}\n", index);
  text += labelled("step",
                   fmt::format("{}, {}", grouped(state.engine.step), time_text(state.engine.step, c.dt_ms)));
  text += labelled("spike digest", to_hex(state.spike_digest));
  text += labelled("spikes",
                   fmt::format("{} recorded, {} under way of the last {}; {}", grouped(spikes),
                               grouped(under_way.ids.size()), plural(under_way.offsets.size() - 1, "step"),
                               plural(state.synaptic_events, "synaptic event")));
  text += labelled("recording", bytes(state.recording_bytes));
  if (state.watch.repairs > 0)
    text += labelled("watchdog", fmt::format("{}; weights times {:g}, inputs times {:g}",
                                             plural(state.watch.repairs, "repair"), state.watch.weight_gain,
                                             state.watch.input_gain));
  for (const StreamState& stream : state.signals.streams)
    text += labelled("memory", fmt::format("{} of {}, {} silent, {} settling",
                                           plural(stream.told[kSignals], "signal"), shown(stream.population),
                                           grouped(stream.told[kSilent]), grouped(stream.told[kSettling])));
  if (!state.protocol.trials.empty())
    text += labelled("protocol", fmt::format("{} done, {}", plural(sum_of(state.protocol.trials), "trial"),
                                             plural(sum_of(state.protocol.repeats), "repeat")));
  if (const std::string found = found_text(state.watch.n_found); !found.empty())
    text += labelled("found", found);
  text += left("population", kVariableColumns) + right("size", kCountColumns) +
          right("refractory", kCountColumns) + "  " + left("variable", kVariableColumns);
  for (const char* figure : {"min", "max", "mean", "sd"}) text += right(figure, kStatisticColumns);
  text += right("non-finite", kCountColumns) + "\n";
  for (const PopulationState& population : state.engine.populations) text += population_rows(population);
  if (!state.engine.plastic.empty()) {
    text += left("plastic", kVariableColumns) + right("synapses", kCountColumns) +
            right("sources", kCountColumns) + "  " + left("variable", kVariableColumns);
    for (const char* figure : {"min", "max", "mean", "sd"}) text += right(figure, kStatisticColumns);
    text += right("non-finite", kCountColumns) + "\n";
  }
  for (const PlasticState& plastic : state.engine.plastic)
    text += left(shown(plastic.projection), kVariableColumns) +
            right(grouped(plastic.weights.size()), kCountColumns) +
            right(grouped(plastic.source_last_age.size()), kCountColumns) + "  " +
            figures_of(summarise_weights(plastic));
  return text;
}

/// The checkpoints of a run's directory; nothing where a file was named.
std::string list_text(const Inspected& inspected) {
  std::string text;
  for (const CheckpointState& state : inspected.run)
    text += state.fault.empty() ? state.file.string() + ": whole\n" : "DAMAGED: " + shown(state.fault) + "\n";
  return text.empty() ? text : text + "\n";
}

std::string fields_text(const std::vector<FieldDifference>& fields) {
  std::string text;
  for (const FieldDifference& f : fields)
    text += "  " + shown(f.field) + ": " + shown(f.first) + " | " + shown(f.second) + "\n";
  return text;
}

std::string verdict(const CheckpointComparison& c) {
  if (c.identical()) return "identical\n";
  return c.same_state() ? "the state is identical, the run differs:\n" : "the state differs:\n";
}

}  // namespace

std::string inspection_text(const Inspected& inspected) {
  std::string text = list_text(inspected) + run_text(inspected);
  const Checkpoint& checkpoint = inspected.checkpoint;
  for (std::size_t i = 0; i < checkpoint.instances.size(); ++i)
    text += instance_text(checkpoint.instances[i], i, checkpoint);
  return text;
}

std::string comparison_text(const Inspected& first, const Inspected& second) {
  const CheckpointComparison comparison = compare(first.checkpoint, second.checkpoint);
  std::string text = list_text(first) + list_text(second);
  text += labelled("first", first.file.string() + ", digest verified");
  text += labelled("second", second.file.string() + ", digest verified");
  text += verdict(comparison) + fields_text(comparison.run) + fields_text(comparison.state);
  for (const ValueDifference& d : comparison.values) {
    const std::string place = d.population.empty() ? "" : shown(d.population) + ", ";
    text += fmt::format("  instance {}, {}{}: {} differ{}, the first at index {}, by {:.6g} at most\n",
                        d.instance, place, shown(d.list), plural(d.n_different, "value"),
                        d.n_different == 1 ? "s" : "", grouped(d.first_index), d.largest);
  }
  return text;
}

}  // namespace sharpwave::cli
