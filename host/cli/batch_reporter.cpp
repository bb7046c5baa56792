#include "host/cli/batch_reporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/cli/format.hpp"
#include "host/cli/log.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kMostRows = 20;
constexpr std::size_t kDigestShown = 16;

double planned_ms(const BatchRecord& batch) {
  double sum = 0;
  for (const BatchInstance& instance : batch.instances) sum += instance.planned_ms;
  return sum;
}

std::string status_text(const BatchInstance& instance) {
  switch (instance.status) {
    case InstanceStatus::not_begun:
      return "not begun";
    case InstanceStatus::running:
      return "running";
    case InstanceStatus::done:
      return "done";
    case InstanceStatus::failed:
      return fmt::format("failed ({})", static_cast<int>(instance.code));
    case InstanceStatus::interrupted:
      return "interrupted";
  }
  return {};
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
  for (const auto& [key, value] : instance.varied) text.append(" ").append(key).append("=").append(value);
  return text;
}

}  // namespace

std::string batch_progress_text(const BatchRecord& batch, double simulated_ms, double before_ms,
                                double wall_s, std::size_t width) {
  const double planned = planned_ms(batch);
  const double done = before_ms + simulated_ms;
  const std::uint64_t failed = batch.count(InstanceStatus::failed);
  std::string text =
      fmt::format("{} of {} instances done, {} running", grouped(batch.count(InstanceStatus::done)),
                  grouped(batch.instances.size()), batch.count(InstanceStatus::running));
  if (failed > 0) text += fmt::format(", {} failed", grouped(failed));
  text += fmt::format("  {:.0f} %", std::floor(100 * std::min(1.0, done / planned)));
  if (simulated_ms > 0 && wall_s > 0)
    text += fmt::format("  {} simulated a second  {} left", milliseconds(simulated_ms / wall_s),
                        duration(std::max(0.0, planned - done) * wall_s / simulated_ms));
  return width == 0 || columns(text) <= width ? text : left(text, width);
}

std::string batch_table(const BatchRecord& batch, const std::string& directory, bool colour) {
  std::size_t widest = 8;
  const std::size_t shown = std::min(batch.instances.size(), kMostRows);
  for (std::size_t i = 0; i < shown; ++i)
    widest = std::max(widest, std::min<std::size_t>(48, columns(varied_text(batch.instances[i]))));
  const std::string head = left("instance", 10) + left("varied", widest + 2) + right("spikes", 12) +
                           right("rate Hz", 10) + right("wall", 10) + "  " +
                           left("spike digest", kDigestShown + 2) + "status";
  std::string text = "\n";
  if (!batch.title.empty()) text += (colour ? "\x1b[1m" + batch.title + "\x1b[0m" : batch.title) + "\n\n";
  text += (colour ? "\x1b[1m" + head + "\x1b[0m" : head) + "\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const BatchInstance& instance = batch.instances[i];
    const std::string varied = varied_text(instance);
    text +=
        left(instance.name, 10) + left(varied, widest) + "  " + right(grouped(instance.spikes_total), 12) +
        right(figure(rate_Hz(instance)), 10) + right(duration(instance.wall_s), 10) + "  " +
        left(instance.spike_digest.substr(0, kDigestShown), kDigestShown + 2) + status_text(instance) + "\n";
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
       {std::pair(InstanceStatus::failed, "failed"), std::pair(InstanceStatus::interrupted, "interrupted"),
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

BatchReporter::BatchReporter(const BatchRecord& batch, StatusLine::Style style) : line_(style) {
  for (const BatchInstance& instance : batch.instances)
    if (instance.status == InstanceStatus::done) before_ms_ += instance.planned_ms;
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
    log_of(Module::run)
        .warn("instance {}: no checkpoint of step {} was written: {}. It goes on; older ones stay",
              instance.name, outcome.step, outcome.error);
  } else if (outcome.asked) {
    clear();
    log_of(Module::run)
        .info("instance {}: checkpoint of step {} written: {}", instance.name, outcome.step,
              outcome.file.string());
  }
}

void BatchReporter::warned(const BatchInstance& instance, const std::string& what) {
  clear();
  log_of(Module::run).warn("instance {}: {}", instance.name, what);
}

void BatchReporter::instance_ended(const BatchRecord& batch, const BatchInstance& instance) {
  if (instance.status == InstanceStatus::failed) {
    clear();
    log_of(Module::run)
        .error("instance {} ({}) failed: {}", instance.name, varied_text(instance), instance.message);
  }
  show(batch);
}

}  // namespace sharpwave::cli
