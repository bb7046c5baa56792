#include "host/batch/batch_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/base/thread_pool.hpp"
#include "host/batch/batch_json.hpp"
#include "host/batch/batch_plan.hpp"
#include "host/network/network.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/recording_format.hpp"
#include "host/run/run.hpp"
#include "host/run/run_id.hpp"
#include "host/run/run_lock.hpp"
#include "host/watchdog/watchdog_json.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

constexpr double kBetweenRecords_s = 1;

void take_results(BatchInstance& instance, const RunSummary& summary) {
  instance.status = summary.interrupted ? InstanceStatus::interrupted : InstanceStatus::done;
  instance.code = ExitCode::ok;
  instance.message.clear();
  instance.simulated_ms = summary.simulated_ms;
  instance.wall_s = summary.wall_s;
  instance.spikes_total = summary.spikes_total;
  instance.spike_digest = summary.spike_digest;
  instance.populations.clear();
  for (const RunSummary::Population& p : summary.populations)
    instance.populations.push_back({p.name, p.spikes, p.rate_Hz});
  instance.repairs = summary.repairs;
  instance.weight_gain = summary.weight_gain;
  instance.input_gain = summary.input_gain;
}

class Batch {
 public:
  Batch(BatchRecord& record, const ConfigText& config, const BatchOptions& options, const RunSignals& signals,
        BatchSink& sink, bool resumes)
      : record_(record),
        config_(config),
        options_(options),
        signals_(signals),
        sink_(sink),
        resumes_(resumes),
        wall_before_s_(record.wall_s) {}

  void run() {
    make_output_directory(options_.directory);
    const RunLock lock(options_.directory);
    if (!resumes_ && !options_.force) refuse_to_overwrite_a_run(options_.directory);
    const std::string lacking = lacking_room(record_, options_.device);
    if (!lacking.empty()) throw Error(ExitCode::no_room, lacking);
    if (!resumes_) {
      check_memory_of(0);
      if (record_.instances.size() > 1) check_memory_of(record_.instances.size() - 1);
      if (options_.force) remove_run(options_.directory);
      make_output_directory(options_.directory / "instances");
    }
    sink_.directory_taken();
    write();
    for (std::size_t group = 0; group < record_.groups.size() && !stopped(); ++group) run_group(group);
    write();
  }

 private:
  class InstanceSink;

  [[nodiscard]] bool stopped() const { return signals_.stop() || stopping_; }

  void write() {
    record_.wall_s = wall_before_s_ + watch_.seconds();
    write_batch_json(options_.directory, record_);
    since_record_ = Stopwatch();
    is_told_ = true;
  }

  /// Loading is short, and not all of what it uses is made for threads.
  ModelSpec load(const BatchInstance& instance) {
    const std::lock_guard lock(load_mutex_);
    return config_.load_instance(parse_overrides(instance.overrides));
  }

  /// What is wrong with the plugin is wrong for all, or for all behind the first.
  void check_memory_of(std::size_t i) {
    const BatchInstance& instance = record_.instances[i];
    check_memory(load(instance), {.run_id = new_run_id(),
                                  .directory = options_.directory / instance_folder(instance),
                                  .device = options_.device,
                                  .instance = static_cast<std::uint32_t>(i)});
  }

  void run_group(std::size_t index) {
    BatchGroup& group = record_.groups[index];
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < record_.instances.size(); ++i)
      if (record_.instances[i].group == index && !record_.instances[i].has_ended()) waiting.push_back(i);
    if (waiting.empty()) return;
    BuiltNetwork network;
    try {
      network = build(index, waiting);
    } catch (const Error& error) {
      if (error.code() == ExitCode::interrupted) return;
      for (const std::size_t i : waiting) {
        fail(record_.instances[i], error.code(), error.what());
        ended(record_.instances[i]);
      }
      return;
    }
    std::atomic<std::size_t> next{0};
    ThreadPool workers(group.workers);
    workers.run([&](int) {
      for (;;) {
        const std::size_t k = next++;
        if (k >= waiting.size() || stopped()) return;
        run_instance(waiting[k], network);
      }
    });
  }

  BuiltNetwork build(std::size_t index, const std::vector<std::size_t>& waiting) {
    const ProfileRange range("construction");
    BatchGroup& group = record_.groups[index];
    const ModelSpec spec = load(record_.instances[waiting.front()]);
    const BuildOptions build_options{.stop = [&] { return stopped(); },
                                     .connection_statistics = options_.connection_statistics};
    BuiltNetwork built;
    if (options_.device.on_gpu) {
      group.workers = std::min(group.workers, static_cast<int>(waiting.size()));
      sink_.group_begins(record_, index);
      built = build_device_network(spec, record_.threads, static_cast<std::uint32_t>(group.workers),
                                   {.make = options_.device.make_executor.make}, build_options);
    } else {
      set_workers(group, waiting.size(), PopulationIds(spec).n_ids(), record_.threads);
      sink_.group_begins(record_, index);
      built = build_cpu_network(spec, group.threads_each, record_.threads, build_options);
    }
    group.construction_s = built.seconds;
    // Of the group, and not of each of its instances.
    built.seconds = 0;
    built.connections_s = 0;
    sink_.group_built(record_, index);
    return built;
  }

  void run_instance(std::size_t i, const BuiltNetwork& network);
  RunSummary simulate(const BatchInstance& instance, const ModelSpec& spec, const RunOptions& options,
                      ProgressSink& sink);
  std::optional<RunSummary> finished_before(const BatchInstance& instance, const fs::path& directory) const;

  void fail(BatchInstance& instance, ExitCode code, const std::string& message) {
    const std::lock_guard lock(mutex_);
    if (code == ExitCode::interrupted) {  // before it had begun: nothing was written
      instance.status = InstanceStatus::not_begun;
      return;
    }
    instance.status = InstanceStatus::failed;
    instance.code = code;
    instance.message = message;
    if (record_.stop_on_failure) stopping_ = true;
  }

  void halt(BatchInstance& instance, const std::string& sign, const std::string& message) const {
    instance.status = InstanceStatus::halted;
    instance.code = exit_code_of(watchdog_sign(sign));
    instance.message = message.empty() ? sign : message;
  }

  void ended(const BatchInstance& instance) {
    const std::lock_guard lock(mutex_);
    sink_.instance_ended(record_, instance);
    is_told_ = false;
    tell_if_due();
  }

  /// What is not in batch.json yet, once it is old enough. `mutex_` is held.
  void tell_if_due() {
    if (is_told_ || since_record_.seconds() < kBetweenRecords_s) return;
    try {
      write();
    } catch (...) {  // nobody could tell what became of the others
      stopping_ = true;
      throw;
    }
  }

  BatchRecord& record_;
  const ConfigText& config_;
  const BatchOptions& options_;
  const RunSignals& signals_;
  BatchSink& sink_;
  bool resumes_;
  double wall_before_s_;
  Stopwatch watch_;
  Stopwatch since_record_;
  bool is_told_ = true;  ///< batch.json says what the record does
  std::mutex mutex_;     ///< of the record and the sink
  std::mutex load_mutex_;
  std::atomic<bool> stopping_{false};
};

/// What one instance tells, handed on.
class Batch::InstanceSink final : public ProgressSink {
 public:
  InstanceSink(Batch& batch, const BatchInstance& instance, const ModelSpec& spec)
      : batch_(batch), instance_(instance), spec_(spec) {}

  void construction_begins(const NetworkPlan&) override {}
  void construction_ended(const ConstructionReport&) override {}
  void directory_taken() override {}
  void state_adopted(const std::vector<std::string>&) override {}
  void block_ended(const Progress&, const Block& block) override {
    const std::lock_guard lock(batch_.mutex_);
    batch_.sink_.advanced(batch_.record_, static_cast<double>(block.n_steps) * spec_.simulation.dt_ms);
    batch_.tell_if_due();
  }
  void checkpoint_ended(const CheckpointOutcome& outcome) override {
    const std::lock_guard lock(batch_.mutex_);
    batch_.sink_.checkpoint_ended(instance_, outcome);
  }
  void watchdog_found(const Finding& finding) override {
    if (finding.action == WatchdogAction::halt) {
      halted_by_ = describe(finding, spec_.simulation.dt_ms);
      return;
    }
    const std::lock_guard lock(batch_.mutex_);
    batch_.sink_.watchdog_found(instance_, spec_, finding);
  }
  void writing_begins() override {}

  /// What the watchdog said then; empty where it did not in this session.
  [[nodiscard]] const std::string& halted_by() const { return halted_by_; }

 private:
  Batch& batch_;
  const BatchInstance& instance_;
  const ModelSpec& spec_;
  std::string halted_by_;
};

/// What its run.json says, where the instance came to its end and batch.json did not hear of it any more.
std::optional<RunSummary> Batch::finished_before(const BatchInstance& instance,
                                                 const fs::path& directory) const {
  if (!resumes_ || !has_only_results(directory)) return {};
  RunSummary summary = read_run_json(directory / "run.json");
  if (summary.interrupted || summary.config_digest != instance.config_digest) return {};
  return summary;
}

RunSummary Batch::simulate(const BatchInstance& instance, const ModelSpec& spec, const RunOptions& options,
                           ProgressSink& sink) {
  if (!resumes_) return sharpwave::run(spec, options, signals_, sink).summary;
  const auto warn = [&](const std::string& what) {
    const std::lock_guard lock(mutex_);
    sink_.warned(instance, what);
  };
  if (fs::exists(options.directory / recording::kFileName)) {
    try {
      const StoppedRun stopped(options.directory, [&](const fs::path& file, const std::string& why) {
        warn(file.filename().string() + " cannot be used: " + why);
      });
      RunOptions again = options;
      again.run_id = stopped.run_id();
      return sharpwave::resume(stopped, spec, again, signals_, sink).summary;
    } catch (const Error& error) {
      if (error.code() != ExitCode::no_checkpoint) throw;
      warn(error.what());
    }
  }
  return sharpwave::run(spec, options, signals_, sink).summary;
}

void Batch::run_instance(std::size_t i, const BuiltNetwork& network) {
  BatchInstance& instance = record_.instances[i];
  {
    const std::lock_guard lock(mutex_);
    instance.status = InstanceStatus::running;
    is_told_ = false;
    sink_.instance_begins(record_, instance);
  }
  try {
    const ModelSpec spec = load(instance);
    if (spec.config_digest != instance.config_digest)
      throw Error(ExitCode::invalid_config,
                  "the files that the config names have changed since the batch began");
    RunOptions options{.run_id = new_run_id(),
                       .directory = options_.directory / instance_folder(instance),
                       .force = resumes_,
                       .device = options_.device,
                       .threads = record_.groups[instance.group].threads_each,
                       .config_path = options_.config_path,
                       .overrides = record_.overrides,
                       .connection_statistics = options_.connection_statistics,
                       .network = &network,
                       .instance = static_cast<std::uint32_t>(i),
                       .stop = [this] { return stopping_.load(); }};
    options.overrides.insert(options.overrides.end(), instance.overrides.begin(), instance.overrides.end());
    if (const auto before = finished_before(instance, options.directory)) {
      const std::lock_guard lock(mutex_);
      take_results(instance, *before);
      if (!before->halted.empty()) halt(instance, before->halted, message_of_halt(options.directory));
    } else {
      InstanceSink sink(*this, instance, spec);
      const RunSummary summary = simulate(instance, spec, options, sink);
      const std::lock_guard lock(mutex_);
      take_results(instance, summary);
      if (!summary.halted.empty()) {
        halt(instance, summary.halted, sink.halted_by());
        if (record_.stop_on_failure) stopping_ = true;
      }
    }
  } catch (const Error& error) {
    fail(instance, error.code(), error.what());
  } catch (const std::bad_alloc&) {
    fail(instance, ExitCode::no_room, "out of memory");
  } catch (const std::exception& error) {
    fail(instance, ExitCode::internal, error.what());
  }
  ended(instance);
}

}  // namespace

void run_batch(BatchRecord& batch, const ConfigText& config, const BatchOptions& options,
               const RunSignals& signals, BatchSink& sink) {
  Batch(batch, config, options, signals, sink, false).run();
}

void resume_batch(BatchRecord& batch, const ConfigText& config, const BatchOptions& options,
                  const RunSignals& signals, BatchSink& sink) {
  Batch(batch, config, options, signals, sink, true).run();
}

ExitCode exit_code_of(const BatchRecord& batch, const RunSignals& signals) {
  ExitCode worst = ExitCode::ok;
  for (const BatchInstance& instance : batch.instances) {
    if (instance.status == InstanceStatus::failed || instance.status == InstanceStatus::halted)
      worst = worse_of(worst, instance.code);
    else if (instance.status != InstanceStatus::done && signals.stop())
      worst = worse_of(worst, ExitCode::interrupted);
  }
  return worst;
}

}  // namespace sharpwave
