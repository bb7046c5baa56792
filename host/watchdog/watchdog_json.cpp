#include "host/watchdog/watchdog_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/base/error.hpp"
#include "host/base/log.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/json_place.hpp"
#include "host/io/text_file.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kMostOfASign = 100;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;

/// Names of a config need not be UTF-8.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json value_json(const UnsoundValue& value) {
  Json inputs = Json::object();
  for (const auto& [name, input] : value.inputs) inputs[name] = number(input);
  return {{"neuron", value.neuron},         {"variable", value.variable},  {"value", number(value.value)},
          {"before", number(value.before)}, {"inputs", std::move(inputs)}, {"n_unsound", value.n_unsound}};
}

Json rate_json(const UnusualRate& rate) {
  return {{"window_steps", rate.window_steps},
          {"rate_Hz", rate.rate_Hz},
          {"limit_Hz", rate.limit_Hz},
          {"score", rate.score}};
}

Json frozen_json(const FrozenLearning& frozen) {
  const auto text = [](const std::string& name) { return name.empty() ? Json() : Json(name); };
  return {{"window_steps", frozen.window_steps},
          {"projection", text(frozen.projection)},
          {"region", text(frozen.region)},
          {"modulator", text(frozen.modulator)},
          {"level", frozen.modulator.empty() ? Json() : number(frozen.level)}};
}

Json history_json(const History& history) {
  Json values = Json::array();
  for (const std::vector<float>& of_variable : history.trace.values) {
    Json list = Json::array();
    for (const float value : of_variable) list.push_back(number(value));
    values.push_back(std::move(list));
  }
  return {{"first_step", history.first_step},
          {"n_spikes", history.n_spikes},
          {"spikes", {{"steps", history.spike_steps}, {"ids", history.spike_ids}}},
          {"trace",
           {{"population", history.trace.population},
            {"neuron", history.trace.neuron},
            {"variables", history.trace.variables},
            {"values", std::move(values)}}}};
}

Json finding_json(const Finding& finding, double dt_ms) {
  return {{"sign", name_of(finding.sign)},
          {"action", name_of(finding.action)},
          {"step", finding.step},
          {"time_ms", time_of_step_ms(finding.step, dt_ms)},
          {"population", finding.population},
          {"message", describe(finding, dt_ms)},
          {"value", finding.value ? value_json(*finding.value) : Json()},
          {"rate", finding.rate ? rate_json(*finding.rate) : Json()},
          {"frozen", finding.frozen ? frozen_json(*finding.frozen) : Json()},
          {"history", finding.history ? history_json(*finding.history) : Json()}};
}

}  // namespace

ExitCode exit_code_of(WatchdogSign sign) {
  switch (sign) {
    case WatchdogSign::non_finite:
    case WatchdogSign::divergence:
      return ExitCode::non_finite;
    case WatchdogSign::runaway:
      return ExitCode::runaway;
    case WatchdogSign::frozen_weights:
    case WatchdogSign::frozen_modulator:
      return ExitCode::frozen;
    default:
      return ExitCode::silent;
  }
}

bool is_of_watchdog(ExitCode code) {
  return code == ExitCode::non_finite || code == ExitCode::runaway || code == ExitCode::silent ||
         code == ExitCode::frozen;
}

WatchdogSign watchdog_sign(const std::string& name) {
  for (std::size_t k = 0; k < kWatchdogSignCount; ++k)
    if (name == name_of(static_cast<WatchdogSign>(k))) return static_cast<WatchdogSign>(k);
  throw Error(ExitCode::damaged_data, "'" + name + "' is no sign of the watchdog");
}

namespace {

std::string describe_frozen(const Finding& finding, const std::string& when, double dt_ms) {
  const FrozenLearning& frozen = *finding.frozen;
  const double window_ms = static_cast<double>(frozen.window_steps) * dt_ms;
  if (frozen.modulator.empty())
    return fmt::format(
        "{}: no weight of {} changed in the {:g} ms up to {}, though it learns and both sides fired",
        name_of(finding.sign), frozen.projection, window_ms, when);
  return fmt::format("{}: {} of {} stood at {:.6g} for the {:g} ms up to {}, though something drove it",
                     name_of(finding.sign), frozen.modulator, frozen.region, frozen.level, window_ms, when);
}

std::string describe_sign(const Finding& finding, double dt_ms) {
  const std::string when = fmt::format("step {} ({} ms)", finding.step, time_of_step_ms(finding.step, dt_ms));
  if (finding.value) {
    const UnsoundValue& value = *finding.value;
    return fmt::format(
        "{}: {} of neuron {} of {} is {:.6g} after {}, was {:.6g} before; {} such value{} in all",
        name_of(finding.sign), value.variable, value.neuron, finding.population, value.value, when,
        value.before, value.n_unsound, value.n_unsound == 1 ? "" : "s");
  }
  if (finding.frozen) return describe_frozen(finding, when, dt_ms);
  const UnusualRate& rate = *finding.rate;
  const double window_ms = static_cast<double>(rate.window_steps) * dt_ms;
  const char* relation = finding.sign == WatchdogSign::runaway  ? "expected at most"
                         : finding.sign == WatchdogSign::sparse ? "expected at least"
                                                                : "usual is";
  std::string text = fmt::format("{}: {} fired at {:.4g} Hz in the {:g} ms up to {}", name_of(finding.sign),
                                 finding.population, rate.rate_Hz, window_ms, when);
  if (finding.sign != WatchdogSign::silent) text += fmt::format(", {} {:.4g} Hz", relation, rate.limit_Hz);
  return text;
}

}  // namespace

std::string describe(const Finding& finding, double dt_ms) {
  const std::string text = describe_sign(finding, dt_ms);
  return finding.repair_fault.empty() ? text : text + ". " + finding.repair_fault;
}

std::string message_of_halt(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / WatchdogFile::kName;
  try {
    const Json json = parse_json(read_text_file(path, kLargestFile), path.string());
    const JsonPlace list = JsonPlace{json, path.string()}["findings"];
    for (std::size_t i = list.size(); i-- > 0;) {
      const std::string action = list[i]["action"].text();
      for (const WatchdogAction ends :
           {WatchdogAction::halt, WatchdogAction::rollback, WatchdogAction::throttle})
        if (action == name_of(ends)) return list[i]["message"].text();
    }
  } catch (
      const Error&) {  // of a run that has come to its end: whoever wants more than the sign finds the fault
  }
  return {};
}

Json found_json(const SignCounts& found) {
  Json json = Json::object();
  for (std::size_t k = 0; k < found.size(); ++k)
    if (found[k] > 0) json[name_of(static_cast<WatchdogSign>(k))] = found[k];
  return json;
}

WatchdogFile::WatchdogFile(const std::filesystem::path& directory, double dt_ms,
                           const SignCounts* found_before, const std::vector<std::string>& injected)
    : path_(directory / kName), dt_ms_(dt_ms), injected_(injected) {
  if (found_before != nullptr) {
    found_ = *found_before;
    keep_earlier();
  }
  if (!injected_.empty()) write();
}

/// The run's own file, but it may have been damaged since, or not been written with the checkpoint: what is
/// lost is said to be. What was found after the checkpoint is found again; after a rollback its steps tell
/// nothing about that, its place in the list does.
void WatchdogFile::keep_earlier() {
  std::error_code ignored;
  is_written_ = is_empty() && !std::filesystem::exists(path_, ignored);
  SignCounts kept{};
  try {
    const Json json = parse_json(read_text_file(path_, kLargestFile), path_.string());
    const JsonPlace place{json, path_.string()};
    const JsonPlace injected = place["injected"];
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < injected.size(); ++i) texts.push_back(injected[i].text());
    const JsonPlace list = place["findings"];
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto sign = static_cast<std::size_t>(watchdog_sign(list[i]["sign"].text()));
      if (kept[sign] == std::min(found_[sign], kMostOfASign)) continue;
      ++kept[sign];
      findings_.push_back(text_of(list[i].value));
    }
    injected_ = std::move(texts);
  } catch (const Error& error) {
    findings_.clear();
    kept = {};
    if (!is_empty())
      logger_named("watchdog")->warn("what the watchdog had found before is lost: {}", error.what());
    return;
  }
  for (std::size_t sign = 0; sign < kept.size(); ++sign)
    if (kept[sign] < std::min(found_[sign], kMostOfASign))
      logger_named("watchdog")
          ->warn("{}: {} of what the watchdog had found before as {} is lost", path_.string(),
                 std::min(found_[sign], kMostOfASign) - kept[sign], name_of(static_cast<WatchdogSign>(sign)));
}

void WatchdogFile::add(const Finding& finding) {
  is_all_written_ = false;
  const std::uint64_t n = ++found_[static_cast<std::size_t>(finding.sign)];
  if (n > kMostOfASign && finding.action != WatchdogAction::halt) return;
  is_written_ = false;
  findings_.push_back(text_of(finding_json(finding, dt_ms_)));
  if (finding.action != WatchdogAction::log) flush();
}

void WatchdogFile::flush() {
  if (is_written_) return;
  try {
    write();
  } catch (const Error& error) {
    logger_named("watchdog")
        ->warn("{}; the run goes on, and tries again with the next checkpoint or at its end", error.what());
  }
}

void WatchdogFile::finish() {
  if (!is_written_ || !is_all_written_) write();
}

void WatchdogFile::write() {
  std::string text = fmt::format("{{\"format\":1,\"dt_ms\":{},\"injected\":{},\"found\":{},\"findings\":[\n",
                                 text_of(dt_ms_), text_of(injected_), text_of(found_json(found_)));
  for (std::size_t i = 0; i < findings_.size(); ++i) text += (i == 0 ? "" : ",\n") + findings_[i];
  write_file_atomically(path_, text + "\n]}\n");
  is_written_ = true;
  is_all_written_ = true;
}

}  // namespace sharpwave
