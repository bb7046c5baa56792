// docs/formats/metrics.md.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "host/engine/device_engine.hpp"
#include "host/run/version.hpp"
#include "host/service/service.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Collects families in the order in which they are first named.
class Families {
 public:
  void gauge(const char* name, const char* help, double value, Labels labels = {}) {
    ClientMetric& metric = add(name, help, MetricType::Gauge, std::move(labels));
    metric.gauge.value = value;
  }
  void counter(const char* name, const char* help, double value, Labels labels = {}) {
    ClientMetric& metric = add(name, help, MetricType::Counter, std::move(labels));
    metric.counter.value = value;
  }
  void histogram(const char* name, const char* help, const OperationLog::Counts& counts, Labels labels = {}) {
    ClientMetric& metric = add(name, help, MetricType::Histogram, std::move(labels));
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < counts.by_time.size(); ++i) {
      n += counts.by_time[i];
      const double end =
          i < OperationLog::kBins.size() ? OperationLog::kBins[i] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({.cumulative_count = n, .upper_bound = end});
    }
    metric.histogram.sample_count = n;
    metric.histogram.sample_sum = counts.seconds;
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  ClientMetric& add(const char* name, const char* help, MetricType type, Labels labels) {
    auto at = std::ranges::find(families_, name, &MetricFamily::name);
    if (at == families_.end()) {
      families_.emplace_back();
      at = families_.end() - 1;
      at->name = name;
      at->help = help;
      at->type = type;
    }
    ClientMetric& metric = at->metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }

  std::vector<MetricFamily> families_;
};

double real(std::uint64_t value) {
  return static_cast<double>(value);
}

void add_process(Families& families, double start_time_s) {
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  std::error_code error;
  const auto open = std::distance(std::filesystem::directory_iterator("/proc/self/fd", error), {});
  families.gauge("process_resident_memory_bytes", "memory of the process",
                 real(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  families.gauge("process_open_fds", "descriptors that are open", static_cast<double>(open));
  families.gauge("process_max_fds", "descriptors that may be", real(limit.rlim_cur));
  families.gauge("process_start_time_seconds", "since 1970", start_time_s);
  families.counter("process_cpu_seconds_total", "of all threads",
                   seconds(used.ru_utime) + seconds(used.ru_stime));
}

void add_space(Families& families, const std::string& name, const memory::Space& space,
               const memory::RecoveryReport& recovery, bool is_failing) {
  const Labels label{{"space", name}};
  const auto with = [&](const char* key, const char* value) { return Labels{{"space", name}, {key, value}}; };
  const memory::SpaceStatus status = status_of(space);
  const memory::IndexReport index = space.index();
  const std::uint64_t sequence = space.sequence();
  families.gauge("sharpwave_memory_items", "items", real(status.n_items), label);
  for (const auto band :
       {memory::Band::episodic, memory::Band::replayed, memory::Band::transitional, memory::Band::semantic})
    families.gauge("sharpwave_memory_items_by_band", "items by band of consolidation",
                   real(status.by_band.at(static_cast<std::size_t>(band))), with("band", name_of(band)));
  families.gauge("sharpwave_memory_kappa_mean", "mean of κ", status.n_items > 0 ? status.mean_kappa : kNone,
                 label);
  families.gauge("sharpwave_memory_sequence", "the last change", real(sequence), label);
  families.gauge("sharpwave_memory_synced_sequence", "the last change that is on the disk for certain",
                 real(space.synced().value_or(sequence)), label);
  families.counter("sharpwave_memory_cycles_total", "cycles of consolidation", real(status.cycle), label);
  families.gauge("sharpwave_memory_changes_since_cycle", "how far behind consolidation is",
                 real(status.changes_since_cycle), label);
  families.gauge("sharpwave_memory_consolidation_failing", "1 where the last cycle failed",
                 is_failing ? 1 : 0, label);
  for (const auto state : {memory::IndexState::none_needed, memory::IndexState::ready,
                           memory::IndexState::rebuilding, memory::IndexState::failed})
    families.gauge("sharpwave_memory_index_state", "1 for the state of the index",
                   index.state == state ? 1 : 0, with("state", name_of(state)));
  families.gauge("sharpwave_memory_index_vectors", "in the index, with tombstones", real(index.n_vectors),
                 label);
  families.gauge("sharpwave_memory_index_tombstones", "of items that are gone", real(index.n_tombstones),
                 label);
  families.gauge("sharpwave_memory_index_waiting", "not yet in the index", real(index.n_waiting), label);
  std::uint64_t rejected = 0;
  for (const auto& [reason, n] : status.rejected) rejected += n;
  families.gauge("sharpwave_memory_quarantined", "refused inputs that are kept",
                 real(std::min(rejected, memory::kMostQuarantined)), label);
  families.counter("sharpwave_memory_rejected_total", "inputs refused since the space exists", real(rejected),
                   label);
  families.gauge("sharpwave_memory_bytes", "on the disk", real(space.backend().bytes()), label);
  families.gauge("sharpwave_memory_write_buffer_fill_ratio", "of what is not in tables yet",
                 space.backend().write_buffer_fill(), label);
  families.gauge("sharpwave_memory_read_only", "1 where it cannot be changed", space.is_read_only() ? 1 : 0,
                 label);
  families.gauge("sharpwave_memory_damaged", "1 where something is not as it was written",
                 space.n_damage() > 0 || recovery.is_damaged || recovery.is_incomplete ? 1 : 0, label);
  for (const auto mode : {memory::Start::cold, memory::Start::warm, memory::Start::fallback})
    families.gauge("sharpwave_recovery_mode", "1 for how the space was found", recovery.start == mode ? 1 : 0,
                   with("mode", name_of(mode)));
  families.gauge("sharpwave_recovery_seconds", "that opening it took", recovery.seconds, label);
}

void add_runs(Families& families, const RunQueue::Figures& runs, const LiveRun& live) {
  for (const RunState state : kRunStates)
    families.gauge("sharpwave_runs", "runs by state, since the data directory exists",
                   real(runs.by_state.at(static_cast<std::size_t>(state))), {{"state", name_of(state)}});
  const auto of_run = [&](const auto& value) { return runs.progress ? value(*runs.progress) : kNone; };
  families.gauge("sharpwave_run_simulated_seconds", "of the run under way",
                 of_run([](const RunProgress& p) { return p.simulated_ms / 1000; }));
  families.gauge("sharpwave_run_progress_ratio", "of the run under way", of_run([](const RunProgress& p) {
                   return p.duration_ms > 0 ? p.simulated_ms / p.duration_ms : 0;
                 }));
  families.gauge("sharpwave_run_real_time_factor", "wall time over simulated time",
                 of_run([](const RunProgress& p) { return p.real_time_factor; }));
  families.counter("sharpwave_spikes_total", "of all runs of this process", real(runs.spikes));
  for (const auto& [population, rate_Hz] : live.rates())
    families.gauge("sharpwave_run_population_rate_hertz", "over the last 100 ms", rate_Hz,
                   {{"population", population}});
  families.gauge("sharpwave_checkpoint_age_seconds", "since the last checkpoint of the run under way",
                 runs.checkpoint_age_s.value_or(kNone));
  families.counter("sharpwave_checkpoints_total", "checkpoints of runs", real(runs.checkpoints_ok),
                   {{"outcome", "ok"}});
  families.counter("sharpwave_checkpoints_total", "", real(runs.checkpoints_failed), {{"outcome", "failed"}});
  for (std::size_t i = 0; i < kWatchdogSignCount; ++i) {
    const auto sign = static_cast<WatchdogSign>(i);
    const auto found = runs.findings.find(name_of(sign));
    families.counter("sharpwave_watchdog_findings_total", "what the watchdog has found",
                     found == runs.findings.end() ? 0 : real(found->second), {{"sign", name_of(sign)}});
  }
}

void add_device_and_disk(Families& families, const std::filesystem::path& directory) {
  const CudaDevice device = find_cuda_device();
  families.gauge("sharpwave_device_available", "1 where there is a GPU", device.available ? 1 : 0);
  families.gauge("sharpwave_device_memory_free_bytes", "of the GPU",
                 device.available ? real(device.free_bytes) : kNone);
  struct statvfs disk {};
  const bool is_known = ::statvfs(directory.c_str(), &disk) == 0;
  families.gauge("sharpwave_disk_free_bytes", "where the data directory lies",
                 is_known ? real(disk.f_bavail) * real(disk.f_frsize) : kNone);
  families.gauge("sharpwave_disk_size_bytes", "where the data directory lies",
                 is_known ? real(disk.f_blocks) * real(disk.f_frsize) : kNone);
}

}  // namespace

std::string Service::metrics() {
  Families families;
  families.gauge("sharpwave_build_info", "1", 1, {{"version", version()}});
  families.gauge("sharpwave_ready", "1 where it can do all that it is for", why_not_ready().empty() ? 1 : 0);
  families.gauge("sharpwave_draining", "1 once the process ends", is_draining_ ? 1 : 0);
  const auto counts = memory_->operations().counts();
  for (const Operation operation : kOperations) {
    const auto& of_one = counts.at(static_cast<std::size_t>(operation));
    for (const Outcome outcome : kOutcomes)
      families.counter("sharpwave_operations_total", "what was asked of the memory",
                       real(of_one.by_outcome.at(static_cast<std::size_t>(outcome))),
                       {{"operation", name_of(operation)}, {"outcome", name_of(outcome)}});
    families.histogram("sharpwave_operation_seconds", "how long those took that were answered", of_one,
                       {{"operation", name_of(operation)}});
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [status, n] : by_status_)
      families.counter("sharpwave_http_requests_total", "answers by status", real(n),
                       {{"status", std::to_string(status)}});
    if (by_status_.empty())
      families.counter("sharpwave_http_requests_total", "answers by status", 0, {{"status", "200"}});
    families.histogram("sharpwave_http_request_seconds", "from the head of a request to its answer",
                       request_times_);
  }
  const HttpServer::Figures http = server_->figures();
  families.gauge("sharpwave_http_connections", "open", real(http.connections));
  families.counter("sharpwave_http_connections_pushed_out_total", "closed to make room for others",
                   real(http.pushed_out));
  families.gauge("sharpwave_http_waiting_requests", "that no thread has begun", real(http.waiting));
  const CircuitBreaker::Status breaker = memory_->breaker().status();
  families.gauge("sharpwave_breaker_open",
                 "1 while nothing gets through to the storage, 0.5 while it is tried",
                 breaker.state == BreakerState::closed ? 0
                 : breaker.state == BreakerState::open ? 1
                                                       : .5);
  families.counter("sharpwave_breaker_opened_total", "times", real(breaker.opened));
  families.counter("sharpwave_storage_failures_total", "operations that the storage could not do",
                   real(breaker.failures));
  families.counter("sharpwave_signals_taken_total", "signals of runs that are in a space",
                   real(signals_.taken));
  families.gauge("sharpwave_signals_held", "that wait for the storage", real(signals_.held));
  families.counter("sharpwave_signals_refused_total", "for which there was no room", real(signals_.refused));
  for (const std::string& name : memory_->store().open_spaces()) {
    const std::shared_ptr<memory::Space> space = memory_->store().space(name);
    add_space(families, name, *space, memory_->store().report(name),
              !memory_->consolidator_of(name)->status().last_error.empty());
  }
  add_runs(families, runs_->figures(), live_);
  add_device_and_disk(families, options_.data_directory);
  add_process(families, start_time_s_);
  return families.text();
}

}  // namespace sharpwave::service
