// The runs of the service: kept on the disk, one at a time, in the order in which they came.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/base/json.hpp"
#include "host/config/config.hpp"
#include "host/run/run.hpp"

namespace sharpwave::service {

enum class RunState : std::uint8_t { queued, running, done, failed, halted, cancelled };
inline constexpr std::array kRunStates{RunState::queued, RunState::running, RunState::done,
                                       RunState::failed, RunState::halted,  RunState::cancelled};
[[nodiscard]] const char* name_of(RunState state);

struct Submission {
  std::string name;
  std::string config;                    ///< its text
  std::filesystem::path config_path;     ///< for messages; relative paths in it start from its folder
  std::vector<std::string> overrides{};  ///< "key=value"
};

/// What a config comes to on this machine.
struct PreparedRun {
  ModelSpec spec;
  DeviceChoice device;
  int threads = 1;
};

/// What the run under way does, for who looks at it.
struct RunProgress {
  const char* phase = "building";  ///< "building", "running", "writing"
  double simulated_ms = 0;
  double duration_ms = 0;  ///< of the part that it is in
  bool is_warm_up = false;
  double wall_s = 0;
  double real_time_factor = 0;
  double eta_s = 0;
  std::uint64_t spikes = 0;
  double rate_Hz = 0;  ///< of all neurons, over the last block
};

class RunQueue {
 public:
  struct Options {
    std::filesystem::path directory;
    /// @throws as ConfigText::load() and choose_device().
    std::function<PreparedRun(const ConfigText& config)> prepare;
    /// As RunOptions::make_taker, for each run; may be empty.
    std::function<std::unique_ptr<SignalTaker>(const ModelSpec& spec)> make_taker;
    RunObserver* observer = nullptr;  ///< of each run; may be null. It outlives the queue.
    /// Called before and after each run, in its thread.
    std::function<void(const std::string& id, const PreparedRun& run)> begins = [](auto&, auto&) {};
    std::function<void()> ended = [] {};
    std::function<void(const Finding& finding, const ModelSpec& spec)> log_finding = [](auto&, auto&) {};
    bool resume_on_cpu = false;  ///< where a GPU fails, from the last checkpoint
  };

  /// Finds what is there: runs that were not done go on, or begin, once start() is called.
  /// @throws Error(io) where the directory cannot be used.
  explicit RunQueue(Options options);
  /// As stop().
  ~RunQueue();
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;

  void start();
  /// The run under way saves a checkpoint and goes on with the next start of the service; nothing else
  /// begins.
  void stop();

  /// @return its id, once it is on the disk.
  /// @throws ConfigError with all that is wrong; Error(usage); Error(io), Error(no_room).
  std::string submit(const Submission& submission);
  /// One that waits is not begun, one that runs ends, with what it has; false where there is none such, or it
  /// has ended.
  bool cancel(const std::string& id);
  /// Asks the run under way for a checkpoint. @return its id; none where nothing runs.
  std::optional<std::string> ask_for_checkpoint();

  [[nodiscard]] std::vector<std::string> ids() const;  ///< in the order in which they came
  /// docs/formats/http.md; null where there is none.
  /// @param with_result  reads it from the disk.
  [[nodiscard]] Json json(const std::string& id, bool with_result) const;
  [[nodiscard]] std::optional<std::string> running() const;

  struct Figures {
    std::array<std::uint64_t, kRunStates.size()> by_state{};
    std::optional<RunProgress> progress;     ///< of the run under way
    std::optional<double> checkpoint_age_s;  ///< likewise
    std::uint64_t checkpoints_ok = 0;
    std::uint64_t checkpoints_failed = 0;
    std::uint64_t spikes = 0;                         ///< of all runs here
    std::map<std::string, std::uint64_t> findings{};  ///< of the watchdog, by sign
  };
  [[nodiscard]] Figures figures() const;
  /// Grows with each change of what json() says but progress.
  [[nodiscard]] std::uint64_t version() const { return version_; }

 private:
  class Sink;
  class Control;
  struct Entry;

  [[nodiscard]] std::filesystem::path folder_of(const std::string& id) const;
  void load();
  void load_entry(const std::filesystem::path& folder);
  void work();
  void run_one(const std::string& id);
  void simulate(const std::string& id, Sink& sink);
  void end(const std::string& id, RunState state, ExitCode code, const std::string& message);
  [[nodiscard]] Entry& entry(const std::string& id);

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable is_woken_;
  std::map<std::string, std::unique_ptr<Entry>> entries_;
  std::deque<std::string> waiting_;
  std::optional<std::string> running_;
  std::uint64_t n_submitted_ = 0;
  Figures figures_;
  std::atomic<std::uint64_t> version_{0};
  std::unique_ptr<Control> control_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace sharpwave::service
