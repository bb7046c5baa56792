#include "host/cli/batch_reporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/run_reporter.hpp"
#include "host/run/output_directory.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kMostInstanceRows = 20;
constexpr std::size_t kDigestShown = 16;

double planned_ms(const BatchRecord& batch) {
  double sum = 0;
  for (const BatchInstance& instance : batch.instances) sum += instance.planned_ms;
  return sum;
}

std::string state_text(const BatchInstance& instance) {
  switch (instance.status) {
    case InstanceStatus::not_begun:
      return "not begun";
    case InstanceStatus::running:
      return "running";
    case InstanceStatus::done:
      return "done";
    case InstanceStatus::failed:
      return fmt::format("failed ({})", static_cast<int>(instance.code));
    case InstanceStatus::halted:
      return fmt::format("halted ({})", static_cast<int>(instance.code));
    case InstanceStatus::interrupted:
      return "interrupted";
  }
  return {};
}

std::string status_text(const BatchInstance& instance) {
  const std::string state = state_text(instance);
  return instance.repairs == 0 ? state
                               : fmt::format("{}, {} repair{}", state, grouped(instance.repairs),
                                             instance.repairs == 1 ? "" : "s");
}

/// A value of the config for a line or a cell, where there is not room for all.
std::string short_text(std::string value) {
  constexpr std::size_t kMostColumns = 48;
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  return columns(value) <= kMostColumns ? value : left(value, kMostColumns);
}

/// Of all its populations.
double rate_Hz(const BatchInstance& instance) {
  double neurons = 0;
  for (const auto& p : instance.populations)
    if (p.rate_Hz > 0) neurons += static_cast<double>(p.spikes) / (p.rate_Hz * instance.simulated_ms / 1000);
  const double seconds = instance.simulated_ms / 1000;
  return neurons > 0 && seconds > 0 ? static_cast<double>(instance.spikes_total) / neurons / seconds : 0;
}

std::string varied_text(const BatchInstance& instance) {
  std::string text = fmt::format("seed={}", instance.seed);
  for (const auto& [key, value] : instance.varied)
    text.append(" ").append(key).append("=").append(short_text(value));
  return text;
}

/// What tells the keys apart: of "inputs.background.rate" the last word, or as many as it takes.
std::vector<std::string> short_names(const std::vector<std::pair<std::string, std::string>>& varied) {
  const auto suffix = [](const std::string& key, int n_words) {
    std::size_t begin = key.size();
    while (n_words-- > 0 && begin != std::string::npos)
      begin = begin == 0 ? std::string::npos : key.rfind('.', begin - 1);
    return begin == std::string::npos ? key : key.substr(begin + 1);
  };
  std::vector<std::string> names;
  for (const auto& [key, value] : varied) {
    int n_words = 1;
    const auto is_ambiguous = [&](const auto& other) {
      return other.first != key && suffix(other.first, n_words) == suffix(key, n_words);
    };
    while (suffix(key, n_words) != key && std::any_of(varied.begin(), varied.end(), is_ambiguous)) ++n_words;
    names.push_back(suffix(key, n_words));
  }
  return names;
}

/// The seed and what is varied, each in a column.
class VariedColumns {
 public:
  VariedColumns(const std::vector<BatchInstance>& instances, std::size_t n_shown) {
    heads_ = short_names(instances.front().varied);
    heads_.insert(heads_.begin(), "seed");
    for (const std::string& head : heads_) widths_.push_back(columns(head));
    for (std::size_t i = 0; i < n_shown; ++i) {
      const std::vector<std::string> cells = cells_of(instances[i]);
      for (std::size_t k = 0; k < widths_.size(); ++k) widths_[k] = std::max(widths_[k], columns(cells[k]));
    }
  }
  [[nodiscard]] std::string head() const { return row(heads_); }
  [[nodiscard]] std::string row(const BatchInstance& instance) const { return row(cells_of(instance)); }

 private:
  [[nodiscard]] std::vector<std::string> cells_of(const BatchInstance& instance) const {
    std::vector<std::string> cells = {std::to_string(instance.seed)};
    for (const auto& [key, value] : instance.varied) cells.push_back(short_text(value));
    cells.resize(heads_.size());  // a batch.json may hold anything
    return cells;
  }
  [[nodiscard]] std::string row(const std::vector<std::string>& cells) const {
    std::string text;
    for (std::size_t k = 0; k < cells.size(); ++k) text += right(cells[k], widths_[k]) + "  ";
    return text;
  }

  std::vector<std::string> heads_;
  std::vector<std::size_t> widths_;
};

}  // namespace

std::string batch_progress_text(const BatchRecord& batch, double simulated_ms, double before_ms,
                                double wall_s, std::size_t width) {
  const double planned = planned_ms(batch);
  const double done = before_ms + simulated_ms;
  const std::uint64_t failed = batch.count(InstanceStatus::failed);
  std::string text =
      fmt::format("{} of {} instances done, {} running", grouped(batch.count(InstanceStatus::done)),
                  grouped(batch.instances.size()), batch.count(InstanceStatus::running));
  const std::uint64_t halted = batch.count(InstanceStatus::halted);
  if (failed > 0) text += fmt::format(", {} failed", grouped(failed));
  if (halted > 0) text += fmt::format(", {} halted", grouped(halted));
  text += fmt::format("  {:.0f} %", std::floor(100 * std::min(1.0, done / planned)));
  if (simulated_ms > 0 && wall_s > 0)
    text += fmt::format("  {} simulated a second  {} left", milliseconds(simulated_ms / wall_s),
                        duration(std::max(0.0, planned - done) * wall_s / simulated_ms));
  return width == 0 || columns(text) <= width ? text : left(text, width);
}

std::string batch_table(const BatchRecord& batch, const std::string& directory, bool colour) {
  const std::size_t shown = std::min(batch.instances.size(), kMostInstanceRows);
  const VariedColumns varied(batch.instances, shown);
  const std::string head = left("instance", 10) + varied.head() + right("spikes", 12) + right("rate Hz", 10) +
                           right("wall", 10) + "  " + left("spike digest", kDigestShown + 2) + "status";
  std::string text = "\n";
  if (!batch.title.empty()) text += (colour ? "\x1b[1m" + batch.title + "\x1b[0m" : batch.title) + "\n\n";
  text += (colour ? "\x1b[1m" + head + "\x1b[0m" : head) + "\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const BatchInstance& instance = batch.instances[i];
    text += left(instance.name, 10) + varied.row(instance) + right(grouped(instance.spikes_total), 12) +
            right(figure(rate_Hz(instance)), 10) + right(duration(instance.wall_s), 10) + "  " +
            left(instance.spike_digest.substr(0, kDigestShown), kDigestShown + 2) + status_text(instance) +
            "\n";
  }
  if (shown < batch.instances.size())
    text += fmt::format("… and {} more: batch.json\n", grouped(batch.instances.size() - shown));
  double simulated_ms = 0;
  double construction_s = 0;
  std::uint64_t spikes = 0;
  for (const BatchInstance& instance : batch.instances) {
    simulated_ms += instance.simulated_ms;
    spikes += instance.spikes_total;
  }
  for (const BatchGroup& group : batch.groups) construction_s += group.construction_s;
  const auto line = [&](std::string_view label, const std::string& value) {
    text += left(label, 14) + value + "\n";
  };
  text += "\n";
  std::string statuses = fmt::format("{} of {} done", grouped(batch.count(InstanceStatus::done)),
                                     grouped(batch.instances.size()));
  for (const auto& [status, name] :
       {std::pair(InstanceStatus::failed, "failed"), std::pair(InstanceStatus::halted, "halted"),
        std::pair(InstanceStatus::interrupted, "interrupted"),
        std::pair(InstanceStatus::not_begun, "not begun")})
    if (const std::uint64_t n = batch.count(status); n > 0)
      statuses += fmt::format(", {} {}", grouped(n), name);
  line("instances", statuses);
  line("spikes", grouped(spikes));
  line("time", fmt::format("{} simulated in {} on {} thread{}; {} network{} built in {}",
                           milliseconds(simulated_ms), duration(batch.wall_s), batch.threads,
                           batch.threads == 1 ? "" : "s", grouped(batch.groups.size()),
                           batch.groups.size() == 1 ? "" : "s", duration(construction_s)));
  line("files", (std::filesystem::path(directory) / "batch.json").string());
  line("", (std::filesystem::path(directory) / "instances").string());
  return text;
}

BatchReporter::BatchReporter(const BatchRecord& batch, StatusLine::Style style,
                             std::filesystem::path directory)
    : directory_(std::move(directory)), line_(style) {
  for (const BatchInstance& instance : batch.instances)
    if (instance.has_ended()) before_ms_ += instance.planned_ms;
}

void BatchReporter::directory_taken() {
  log_into(directory_ / kLogFile);
}

void BatchReporter::show(const BatchRecord& batch) {
  if (line_.is_due())
    line_.say(batch_progress_text(batch, simulated_ms_, before_ms_, watch_.seconds(), line_.width()));
}

void BatchReporter::group_begins(const BatchRecord& batch, std::size_t group) {
  const BatchGroup& g = batch.groups[group];
  line_.say(fmt::format(
      "building network {} of {}, for {} instances, {} at once with {} thread{} each, {} of memory",
      group + 1, batch.groups.size(), grouped(g.n_instances), g.workers, g.threads_each,
      g.threads_each == 1 ? "" : "s", bytes(g.peak_bytes())));
}

void BatchReporter::group_built(const BatchRecord& batch, std::size_t group) {
  if (line_.style() == StatusLine::Style::lines)
    line_.say(fmt::format("built in {}", duration(batch.groups[group].construction_s)));
}

void BatchReporter::instance_begins(const BatchRecord& batch, const BatchInstance&) {
  show(batch);
}

void BatchReporter::advanced(const BatchRecord& batch, double simulated_ms) {
  simulated_ms_ += simulated_ms;
  show(batch);
}

void BatchReporter::checkpoint_ended(const BatchInstance& instance, const CheckpointOutcome& outcome) {
  if (!outcome.error.empty()) {
    clear();
    log_of(Module::checkpoint)
        .warn("instance {}: no checkpoint of step {} was written: {}. It goes on; older ones stay",
              instance.name, outcome.step, outcome.error);
  } else if (outcome.asked) {
    clear();
    log_of(Module::checkpoint)
        .info("instance {}: checkpoint of step {} written: {}", instance.name, outcome.step,
              outcome.file.string());
  }
}

void BatchReporter::warned(const BatchInstance& instance, const std::string& what) {
  clear();
  log_of(Module::checkpoint).warn("instance {}: {}", instance.name, what);
}

void BatchReporter::watchdog_found(const BatchInstance& instance, const ModelSpec& spec,
                                   const Finding& finding) {
  clear();
  log_finding(finding, spec, fmt::format("instance {}: ", instance.name));
}

void BatchReporter::instance_ended(const BatchRecord& batch, const BatchInstance& instance) {
  if (instance.status == InstanceStatus::failed) {
    clear();
    log_of(Module::run)
        .error("instance {} ({}) failed: {}", instance.name, varied_text(instance), instance.message);
  } else if (instance.status == InstanceStatus::halted) {
    clear();
    log_of(Module::watchdog)
        .error("instance {} ({}) is halted by the watchdog: {}", instance.name, varied_text(instance),
               instance.message);
  }
  show(batch);
}

}  // namespace sharpwave::cli
