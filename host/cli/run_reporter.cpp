#include "host/cli/run_reporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/network/step_times.hpp"
#include "host/run/output_directory.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kBarColumns = 20;

std::string bar(double share) {
  constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(std::lround(share * 8 * kBarColumns));
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return left(text + kEighths[eighths % 8], kBarColumns);
}

std::string simulated_text(const Progress& p, double dt_ms, double share) {
  const double done_ms = static_cast<double>(p.steps_done) * dt_ms;
  return fmt::format("{} {} of {} ms {:3.0f} %", p.warm_up ? "warm-up" : "simulated",
                     grouped(static_cast<std::uint64_t>(done_ms)),
                     grouped(static_cast<std::uint64_t>(static_cast<double>(p.steps) * dt_ms)),
                     std::floor(100 * share));
}

std::string trials_text(const TrialProgress& trials, double share) {
  std::string text = fmt::format("{}: trial {} of {} {:3.0f} %", trials.phase.empty() ? "end" : trials.phase,
                                 grouped(trials.done), grouped(trials.n), std::floor(100 * share));
  if (trials.tested > 0)
    text += fmt::format("  {:.1f} % right",
                        100 * static_cast<double>(trials.correct) / static_cast<double>(trials.tested));
  return text;
}

}  // namespace

std::string progress_text(const Progress& p, double dt_ms, std::size_t width) {
  // A protocol's steps are not known before: items may be repeated.
  const bool by_trials = p.trials.n > 0;
  const auto share_of = [&](std::uint64_t trials, std::uint64_t steps) {
    return by_trials ? static_cast<double>(trials) / static_cast<double>(p.trials.n)
                     : static_cast<double>(steps) / static_cast<double>(p.steps);
  };
  const double share = share_of(p.trials.done, p.steps_done);
  const double share_now = share - share_of(p.trials.before, p.steps_before);
  const double now_ms = static_cast<double>(p.steps_done - p.steps_before) * dt_ms;
  const std::string begin = by_trials ? trials_text(p.trials, share) : simulated_text(p, dt_ms, share);
  const std::string end = fmt::format(
      "  real-time factor {}  {} spikes/s  {} left", figure(p.wall_s * 1000 / now_ms),
      grouped(static_cast<std::uint64_t>(static_cast<double>(p.spikes) / std::max(p.wall_s, 1e-9))),
      duration(share_now > 0 ? p.wall_s * (1 - share) / share_now : 0));
  const std::string middle = "  " + bar(share);
  if (width == 0) return begin + end;
  if (columns(begin + middle + end) <= width) return begin + middle + end;
  return columns(begin + end) <= width ? begin + end : left(begin, width);
}

void log_finding(const Finding& finding, const ModelSpec& spec, const std::string& who) {
  const std::string text = who + "watchdog: " + describe(finding, spec.simulation.dt_ms);
  const std::string gains = fmt::format("weights times {} and inputs times {}", spec.watchdog.weight_gain,
                                        spec.watchdog.input_gain);
  spdlog::logger& log = log_of(Module::watchdog);
  switch (finding.action) {
    case WatchdogAction::off:
    case WatchdogAction::log:
      log.debug(text);
      break;
    case WatchdogAction::warn:
      log.warn(text);
      break;
    case WatchdogAction::clamp:
      log.warn("{}. The values of the step before are put back, and the run goes on", text);
      break;
    case WatchdogAction::throttle:
      log.warn("{}. The run goes on with {}", text, gains);
      break;
    case WatchdogAction::rollback:
      log.warn("{}. The run goes back, and on with {}", text, gains);
      break;
    case WatchdogAction::halt:
      log.error("{}. The run is halted", text);
  }
}

RunReporter::RunReporter(const ModelSpec& spec, StatusLine::Style style, Activity& activity,
                         std::filesystem::path directory)
    : directory_(std::move(directory)), spec_(spec), activity_(activity), line_(style) {}

void RunReporter::construction_begins(const NetworkPlan& plan) {
  line_.say(fmt::format("building {} neurons and {}{} synapses, {} of memory", grouped(plan.n_neurons),
                        plan.synapses_exact ? "" : "about ",
                        grouped(static_cast<std::uint64_t>(plan.n_synapses)), bytes(plan.peak_bytes())));
}

void RunReporter::construction_ended(const ConstructionReport& report) {
  if (line_.style() == StatusLine::Style::lines) {
    line_.say(fmt::format("built {} synapses in {}; {}", grouped(report.n_synapses), duration(report.seconds),
                          report.layout));
  }
  line_.begin_interval();
}

void RunReporter::state_adopted(const std::vector<std::string>& mismatches) {
  clear();
  for (const std::string& mismatch : mismatches) log_of(Module::checkpoint).warn("--from: {}", mismatch);
}

void RunReporter::directory_taken() {
  log_into(directory_ / kLogFile);
}

void RunReporter::block_ended(const Progress& progress, const Block& block) {
  set_simulated_ms(time_of_step_ms(block.first_step + block.n_steps - 1, spec_.simulation.dt_ms));
  if (!progress.warm_up) activity_.add(block);
  if (line_.is_due()) line_.say(progress_text(progress, spec_.simulation.dt_ms, line_.width()));
}

void RunReporter::checkpoint_ended(const CheckpointOutcome& outcome) {
  clear();
  if (outcome.error.empty())
    log_of(Module::checkpoint)
        .log(outcome.asked ? spdlog::level::info : spdlog::level::debug,
             "checkpoint of step {} written in {}: {}", outcome.step, duration(outcome.seconds),
             outcome.file.string());
  else
    log_of(Module::checkpoint)
        .warn("no checkpoint of step {} was written: {}. The run goes on; older checkpoints stay",
              outcome.step, outcome.error);
}

void RunReporter::watchdog_found(const Finding& finding) {
  clear();
  log_finding(finding, spec_);
}

void RunReporter::writing_begins() {
  if (line_.style() == StatusLine::Style::terminal) line_.say("writing the results");
}

}  // namespace sharpwave::cli
