#include "host/service/service.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "host/base/log.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file_descriptor.hpp"
#include "host/io/folder.hpp"
#include "host/run/run_id.hpp"
#include "host/run/version.hpp"
#include "host/service/api_error.hpp"
#include "host/service/signal_holder.hpp"
#include "host/service/target.hpp"
#include "memory_store/memory_store.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::service {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPresence = "service.json";

bool is_trace(const std::string& text) {
  return text.size() == 32 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

Trouble forbidden(const char* kind, const char* message, const char* expected) {
  return {.status = 403, .kind = kind, .family = Family::access, .message = message, .expected = expected};
}

/// Lines of the log that the thread writes are of this request.
class OfRequest {
 public:
  explicit OfRequest(const Request& request) {
    log_context() = {.trace = request.trace, .space = request.space};
  }
  ~OfRequest() { log_context() = {}; }
  OfRequest(const OfRequest&) = delete;
  OfRequest& operator=(const OfRequest&) = delete;
};

}  // namespace

/// One service a directory; given back where the process dies.
class Service::DirectoryLock {
 public:
  explicit DirectoryLock(const fs::path& directory)
      : file_(make(directory) / "service.lock", O_RDWR | O_CREAT) {
    if (!file_.is_open()) fail_with_errno(directory / "service.lock", "cannot be opened");
    if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
      throw Error(ExitCode::io,
                  fmt::format("{}: another service has this data directory", directory.string()));
  }

 private:
  static const fs::path& make(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
      throw Error(ExitCode::io, fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
    return directory;
  }
  FileDescriptor file_;
};

Service::Service(ServiceOptions options)
    : options_(std::move(options)),
      start_time_s_(static_cast<double>(memory::now_us()) / 1e6),
      lock_(std::make_unique<DirectoryLock>(options_.data_directory)),
      access_(options_.access, options_.http.address, options_.http.tls.has_value()),
      memory_(std::make_unique<MemoryService>(options_.data_directory / "store", options_.store)) {
  runs_ = std::make_unique<RunQueue>(RunQueue::Options{
      .directory = options_.data_directory / "runs",
      .prepare = options_.prepare,
      .make_taker = [this](const ModelSpec& spec) { return make_signal_taker(spec, *memory_, signals_); },
      .observer = &live_,
      .begins = [this](const std::string& id, const PreparedRun& run) { live_.begin(id, run.spec); },
      .ended = [this] { live_.end(); },
      .log_finding = options_.log_finding,
      .resume_on_cpu = options_.resume_on_cpu});
  server_ = std::make_unique<HttpServer>(options_.http, *this);
}

Service::~Service() {
  close(std::chrono::milliseconds(0));
}

void Service::start() {
  write_file_atomically(options_.data_directory / kPresence,
                        Json{{"pid", getpid()},
                             {"address", options_.http.address},
                             {"port", port()},
                             {"tls", options_.http.tls.has_value()},
                             {"started", memory::moment(memory::now_us())}}
                                .dump() +
                            "\n");
  runs_->start();
  server_->start();
}

bool Service::close(std::chrono::milliseconds patience) {
  if (server_ == nullptr) return true;
  is_draining_ = true;
  const bool is_drained = server_->drain(patience);
  server_.reset();
  runs_->stop();
  try {
    memory_->sync();
  } catch (const Error& error) {
    logger_named("memory")->error("what was not synced with each change may not be on the disk: {}",
                                  error.what());
  }
  memory_.reset();
  try {
    remove_file(options_.data_directory / kPresence);
  } catch (const Error&) {  // it names a process that is gone
  }
  return is_drained;
}

void Service::reload() {
  access_.reload();
  server_->reload_tls();
}

Json Service::checkpoint(std::chrono::milliseconds patience) {
  const std::uint64_t before = runs_->figures().checkpoints_ok + runs_->figures().checkpoints_failed;
  const std::optional<std::string> run = runs_->ask_for_checkpoint();
  memory_->run(Operation::checkpoint, [&] { memory_->sync(); });
  bool is_saved = false;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (run && !is_saved && std::chrono::steady_clock::now() < end) {
    const RunQueue::Figures now = runs_->figures();
    is_saved = now.checkpoints_ok + now.checkpoints_failed > before || runs_->running() != run;
    if (!is_saved) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  Json sequences = Json::object();
  for (const std::string& name : memory_->store().open_spaces())
    sequences[name] = memory_->space(name)->sequence();
  return {{"run", run ? Json(*run) : Json(nullptr)}, {"run_saved", is_saved}, {"sequences", sequences}};
}

double Service::uptime_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

std::vector<std::string> Service::why_not_ready() {
  std::vector<std::string> reasons = memory_->why_not_ready();
  if (is_draining_) reasons.emplace_back("the service ends");
  return reasons;
}

std::vector<Service::Alert> Service::alerts() {
  std::vector<Alert> alerts;
  const auto breaker = memory_->breaker().status();
  if (breaker.state != BreakerState::closed)
    alerts.push_back({"StorageBreakerOpen", "page",
                      fmt::format("the storage is left alone for another {:.0f} s", breaker.retry_after_s),
                      "docs/operations/common_issues.md#device-or-tls-failure"});
  for (const std::string& name : memory_->store().open_spaces()) {
    const std::shared_ptr<memory::Space> space = memory_->space(name);
    if (space->n_damage() > 0)
      alerts.push_back({"DataCorruption", "page", fmt::format("values of the space '{}' are damaged", name),
                        "docs/operations/common_issues.md#data-corruption"});
    else if (space->is_read_only())
      alerts.push_back({"SpaceReadOnly", "page", fmt::format("the space '{}' is read-only", name),
                        "docs/operations/common_issues.md#space-isolation"});
    if (space->index().state == memory::IndexState::failed)
      alerts.push_back({"IndexFailed", "ticket",
                        fmt::format("the space '{}' is searched without its index", name),
                        "docs/operations/common_issues.md#index-corruption"});
  }
  struct statvfs disk {};
  if (::statvfs(options_.data_directory.c_str(), &disk) == 0 && disk.f_blocks > 0) {
    const double used = 1 - static_cast<double>(disk.f_bavail) / static_cast<double>(disk.f_blocks);
    if (used > .9)
      alerts.push_back({"DiskAlmostFull", "page", fmt::format("{:.0f} % of the disk is used", 100 * used),
                        "docs/operations/runbooks/storage.md"});
  }
  const RunQueue::Figures runs = runs_->figures();
  for (const auto& [sign, n] : runs.findings)
    if (runs_->running() && sign != name_of(WatchdogSign::anomaly))
      alerts.push_back({"WatchdogFinding", "ticket",
                        fmt::format("the watchdog has found: {} ({} times)", sign, n),
                        "docs/operations/common_issues.md#nan-or-inf"});
  if (signals_.refused > 0)
    alerts.push_back({"SignalsRefused", "ticket",
                      fmt::format("{} signals of runs are lost", signals_.refused.load()),
                      "docs/operations/runbooks/memory.md"});
  return alerts;
}

Json Service::status_json() {
  Json recovery = Json::object();
  for (const std::string& name : memory_->store().open_spaces()) {
    const memory::RecoveryReport report = memory_->store().report(name);
    recovery[name] = {{"start", name_of(report.start)},
                      {"seconds", report.seconds},
                      {"replayed", report.replayed},
                      {"notes", report.notes}};
  }
  const std::vector<std::string> reasons = why_not_ready();
  const std::optional<std::string> running = runs_->running();
  Json alerts_json = Json::array();
  for (const Alert& alert : alerts())
    alerts_json.push_back({{"name", alert.name},
                           {"severity", alert.severity},
                           {"text", alert.text},
                           {"runbook", alert.runbook}});
  const HttpServer::Figures http = server_->figures();
  return {{"version", version()},
          {"uptime_s", uptime_s()},
          {"state", is_draining_      ? "draining"
                    : reasons.empty() ? "ready"
                                      : "degraded"},
          {"not_ready", reasons},
          {"recovery", recovery},
          {"breaker", name_of(memory_->breaker().status().state)},
          {"run", running ? runs_->json(*running, false) : Json(nullptr)},
          {"signals",
           {{"taken", signals_.taken.load()},
            {"held", signals_.held.load()},
            {"refused", signals_.refused.load()}}},
          {"http",
           {{"connections", http.connections}, {"waiting", http.waiting}, {"pushed_out", http.pushed_out}}},
          {"alerts", alerts_json}};
}

// --- requests ---------------------------------------------------------------------------------------------

std::variant<Dispatcher::Accepted, Response> Service::look_at(const RequestHead& head) {
  Request request{.trace = head.trace && is_trace(*head.trace) ? *head.trace : new_run_id()};
  const auto refuse = [&](const Trouble& trouble) { return counted(response_of(trouble, request.trace)); };
  if (head.hosts.size() != 1 || !access_.knows_host(head.hosts.front(), port()))
    return refuse(forbidden("wrong_host", "the service is not reached by this name",
                            "its address, localhost, or a name that --host-name gives"));
  if (head.origin && !access_.knows_origin(*head.origin, head.hosts.front()))
    return refuse(forbidden("wrong_origin", "another page asks", "the service's own page"));
  const std::optional<Target> target = parse_target(head.target);
  if (!target)
    return refuse({.status = 400,
                   .kind = "malformed",
                   .family = Family::range,
                   .message = "the target of the request is malformed",
                   .expected = "a path without empty or dotted parts, and a query with each key once"});
  const Found found = find_route(head.method, target->path);
  if (found.route == nullptr && !found.is_known_path)
    return refuse({.status = 404,
                   .kind = "no_such_route",
                   .family = Family::range,
                   .message = "there is nothing at this path",
                   .to_do = "GET /openapi.json lists what there is"});
  if (found.route == nullptr)
    return refuse({.status = 405,
                   .kind = "wrong_method",
                   .family = Family::range,
                   .message = "not by this method",
                   .to_do = "GET /openapi.json lists what there is"});
  const std::optional<Access> granted = access_.granted_to(head.authorization);
  if (!granted || (*granted == Access::anyone && found.route->access != Access::anyone))
    return refuse({.status = 401,
                   .kind = "no_token",
                   .family = Family::access,
                   .message = granted ? "this needs a token" : "that token is none",
                   .expected = "Authorization: Bearer TOKEN"});
  if (*granted < found.route->access)
    return refuse(forbidden("token_not_enough", "this needs the token of an administrator",
                            "Authorization: Bearer TOKEN, of --admin-token"));
  const auto in_query = target->query.find("space");
  if (head.space && in_query != target->query.end() && *head.space != in_query->second)
    return refuse({.status = 400,
                   .kind = "two_spaces",
                   .family = Family::space,
                   .message = "the header names another space than the query",
                   .expected = "one of them"});
  for (const auto& [key, value] : target->query)
    if (key != "space" &&
        std::ranges::none_of(found.route->query, [&](const Key& known) { return key == known.name; }))
      return refuse({.status = 400,
                     .kind = "unknown_key",
                     .family = Family::range,
                     .message = "the query has a key that this does not know",
                     .to_do = "GET /openapi.json lists those that there are"});
  request.route = found.route;
  request.query = target->query;
  request.parts = found.parts;
  request.space = head.space ? *head.space : in_query != target->query.end() ? in_query->second : "";
  return Accepted{.request = std::move(request), .is_quick = found.route->is_quick};
}

Response Service::answer(const Request& request) noexcept {
  const OfRequest context(request);
  const auto began = std::chrono::steady_clock::now();
  Response response;
  try {
    response = request.route->answer(*this, request);
  } catch (const ApiError& error) {
    response = response_of(error.trouble(), request.trace);
  } catch (const Error& error) {
    const Trouble trouble = trouble_of(error);
    if (trouble.status >= 500) logger_named("service")->error("{}: {}", request.route->pattern, error.what());
    response = response_of(trouble, request.trace);
  } catch (const std::bad_alloc&) {
    response = response_of({.status = 503,
                            .kind = "no_memory",
                            .family = Family::resource,
                            .message = "there is not enough memory for this now",
                            .to_do = "the runbook for memory",
                            .retry_after_s = 5},
                           request.trace);
  } catch (const std::exception& error) {
    logger_named("service")->error("{}: {}", request.route->pattern, error.what());
    response = response_of(trouble_of(Error(ExitCode::internal, "")), request.trace);
  }
  response.headers.emplace_back("X-Trace-Id", request.trace);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  {
    const std::lock_guard lock(mutex_);
    const auto bin = std::ranges::lower_bound(OperationLog::kBins, seconds) - OperationLog::kBins.begin();
    ++request_times_.by_time.at(static_cast<std::size_t>(bin));
    request_times_.seconds += seconds;
  }
  return counted(std::move(response));
}

Response Service::refusal(unsigned status, const std::string& what) {
  const char* const kind = status == 503 ? "busy" : status == 413 || status == 431 ? "too_long" : "malformed";
  return counted(response_of({.status = status,
                              .kind = kind,
                              .family = status == 503 ? Family::resource : Family::range,
                              .message = what,
                              .expected = status == 413   ? "a body of at most 1 MiB"
                                          : status == 431 ? "a head of at most 16 KiB"
                                                          : ""},
                             new_run_id()));
}

Response Service::counted(Response response) {
  const std::lock_guard lock(mutex_);
  ++by_status_[response.status];
  return response;
}

}  // namespace sharpwave::service
