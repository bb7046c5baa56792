#include "host/operate/observation.hpp"

#include <algorithm>
#include <system_error>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/operate/line_reader.hpp"
#include "host/operate/log_line.hpp"
#include "host/operate/log_signs.hpp"
#include "host/operate/message_pattern.hpp"
#include "host/operate/secrets.hpp"

namespace sharpwave::operate {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Together with the rest below 30 s.
constexpr auto kForService = 15s;
constexpr auto kForOneRequest = 4s;
constexpr auto kForGpu = 4s;
constexpr auto kForStore = 8s;
constexpr int kHealthRequests = 5;
constexpr std::uint64_t kEndOfLog = std::uint64_t{16} << 20;
constexpr std::int64_t kHourMs = 3'600'000;

std::chrono::milliseconds time_left(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  return std::clamp<std::chrono::milliseconds>(left, 1ms, kForOneRequest);
}

void ask_service(Observations& seen) {
  const Clock::time_point until = Clock::now() + kForService;
  const auto ask = [&](const char* path) { return http_get(*seen.place, path, time_left(until)); };
  seen.health = ask("/health");
  if (seen.health.fault != HttpFault::none) return;  // the others would only wait as long
  seen.response_s.push_back(seen.health.seconds);
  seen.ready = ask("/ready");
  seen.metrics_answer = ask("/metrics");
  if (seen.metrics_answer.is_ok()) seen.metrics = parse_metrics(seen.metrics_answer.body);
  for (int i = 1; i < kHealthRequests && Clock::now() < until; ++i) {
    const HttpAnswer answer = ask("/health");
    if (answer.fault == HttpFault::none) seen.response_s.push_back(answer.seconds);
  }
}

/// What this program says of a space that it only reads.
ProgramOutcome ask_store(const Surroundings& surroundings, const std::vector<std::string>& words,
                         Clock::time_point until) {
  std::vector<std::string> all{surroundings.program.string(), "memory"};
  all.insert(all.end(), words.begin(), words.end());
  // Its errors are wanted; what it has to say beside them would stand among the JSON.
  all.insert(all.end(),
             {"--store", (surroundings.data_directory / "store").string(), "--json", "--log-level", "off"});
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  return run_program(all, std::max<std::chrono::milliseconds>(left, 1ms));
}

StoreLook store_look(const ProgramOutcome& outcome, const std::string& what) {
  using State = StoreLook::State;
  const std::string text = what + ": " + one_line(outcome.output, 300);
  if (outcome.end == ProgramOutcome::End::timed_out) return {State::too_slow, what + " was not read in 8 s"};
  if (outcome.is_ok()) return {State::whole, what + " can be read"};
  const bool is_damaged =
      outcome.end == ProgramOutcome::End::killed || outcome.code == static_cast<int>(ExitCode::damaged_data);
  return {is_damaged ? State::damaged : State::unreadable, text};
}

StoreLook look_at_store(const Surroundings& surroundings) {
  std::error_code ignored;
  if (!fs::exists(surroundings.data_directory / "store", ignored))
    return {StoreLook::State::none, "there is no store yet"};
  const Clock::time_point until = Clock::now() + kForStore;
  const ProgramOutcome listed = ask_store(surroundings, {"spaces"}, until);
  if (!listed.is_ok()) return store_look(listed, "the store");
  StoreLook look{StoreLook::State::whole, "the store can be read; it has no space"};
  const Json names = Json::parse(listed.output, nullptr, false);
  if (!names.is_object()) return {StoreLook::State::unreadable, "the store: " + one_line(listed.output, 300)};
  for (const Json& name : names.value("spaces", Json::array())) {
    if (!name.is_string()) continue;
    const std::string space = name.get<std::string>();
    look = store_look(ask_store(surroundings, {"stats", "--space", space}, until), "the space " + space);
    if (look.state != StoreLook::State::whole) break;
  }
  return look;
}

std::optional<ProgramOutcome> ask_gpu() {
  ProgramOutcome outcome = run_program({"nvidia-smi", "-L"}, kForGpu);
  if (outcome.end == ProgramOutcome::End::not_found) return std::nullopt;
  return outcome;
}

std::int64_t now_ms() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

}  // namespace

void expect_data_directory(const fs::path& directory) {
  std::error_code status;
  if (fs::is_directory(directory, status)) return;
  throw Error(ExitCode::io, directory.string() + ": " + (status ? status.message() : "is no directory") +
                                "; expected the data directory of a service");
}

std::optional<HttpPlace> service_place(const Surroundings& surroundings, const ServiceFileOutcome& file) {
  if (!surroundings.url && !file.file) return std::nullopt;
  HttpPlace place = surroundings.url ? parse_url(*surroundings.url) : place_of(*file.file);
  if (surroundings.token) place.token = read_token(*surroundings.token);
  place.ca = surroundings.ca;
  return place;
}

RecentErrors recent_errors(const fs::path& log, std::int64_t since_ms) {
  RecentErrors recent;
  std::error_code status;
  const std::uint64_t size = fs::file_size(log, status);
  if (status) {
    if (status != std::errc::no_such_file_or_directory) recent.fault = log.string() + ": " + status.message();
    return recent;
  }
  recent.is_there = true;
  const std::uint64_t from = size > kEndOfLog ? size - kEndOfLog : 0;
  bool has_earlier = false;
  try {
    static_cast<void>(for_each_line(log, from, [&](const LineOfFile& text) {
      const LineOutcome outcome = read_log_line(text.text);
      if (!outcome.line || !outcome.line->time_ms) return;
      has_earlier |= *outcome.line->time_ms < since_ms;
      if (*outcome.line->time_ms < since_ms) return;
      if (outcome.line->level == Level::warning) ++recent.n_warnings;
      if (outcome.line->level != Level::error) return;
      ++recent.n_errors;
      const std::vector<std::size_t> signs = signs_of(*outcome.line);
      const auto is_critical = [](std::size_t i) { return log_signs()[i].kind == SignKind::critical; };
      if (std::any_of(signs.begin(), signs.end(), is_critical)) ++recent.n_critical;
      recent.last = one_line(mask_secrets(std::string_view(outcome.line->message).substr(0, 2048)), 200);
    }));
  } catch (const Error& error) {
    recent.fault = error.what();
  }
  recent.is_cut = from > 0 && !has_earlier;
  return recent;
}

Observations observe(const Surroundings& surroundings) {
  expect_data_directory(surroundings.data_directory);
  Observations seen;
  seen.service_file = read_service_file(surroundings.data_directory);
  seen.place = service_place(surroundings, seen.service_file);
  seen.is_place_given = surroundings.url.has_value();
  const std::int64_t pid = seen.service_file.file ? seen.service_file.file->pid : 0;
  if (pid > 0) seen.process = process_facts(pid);
  if (seen.place) ask_service(seen);
  seen.gpu = ask_gpu();
  seen.missing_cpu_features = missing_cpu_features(read_proc_file("/proc/cpuinfo").value_or(""));
  seen.disk = disk_facts(surroundings.data_directory);
  seen.memory = memory_facts(seen.process && seen.process->is_there ? pid : 0);
  // What a service has open is its own.
  const bool is_served =
      seen.health.status != 0 || (seen.process && seen.process->is_there && seen.process->is_sharpwave);
  if (!is_served) seen.store = look_at_store(surroundings);
  seen.errors = recent_errors(surroundings.data_directory / "log.jsonl", now_ms() - kHourMs);
  return seen;
}

}  // namespace sharpwave::operate
