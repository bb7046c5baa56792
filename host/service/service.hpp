// The service: a memory store and a queue of runs, behind HTTP.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/service/access.hpp"
#include "host/service/http_server.hpp"
#include "host/service/live_run.hpp"
#include "host/service/memory_service.hpp"
#include "host/service/router.hpp"
#include "host/service/run_queue.hpp"
#include "host/service/signal_counts.hpp"

namespace sharpwave::service {

struct ServiceOptions {
  std::filesystem::path data_directory;
  HttpOptions http;
  AccessOptions access;
  std::optional<std::filesystem::path> config_directory{};  ///< below which runs may name a config
  memory::StoreOptions store{};
  bool resume_on_cpu = false;
  std::function<void(const Finding& finding, const ModelSpec& spec)> log_finding = [](auto&, auto&) {};
  std::function<PreparedRun(const ConfigText& config)> prepare;
  /// Sets the level of one module, or of all where it is empty. @return false where one of them is none.
  std::function<bool(const std::string& module, const std::string& level)> set_log_level;
};

/// Answers by HTTP as long as it lives.
class Service final : public Dispatcher {
 public:
  /// Takes the data directory, opens the store and the queue, and binds. Nothing is answered yet.
  /// @throws Error(io) where another process has the directory; what MemoryService, RunQueue, AccessControl
  /// and
  ///         HttpServer throw.
  explicit Service(ServiceOptions options);
  ~Service() override;

  void start();
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  /// Nobody is accepted any more, the run under way saves a checkpoint, and everything is on the disk when it
  /// returns. @return whether all requests had ended within `patience`.
  bool close(std::chrono::milliseconds patience);
  /// Tokens and TLS are read again. @throws Error(io): what cannot be read stays as it was.
  void reload();
  /// The run under way saves, and spaces are synced. @return what for the log.
  Json checkpoint(std::chrono::milliseconds patience);

  [[nodiscard]] std::variant<Accepted, Response> look_at(const RequestHead& head) override;
  [[nodiscard]] Response answer(const Request& request) noexcept override;
  [[nodiscard]] Response refusal(unsigned status, const std::string& what) override;

  // For routes.
  [[nodiscard]] const ServiceOptions& options() const { return options_; }
  [[nodiscard]] MemoryService& memory() { return *memory_; }
  [[nodiscard]] RunQueue& runs() { return *runs_; }
  [[nodiscard]] LiveRun& live() { return live_; }
  [[nodiscard]] HttpServer& server() { return *server_; }
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  [[nodiscard]] double uptime_s() const;
  /// What keeps it from being ready; empty where nothing does.
  [[nodiscard]] std::vector<std::string> why_not_ready();
  struct Alert {
    const char* name;
    const char* severity;  ///< "page" or "ticket"
    std::string text;
    const char* runbook;
  };
  [[nodiscard]] std::vector<Alert> alerts();
  /// docs/formats/metrics.md, as Prometheus reads it.
  [[nodiscard]] std::string metrics();
  /// docs/formats/http.md.
  [[nodiscard]] Json status_json();

  [[nodiscard]] SignalCounts& signals() { return signals_; }

 private:
  class DirectoryLock;

  [[nodiscard]] Response counted(Response response);

  ServiceOptions options_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double start_time_s_;  ///< since 1970
  std::unique_ptr<DirectoryLock> lock_;
  AccessControl access_;
  std::unique_ptr<MemoryService> memory_;
  LiveRun live_;
  SignalCounts signals_;
  std::unique_ptr<RunQueue> runs_;
  std::atomic<bool> is_draining_{false};
  std::mutex mutex_;  ///< of the counts by status and of times
  std::map<unsigned, std::uint64_t> by_status_;
  OperationLog::Counts request_times_;
  std::unique_ptr<HttpServer> server_;  ///< last: it calls this
};

}  // namespace sharpwave::service
