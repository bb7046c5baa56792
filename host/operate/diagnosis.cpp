#include "host/operate/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/operate/log_analysis.hpp"
#include "host/operate/message_pattern.hpp"

namespace sharpwave::operate {
namespace {

constexpr double kWarnShare = 0.8;
constexpr double kFailShare = 0.9;
constexpr double kLeastAvailable = 0.05;  // of the machine's memory
constexpr double kWarnLag = 10'000;       // changes that a power cut would take
constexpr double kFailLag = 100'000;
constexpr std::uint64_t kFailErrors = 10;  // in an hour
constexpr double kWarnResponseSeconds = 0.1;
constexpr double kFailResponseSeconds = 1;
constexpr double kMebibyte = 1024.0 * 1024.0;
/// What clocks and the moment between starting and saying so may differ by.
constexpr std::int64_t kStartSlackMs = 10'000;

Check passed(const char* name, std::string found) {
  return {name, CheckState::ok, std::move(found), {}, {}};
}
Check skipped(const char* name, std::string why) {
  return {name, CheckState::skipped, std::move(why), {}, {}};
}
Check trouble(const char* name, CheckState state, std::string found, const char* anchor, std::string action,
              ExitCode code = ExitCode::unhealthy) {
  return {name, state, std::move(found), std::move(action), anchor, code};
}

CheckState state_of_share(double share) {
  // NaN is a failure.
  return share <= kWarnShare   ? CheckState::ok
         : share <= kFailShare ? CheckState::warning
                               : CheckState::failure;
}

std::string mebibytes(double bytes) {
  return fmt::format("{:.0f} MiB", bytes / kMebibyte);
}

const Metrics* metrics_of(const Observations& seen) {
  return seen.metrics.metrics ? &*seen.metrics.metrics : nullptr;
}

std::optional<double> metric(const Observations& seen, const char* name) {
  const Metrics* metrics = metrics_of(seen);
  return metrics != nullptr ? metrics->value_of(name) : std::nullopt;
}

/// Why the service could not be asked, for the checks that need it; empty where it answered.
std::string why_not_asked(const Observations& seen) {
  if (!seen.place) return "there is no service to ask";
  return seen.health.fault == HttpFault::none ? "" : "the service did not answer";
}

Check check_process(const Observations& seen) {
  constexpr const char* kName = "process";
  constexpr const char* kStart =
      "start the service: `sharpwave serve --data-dir DIR`; its first lines on stderr say what it lacks";
  if (!seen.service_file.is_there) {
    if (seen.is_place_given)
      return skipped(kName, "there is no service.json here; the service was asked by its URL");
    return trouble(kName, CheckState::failure, "there is no service.json: no service runs on this directory",
                   "will-not-start", kStart);
  }
  if (!seen.service_file.file)
    return trouble(kName, CheckState::failure, one_line(seen.service_file.fault, 300), "will-not-start",
                   "if a service runs, start it anew, which writes the file again; else start one");
  const ServiceFile& file = *seen.service_file.file;
  if (!seen.process || !seen.process->is_there)
    return trouble(
        kName, CheckState::failure,
        fmt::format("service.json names process {}, which is not there: it ended without saying so",
                    file.pid),
        "will-not-start", "look at the end of log.jsonl for why it ended, and start it again");
  const ProcessFacts& process = *seen.process;
  if (!process.is_sharpwave)
    return trouble(
        kName, CheckState::failure,
        fmt::format("process {} of service.json is '{}', expected sharpwave: the number is another's now",
                    file.pid, one_line(process.name, 32)),
        "will-not-start", kStart);
  if (process.started_ms && file.started_ms && *process.started_ms > *file.started_ms + kStartSlackMs)
    return trouble(
        kName, CheckState::failure,
        fmt::format("process {} began after service.json was written: it is not the one that wrote it",
                    file.pid),
        "will-not-start", kStart);
  return passed(kName, fmt::format("sharpwave is process {}", file.pid));
}

Check check_service(const Observations& seen) {
  constexpr const char* kName = "service";
  if (!seen.place)
    return skipped(kName, "there is no service to ask: neither service.json nor --url says where");
  const HttpAnswer& health = seen.health;
  if (health.fault == HttpFault::tls)
    return trouble(
        kName, CheckState::failure, health.what, "device-or-tls-failure",
        "name its certificate with --ca, and look at its dates and names with `openssl x509 -text`");
  if (health.fault == HttpFault::timeout)
    return trouble(kName, CheckState::failure, health.what, "high-latency",
                   "see what its threads do, e.g. with `gdb -p PID -batch -ex 'thread apply all bt'`, then "
                   "start it again");
  if (health.fault != HttpFault::none)
    return trouble(kName, CheckState::failure, health.what, "will-not-start",
                   "check that it runs, and that address and port are those of service.json");
  if (health.status != 200)
    return trouble(kName, CheckState::failure,
                   fmt::format("GET /health answered {}, expected 200", health.status), "will-not-start",
                   "see in log.jsonl what it says, and whether another program has the port");
  if (seen.ready.status != 200)
    return trouble(
        kName, CheckState::failure,
        seen.ready.fault == HttpFault::none
            ? fmt::format("GET /ready answered {}, expected 200: it is alive, and not ready",
                          seen.ready.status)
            : seen.ready.what,
        "will-not-start",
        "GET /ready says what it waits for: recovery, an index, a disk that can be written, or its end");
  return passed(kName, url_of(*seen.place) + " is alive and ready");
}

Check check_device(const Observations& seen) {
  constexpr const char* kName = "device";
  if (!seen.missing_cpu_features.empty()) {
    std::string names;
    for (const std::string& name : seen.missing_cpu_features) names += (names.empty() ? "" : ", ") + name;
    return trouble(kName, CheckState::failure, "the processor lacks " + names, "device-or-tls-failure",
                   "run it on a processor of x86-64-v3: Intel Haswell, AMD Excavator, or later",
                   ExitCode::no_device);
  }
  if (!seen.gpu) return passed(kName, "no GPU (there is no nvidia-smi); the processor has what is needed");
  if (!seen.gpu->is_ok())
    return trouble(
        kName, CheckState::failure,
        seen.gpu->end == ProgramOutcome::End::timed_out
            ? "nvidia-smi did not end in time: the driver may be stuck"
            : fmt::format("nvidia-smi failed ({}): {}", seen.gpu->code, one_line(seen.gpu->output, 200)),
        "device-or-tls-failure",
        "look for NVRM or Xid in the kernel's log; `device: cpu` in configs goes on without the GPU",
        ExitCode::no_device);
  const bool has_one = seen.gpu->output.find("GPU") != std::string::npos;
  if (has_one && metric(seen, "sharpwave_device_available") == 0.0)
    return trouble(kName, CheckState::warning, "nvidia-smi finds a GPU that the service does not have",
                   "device-or-tls-failure",
                   "check that it was built with CUDA, and what CUDA_VISIBLE_DEVICES says to it",
                   ExitCode::no_device);
  return passed(kName, has_one ? one_line(seen.gpu->output.substr(0, seen.gpu->output.find('\n')), 120)
                               : "nvidia-smi finds no GPU; the processor has what is needed");
}

Check check_disk(const Observations& seen) {
  constexpr const char* kName = "disk";
  // What the service says counts: it may have another disk, or a part of one.
  std::optional<double> size = metric(seen, "sharpwave_disk_size_bytes");
  std::optional<double> free = metric(seen, "sharpwave_disk_free_bytes");
  if (!size || !free || !(*size > 0)) {
    if (!seen.disk) return skipped(kName, "the system does not say how full it is");
    size = static_cast<double>(seen.disk->size_bytes);
    free = static_cast<double>(seen.disk->free_bytes);
  }
  const double share = 1 - *free / *size;
  const std::string found = fmt::format("{:.0f} % used, {} free (warning above 80 %, failure above 90 %)",
                                        share * 100, mebibytes(*free));
  const CheckState state = state_of_share(share);
  if (state == CheckState::ok) return passed(kName, found);
  return trouble(kName, state, found, "memory-growth",
                 "remove runs and backups that nobody needs, or make the file system larger",
                 ExitCode::no_room);
}

/// Where a space of the service is damaged or read-only; none where all are well.
std::optional<Check> trouble_of_spaces(const Metrics& metrics) {
  if (metrics.largest_of("sharpwave_memory_damaged").value_or(0) > 0)
    return trouble("wal", CheckState::failure, "a space is damaged (sharpwave_memory_damaged is 1)",
                   "data-corruption",
                   "see `sharpwave memory verify`, and compare with a backup before anything is repaired",
                   ExitCode::damaged_data);
  if (metrics.largest_of("sharpwave_memory_read_only").value_or(0) > 0)
    return trouble("wal", CheckState::warning, "a space is read-only (sharpwave_memory_read_only is 1)",
                   "data-corruption",
                   "the log says why; `sharpwave memory recover writable` ends what was meant to be so");
  return std::nullopt;
}

/// The largest difference of one space; spaces that only one of the two knows have none.
std::optional<double> wal_lag(const Metrics& metrics) {
  const auto last = metrics.samples.find("sharpwave_memory_sequence");
  const auto synced = metrics.samples.find("sharpwave_memory_synced_sequence");
  std::optional<double> largest;
  if (last == metrics.samples.end() || synced == metrics.samples.end()) return largest;
  for (const MetricSample& one : last->second)
    for (const MetricSample& other : synced->second) {
      if (one.labels != other.labels || std::isnan(one.value - other.value)) continue;
      largest = std::max(largest.value_or(0), one.value - other.value);
      break;
    }
  return largest;
}

Check check_store(const StoreLook& store) {
  constexpr const char* kName = "wal";
  using State = StoreLook::State;
  switch (store.state) {
    case State::not_looked:
      return skipped(kName, "the service has the store, and does not tell of it");
    case State::none:
      return skipped(kName, store.text);
    case State::whole:
      return passed(kName, store.text + " (no service has it open)");
    case State::too_slow:
      return trouble(kName, CheckState::warning, store.text, "high-latency",
                     "try `sharpwave memory verify --store DIR/store`, which takes its time");
    case State::damaged:
      return trouble(kName, CheckState::failure, store.text, "data-corruption",
                     "see `sharpwave memory verify`, and compare with a backup before anything is repaired",
                     ExitCode::damaged_data);
    case State::unreadable:
      break;
  }
  return trouble(kName, CheckState::failure, store.text, "will-not-start",
                 "check who owns the files, and whether another process has them open");
}

Check check_wal(const Observations& seen) {
  constexpr const char* kName = "wal";
  const Metrics* metrics = metrics_of(seen);
  if (metrics == nullptr) return check_store(seen.store);
  if (auto found = trouble_of_spaces(*metrics)) return *std::move(found);
  const std::optional<double> lag = wal_lag(*metrics);
  if (!lag) return skipped(kName, "/metrics says nothing of a space's sequence and synced_sequence");
  const std::string found = fmt::format(
      "{:.0f} changes are not on the disk for certain (warning above {:.0f}, failure above {:.0f})", *lag,
      kWarnLag, kFailLag);
  if (*lag <= kWarnLag) return passed(kName, found);
  return trouble(kName, *lag <= kFailLag ? CheckState::warning : CheckState::failure, found, "wal-lag",
                 "POST /api/v1/checkpoint syncs now; look at the disk's latency and at the WAL's sync mode");
}

Check check_memory(const Observations& seen) {
  constexpr const char* kName = "memory";
  std::optional<double> resident = metric(seen, "process_resident_memory_bytes");
  if (!resident && seen.process && seen.process->resident_bytes)
    resident = static_cast<double>(*seen.process->resident_bytes);
  const MemoryFacts& memory = seen.memory;
  if (!memory.total_bytes) return skipped(kName, "the system does not say how much there is");
  const auto total = static_cast<double>(*memory.total_bytes);
  const double limit =
      std::min(total, static_cast<double>(memory.group_limit_bytes.value_or(*memory.total_bytes)));
  const bool is_group = memory.group_limit_bytes.has_value() && limit < total;
  const double available = memory.available_bytes ? static_cast<double>(*memory.available_bytes) : total;
  constexpr const char* kAction =
      "see what grows: process_resident_memory_bytes over time, sharpwave_memory_items, runs under way; then "
      "raise the limit or close what is not needed";
  std::string found = fmt::format("{} available of {}", mebibytes(available), mebibytes(total));
  if (is_group) found += fmt::format(", {} allowed to its control group", mebibytes(limit));
  CheckState state = CheckState::ok;
  if (resident) {
    const double share = *resident / limit;
    found = fmt::format("it takes {}, {:.0f} % of what it may (warning above 80 %, failure above 90 %); ",
                        mebibytes(*resident), share * 100) +
            found;
    state = state_of_share(share);
  }
  if (available < kLeastAvailable * total) state = std::max(state, CheckState::warning);
  if (state == CheckState::ok) return passed(kName, found);
  return trouble(kName, state, found, "memory-growth", kAction, ExitCode::no_room);
}

Check check_descriptors(const Observations& seen) {
  constexpr const char* kName = "descriptors";
  std::optional<double> open = metric(seen, "process_open_fds");
  std::optional<double> most = metric(seen, "process_max_fds");
  if (!open || !most) {
    if (!seen.process || !seen.process->is_there)
      return skipped(kName, "there is no process to count them of");
    if (!seen.process->open_files || !seen.process->most_files)
      return skipped(kName, "the process is another user's, and neither are its metrics to be had");
    open = static_cast<double>(*seen.process->open_files);
    most = static_cast<double>(*seen.process->most_files);
  }
  const double share = *open / *most;
  const std::string found = fmt::format("{:.0f} of {:.0f} are open (failure above 80 %)", *open, *most);
  if (share <= kWarnShare) return passed(kName, found);
  return trouble(kName, CheckState::failure, found, "memory-growth",
                 "raise LimitNOFILE of its unit, or `ulimit -n`, and look at sharpwave_http_connections");
}

Check check_recent_errors(const Observations& seen) {
  constexpr const char* kName = "recent errors";
  const RecentErrors& errors = seen.errors;
  if (!errors.fault.empty())
    return trouble(kName, CheckState::warning, one_line(errors.fault, 300), "will-not-start",
                   "make log.jsonl readable for who runs this");
  if (!errors.is_there) return skipped(kName, "there is no log.jsonl");
  std::string found = fmt::format("{} errors and {} warnings in the last hour{}", errors.n_errors,
                                  errors.n_warnings, errors.is_cut ? ", as far as its last 16 MiB go" : "");
  if (errors.n_errors == 0) return passed(kName, found);
  found += "; the last error: " + errors.last;
  const bool is_failure = errors.n_errors >= kFailErrors || errors.n_critical > 0;
  return trouble(
      kName, is_failure ? CheckState::failure : CheckState::warning, found,
      errors.n_critical > 0 ? "data-corruption" : "will-not-start",
      "`sharpwave analyze-logs DIR/log.jsonl` says of which families they are, and where to read on");
}

Check check_response_time(const Observations& seen) {
  constexpr const char* kName = "response time";
  if (const std::string why = why_not_asked(seen); !why.empty()) return skipped(kName, why);
  std::vector<double> times = seen.response_s;
  if (times.empty()) return skipped(kName, "nothing was timed");
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  const double median = *middle;
  const std::string found =
      fmt::format("GET /health takes {:.1f} ms, the median of {} (warning above 100 ms, failure above 1 s)",
                  median * 1000, times.size());
  if (median <= kWarnResponseSeconds) return passed(kName, found);
  return trouble(
      kName, median <= kFailResponseSeconds ? CheckState::warning : CheckState::failure, found,
      "high-latency",
      "look at sharpwave_http_waiting_requests, GET /observability/latency, and what else the machine does");
}

Check check_metrics(const Observations& seen) {
  constexpr const char* kName = "metrics";
  if (const std::string why = why_not_asked(seen); !why.empty()) return skipped(kName, why);
  const HttpAnswer& answer = seen.metrics_answer;
  if (answer.status == 401 || answer.status == 403)
    return trouble(kName, CheckState::warning,
                   fmt::format("GET /metrics answered {}: it asks for a token", answer.status),
                   "will-not-start", "name the file of its read token with --token");
  if (!answer.is_ok())
    return trouble(kName, CheckState::failure,
                   answer.fault == HttpFault::none
                       ? fmt::format("GET /metrics answered {}, expected 200", answer.status)
                       : answer.what,
                   "high-latency", "see in log.jsonl why; without metrics nobody is alarmed");
  if (!seen.metrics.metrics)
    return trouble(kName, CheckState::failure, "GET /metrics: " + seen.metrics.fault, "will-not-start",
                   "check that the URL is that of a sharpwave service, and not of something before it");
  std::string missing;
  for (const std::string& name : essential_metrics())
    if (!seen.metrics.metrics->knows(name)) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty())
    return trouble(kName, CheckState::failure, "GET /metrics lacks " + missing, "will-not-start",
                   "check that this program and the service are of the same version");
  return passed(
      kName, fmt::format("{} metrics, all essential ones among them", seen.metrics.metrics->samples.size()));
}

}  // namespace

const char* name_of(CheckState state) {
  switch (state) {
    case CheckState::ok:
      return "ok";
    case CheckState::skipped:
      return "skipped";
    case CheckState::warning:
      return "warning";
    case CheckState::failure:
      return "failure";
  }
  return "failure";
}

CheckState Diagnosis::worst() const {
  CheckState worst = CheckState::ok;
  for (const Check& check : checks)
    if (check.state != CheckState::skipped) worst = std::max(worst, check.state);
  return worst;
}

ExitCode Diagnosis::code(bool strict) const {
  ExitCode code = ExitCode::ok;
  for (const Check& check : checks)
    if (check.state == CheckState::failure || (strict && check.state == CheckState::warning))
      code = worse_of(code, check.code);
  return code;
}

Diagnosis diagnose(const Observations& seen) {
  return {{check_process(seen), check_service(seen), check_device(seen), check_disk(seen), check_wal(seen),
           check_memory(seen), check_descriptors(seen), check_recent_errors(seen), check_response_time(seen),
           check_metrics(seen)}};
}

Json diagnosis_json(const Diagnosis& diagnosis, const Observations& seen, const std::string& data_directory,
                    double seconds, bool strict) {
  Json checks = Json::array();
  for (const Check& check : diagnosis.checks)
    checks.push_back({{"name", check.name},
                      {"state", name_of(check.state)},
                      {"found", one_line(check.found, 1000)},
                      {"action", check.action.empty() ? Json() : Json(check.action)},
                      {"see", check.anchor.empty() ? Json() : Json(common_issue(check.anchor))}});
  return {{"format", 1},
          {"data_dir", one_line(data_directory, 4096)},
          {"url", seen.place ? Json(one_line(url_of(*seen.place), 1000)) : Json()},
          {"seconds", seconds},
          {"worst", name_of(diagnosis.worst())},
          {"exit_code", static_cast<int>(diagnosis.code(strict))},
          {"checks", std::move(checks)}};
}

}  // namespace sharpwave::operate
