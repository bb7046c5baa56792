#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>

#include "host/cli/choices.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/load.hpp"
#include "host/cli/log.hpp"
#include "host/cli/run_reporter.hpp"
#include "host/service/router.hpp"
#include "host/service/service.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::chrono::seconds kDrainPatience{30};
constexpr std::chrono::seconds kSavePatience{30};

/// The signals that a service answers, taken by the thread that asks for them and by no other.
class TakenSignals {
 public:
  TakenSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);  // threads that begin later inherit it
    std::signal(SIGPIPE, SIG_IGN);
  }
  /// @return 0 where none came in time.
  [[nodiscard]] int wait(std::chrono::milliseconds patience) const {
    const timespec time{.tv_sec = patience.count() / 1000, .tv_nsec = patience.count() % 1000 * 1'000'000};
    const int signal = sigtimedwait(&set_, nullptr, &time);
    return signal > 0 ? signal : 0;
  }

 private:
  sigset_t set_{};
};

service::ServiceOptions options_of(const ServeArguments& arguments) {
  service::ServiceOptions options{.data_directory = arguments.data_directory};
  options.http.address = arguments.address;
  options.http.port = arguments.port;
  if (arguments.tls_certificate && arguments.tls_key)
    options.http.tls = {.certificate = *arguments.tls_certificate, .key = *arguments.tls_key};
  options.access = {.read_token = arguments.read_token,
                    .admin_token = arguments.admin_token,
                    .host_names = arguments.host_names};
  options.config_directory = arguments.config_directory;
  options.store.sync = arguments.sync == "always"     ? memory::SyncMode::always
                       : arguments.sync == "interval" ? memory::SyncMode::interval
                                                      : memory::SyncMode::none;
  options.resume_on_cpu = arguments.resume_on_cpu;
  options.prepare = [threads = arguments.threads](const ConfigText& config) {
    service::PreparedRun run{.spec = load(config)};
    run.device = device_for(run.spec);
    run.threads = resolve_threads(threads, run.spec);
    return run;
  };
  options.set_log_level = set_log_level;
  options.log_finding = [](const Finding& finding, const ModelSpec& spec) { log_finding(finding, spec); };
  return options;
}

void say(const std::string& what) {
  log_of(Module::service).info("{}", what);
}

/// What can be read again is; what cannot stays as it was.
void reload(service::Service& service, const std::filesystem::path& log_file) {
  sd_notify(0, "RELOADING=1");
  end_log();
  log_into(log_file);
  try {
    service.reload();
    say("tokens, TLS and the log's file are read again");
  } catch (const Error& error) {
    log_of(Module::service).error("not reloaded: {}", error.what());
  }
  sd_notify(0, "READY=1");
}

void save(service::Service& service) {
  try {
    say(fmt::format("saved: {}", service.checkpoint(kSavePatience).dump()));
    say(fmt::format("status: {}",
                    service.status_json().dump(-1, ' ', false, Json::error_handler_t::replace)));
  } catch (const std::exception& error) {
    log_of(Module::service).error("not saved: {}", error.what());
  }
}

/// Until the first signal that ends it.
void serve_until_signal(service::Service& service, const TakenSignals& signals,
                        const std::filesystem::path& log_file) {
  std::uint64_t watchdog_us = 0;
  const bool has_watchdog = sd_watchdog_enabled(0, &watchdog_us) > 0;
  const std::chrono::milliseconds nap(has_watchdog ? std::max<std::uint64_t>(watchdog_us / 2000, 1) : 1000);
  for (;;) {
    const int signal = signals.wait(nap);
    if (has_watchdog) sd_notify(0, "WATCHDOG=1");
    if (signal == SIGHUP) reload(service, log_file);
    if (signal == SIGUSR1) std::thread([&service] { save(service); }).join();
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

}  // namespace

ExitCode serve_command(const ServeArguments& arguments) {
  if (arguments.openapi) {
    fmt::print("{}\n", service::openapi().dump(2));
    return ExitCode::ok;
  }
  set_up_log(arguments.log, "info");
  const TakenSignals signals;
  const std::filesystem::path log_file = arguments.data_directory / "log.jsonl";
  service::Service service(options_of(arguments));
  log_into(log_file);
  service.start();
  const std::string place =
      fmt::format("{}://{}:{}", arguments.tls_certificate ? "https" : "http",
                  arguments.address.find(':') == std::string::npos ? arguments.address
                                                                   : fmt::format("[{}]", arguments.address),
                  service.port());
  fmt::print("listening on {}\n", place);
  std::fflush(stdout);
  for (const auto& [name, recovery] : service.status_json()["recovery"].items())
    say(fmt::format("space '{}': {} start, {} writes replayed", name, recovery["start"].get<std::string>(),
                    recovery["replayed"].get<std::uint64_t>()));
  say("listening on " + place);
  sd_notify(0, "READY=1");

  serve_until_signal(service, signals, log_file);
  sd_notify(0, "STOPPING=1");
  say("ending: no more requests are taken, the run under way saves");
  std::atomic<bool> is_closed{false};
  std::thread closing([&] {
    if (!service.close(kDrainPatience)) log_of(Module::service).warn("some requests had not ended in time");
    is_closed = true;
  });
  while (!is_closed) {
    const int again = signals.wait(std::chrono::milliseconds(50));
    if (again != SIGTERM && again != SIGINT) continue;
    log_of(Module::service).error("a second signal: ending at once");
    _exit(128 + again);
  }
  closing.join();
  say("ended");
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
