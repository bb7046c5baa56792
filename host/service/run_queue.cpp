#include "host/service/run_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "host/base/log.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"
#include "host/io/text_file.hpp"
#include "host/network/step_times.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/run_id.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::service {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kRequest = "request.json";
constexpr const char* kEnd = "end.json";
constexpr const char* kRun = "run";
constexpr std::size_t kMostFindings = 20;
constexpr std::size_t kMostFile = std::size_t{4} << 20;

Json read_json(const fs::path& file) {
  const Json json = Json::parse(read_text_file(file, kMostFile), nullptr, false);
  if (!json.is_object()) throw Error(ExitCode::damaged_data, file.string() + ": read no JSON object");
  return json;
}

std::string dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

const char* name_of(RunState state) {
  switch (state) {
    case RunState::queued:
      return "queued";
    case RunState::running:
      return "running";
    case RunState::done:
      return "done";
    case RunState::failed:
      return "failed";
    case RunState::halted:
      return "halted";
    case RunState::cancelled:
      return "cancelled";
  }
  return "";
}

struct RunQueue::Entry {
  std::uint64_t number = 0;
  std::string submitted;
  Submission submission;
  RunState state = RunState::queued;
  std::uint64_t resumes = 0;
  bool is_on_cpu = false;  ///< because a GPU has failed
  ExitCode code = ExitCode::ok;
  std::string message;
  std::deque<Json> findings;
};

/// What is asked of the run under way.
class RunQueue::Control final : public RunControl {
 public:
  [[nodiscard]] bool stop() const override { return is_stopped || is_cancelled; }
  [[nodiscard]] std::uint64_t saves_asked() const override { return n_saves; }
  std::atomic<bool> is_stopped{false};
  std::atomic<bool> is_cancelled{false};
  std::atomic<std::uint64_t> n_saves{0};
};

/// Notes how the run under way goes, and passes it on.
class RunQueue::Sink final : public ProgressSink {
 public:
  Sink(RunQueue& queue, std::string id) : queue_(queue), id_(std::move(id)) {}
  void of(const ModelSpec& spec) {
    spec_ = &spec;
    n_neurons_ = 0;
    for (const PopulationSpec& population : spec.populations)
      if (!population.is_virtual()) n_neurons_ += population.size;
    phase("building");
  }

  void construction_begins(const NetworkPlan&) override {}
  void construction_ended(const ConstructionReport&) override { phase("running"); }
  void state_adopted(const std::vector<std::string>&) override {}
  void directory_taken() override {}
  void block_ended(const Progress& progress, const Block& block) override {
    const double dt_ms = spec_->simulation.dt_ms;
    const auto steps = [&](std::uint64_t n) { return time_of_step_ms(n, dt_ms); };
    const double simulated_here_ms = steps(progress.steps_done - progress.steps_before);
    const double factor = simulated_here_ms > 0 ? progress.wall_s * 1000 / simulated_here_ms : 0;
    const double block_s = steps(block.n_steps) / 1000;
    const double rate = n_neurons_ > 0 ? static_cast<double>(block.ids.size()) / block_s / n_neurons_ : 0;
    {
      const std::lock_guard lock(queue_.mutex_);
      queue_.figures_.spikes += block.ids.size();
      queue_.figures_.progress =
          RunProgress{.phase = "running",
                      .simulated_ms = steps(progress.steps_done),
                      .duration_ms = steps(progress.steps),
                      .is_warm_up = progress.warm_up,
                      .wall_s = progress.wall_s,
                      .real_time_factor = factor,
                      .eta_s = factor * steps(progress.steps - progress.steps_done) / 1000,
                      .spikes = progress.spikes,
                      .rate_Hz = rate};
      if (saved_)
        queue_.figures_.checkpoint_age_s = std::chrono::duration<double>(Clock::now() - *saved_).count();
    }
  }
  void checkpoint_ended(const CheckpointOutcome& outcome) override {
    {
      const std::lock_guard lock(queue_.mutex_);
      if (outcome.error.empty()) {
        saved_ = Clock::now();
        queue_.figures_.checkpoint_age_s = 0;
        ++queue_.figures_.checkpoints_ok;
      } else {
        ++queue_.figures_.checkpoints_failed;
      }
    }
    if (!outcome.error.empty()) logger_named("checkpoint")->warn("not written: {}", outcome.error);
  }
  void watchdog_found(const Finding& finding) override {
    const std::string text = describe(finding, spec_->simulation.dt_ms);
    {
      const std::lock_guard lock(queue_.mutex_);
      ++queue_.figures_.findings[name_of(finding.sign)];
      Entry& entry = queue_.entry(id_);
      entry.findings.push_back({{"sign", name_of(finding.sign)},
                                {"population", finding.population},
                                {"step", finding.step},
                                {"text", text}});
      if (entry.findings.size() > kMostFindings) entry.findings.pop_front();
      ++queue_.version_;
    }
    queue_.options_.log_finding(finding, *spec_);
  }
  void writing_begins() override { phase("writing"); }

 private:
  void phase(const char* name) {
    const std::lock_guard lock(queue_.mutex_);
    if (!queue_.figures_.progress) queue_.figures_.progress.emplace();
    queue_.figures_.progress->phase = name;
    ++queue_.version_;
  }

  RunQueue& queue_;
  std::string id_;
  const ModelSpec* spec_ = nullptr;
  double n_neurons_ = 0;
  std::optional<Clock::time_point> saved_;
};

RunQueue::RunQueue(Options options) : options_(std::move(options)) {
  std::error_code error;
  fs::create_directories(options_.directory, error);
  if (error)
    throw Error(ExitCode::io,
                fmt::format("{}: cannot be made: {}", options_.directory.string(), error.message()));
  load();
}

RunQueue::~RunQueue() {
  stop();
}

fs::path RunQueue::folder_of(const std::string& id) const {
  return options_.directory / id;
}

RunQueue::Entry& RunQueue::entry(const std::string& id) {
  return *entries_.at(id);
}

// A folder that cannot be read is passed over: the others are worth more than a service that does not start.
void RunQueue::load() {
  const auto folders = entries_of(options_.directory, [](const fs::directory_entry& entry) {
    std::error_code error;
    return entry.is_directory(error);
  });
  for (const fs::path& folder : folders) {
    try {
      load_entry(folder);
    } catch (const std::exception& error) {
      logger_named("run")->error("{}: this run is passed over: {}", folder.string(), error.what());
    }
  }
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [id, entry] : entries_) {
    n_submitted_ = std::max(n_submitted_, entry->number);
    if (entry->state == RunState::queued) order.emplace_back(entry->number, id);
    ++figures_.by_state.at(static_cast<std::size_t>(entry->state));
  }
  std::ranges::sort(order);
  for (const auto& [number, id] : order) waiting_.push_back(id);
}

void RunQueue::load_entry(const fs::path& folder) {
  if (!fs::exists(folder / kRequest)) return;  // the process died before it was acknowledged
  const Json request = read_json(folder / kRequest);
  auto entry = std::make_unique<Entry>();
  entry->number = request.at("number").get<std::uint64_t>();
  entry->submitted = request.at("submitted").get<std::string>();
  entry->submission = {.name = request.at("name").get<std::string>(),
                       .config = request.at("config").get<std::string>(),
                       .config_path = request.at("config_path").get<std::string>(),
                       .overrides = request.at("overrides").get<std::vector<std::string>>()};
  if (fs::exists(folder / kEnd)) {
    const Json end = read_json(folder / kEnd);
    const auto state = std::ranges::find_if(
        kRunStates, [&](RunState s) { return end.at("state").get<std::string>() == name_of(s); });
    if (state == kRunStates.end()) throw Error(ExitCode::damaged_data, "its state is none");
    entry->state = *state;
    entry->code = static_cast<ExitCode>(end.at("code").get<int>());
    entry->message = end.at("message").get<std::string>();
    entry->resumes = end.at("resumes").get<std::uint64_t>();
    for (const Json& finding : end.at("findings")) entry->findings.push_back(finding);
  }
  entries_.emplace(folder.filename().string(), std::move(entry));
}

void RunQueue::start() {
  thread_ = std::thread([this] { work(); });
}

void RunQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    if (control_ != nullptr) control_->is_stopped = true;
  }
  is_woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string RunQueue::submit(const Submission& submission) {
  const ConfigText text(submission.config, submission.config_path.string(),
                        parse_overrides(submission.overrides), submission.config_path.parent_path());
  if (options_.prepare(text).spec.batch)
    throw Error(ExitCode::usage,
                "the config has a batch of runs: the service makes one run of a config, `batch=null`");
  const std::string id = new_run_id();
  const std::lock_guard lock(mutex_);
  auto entry = std::make_unique<Entry>();
  entry->number = ++n_submitted_;
  entry->submitted = memory::moment(memory::now_us());
  entry->submission = submission;
  fs::create_directories(folder_of(id));
  write_file_atomically(folder_of(id) / kRequest, dump({{"number", entry->number},
                                                        {"submitted", entry->submitted},
                                                        {"name", submission.name},
                                                        {"config", submission.config},
                                                        {"config_path", submission.config_path.string()},
                                                        {"overrides", submission.overrides}}));
  sync_folder(options_.directory);
  entries_.emplace(id, std::move(entry));
  waiting_.push_back(id);
  ++figures_.by_state.at(static_cast<std::size_t>(RunState::queued));
  ++version_;
  is_woken_.notify_all();
  return id;
}

bool RunQueue::cancel(const std::string& id) {
  {
    const std::lock_guard lock(mutex_);
    if (running_ == id && control_ != nullptr) {
      control_->is_cancelled = true;
      return true;
    }
    if (std::erase(waiting_, id) == 0) return false;
  }
  end(id, RunState::cancelled, ExitCode::ok, "");
  return true;
}

std::optional<std::string> RunQueue::ask_for_checkpoint() {
  const std::lock_guard lock(mutex_);
  if (running_ && control_ != nullptr) ++control_->n_saves;
  return running_;
}

std::vector<std::string> RunQueue::ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [id, entry] : entries_) order.emplace_back(entry->number, id);
  std::ranges::sort(order);
  std::vector<std::string> ids;
  for (auto& [number, id] : order) ids.push_back(std::move(id));
  return ids;
}

std::optional<std::string> RunQueue::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

RunQueue::Figures RunQueue::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

Json RunQueue::json(const std::string& id, bool with_result) const {
  Json json;
  {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(id);
    if (at == entries_.end()) return nullptr;
    const Entry& entry = *at->second;
    const auto place = std::ranges::find(waiting_, id);
    json = {{"id", id},
            {"name", entry.submission.name},
            {"submitted", entry.submitted},
            {"state", name_of(entry.state)},
            {"position", place == waiting_.end() ? Json(nullptr) : Json(place - waiting_.begin() + 1)},
            {"progress", nullptr},
            {"checkpoint_age_s", nullptr},
            {"resumes", entry.resumes},
            {"error", nullptr},
            {"result", nullptr},
            {"findings", entry.findings}};
    if (running_ == id && figures_.progress) {
      const RunProgress& p = *figures_.progress;
      json["progress"] = {{"phase", p.phase},
                          {"simulated_ms", p.simulated_ms},
                          {"duration_ms", p.duration_ms},
                          {"warm_up", p.is_warm_up},
                          {"wall_s", p.wall_s},
                          {"real_time_factor", p.real_time_factor},
                          {"eta_s", p.eta_s},
                          {"spikes", p.spikes},
                          {"rate_Hz", p.rate_Hz}};
      if (figures_.checkpoint_age_s) json["checkpoint_age_s"] = *figures_.checkpoint_age_s;
    }
    if (entry.code != ExitCode::ok)
      json["error"] = {{"code", static_cast<int>(entry.code)}, {"message", entry.message}};
  }
  try {
    if (with_result && fs::exists(folder_of(id) / kRun / "run.json"))
      json["result"] = read_json(folder_of(id) / kRun / "run.json");
  } catch (const std::exception&) {  // it is being replaced, or damaged
  }
  return json;
}

void RunQueue::work() {
  for (;;) {
    std::string id;
    {
      std::unique_lock lock(mutex_);
      is_woken_.wait(lock, [&] { return is_over_ || !waiting_.empty(); });
      if (is_over_) return;
      id = waiting_.front();
      waiting_.pop_front();
      running_ = id;
      control_ = std::make_unique<Control>();
      Entry& begun = entry(id);
      --figures_.by_state.at(static_cast<std::size_t>(begun.state));
      begun.state = RunState::running;
      ++figures_.by_state.at(static_cast<std::size_t>(begun.state));
      ++version_;
    }
    run_one(id);
    options_.ended();
    const std::lock_guard lock(mutex_);
    running_.reset();
    control_.reset();
    figures_.progress.reset();
    figures_.checkpoint_age_s.reset();
    ++version_;
  }
}

void RunQueue::run_one(const std::string& id) {
  Sink sink(*this, id);
  try {
    simulate(id, sink);
  } catch (const Error& error) {
    if (error.code() == ExitCode::interrupted && !control_->is_cancelled) return;  // it goes on another time
    if (error.code() == ExitCode::device_failed && options_.resume_on_cpu) {
      logger_named("run")->error("{}; the run goes on on the processor, from its last checkpoint",
                                 error.what());
      {
        const std::lock_guard lock(mutex_);
        entry(id).is_on_cpu = true;
      }
      try {
        return simulate(id, sink);
      } catch (const Error& again) {
        return end(id, RunState::failed, again.code(), again.what());
      }
    }
    end(id, control_->is_cancelled ? RunState::cancelled : RunState::failed, error.code(), error.what());
  } catch (const std::exception& error) {
    end(id, RunState::failed, ExitCode::internal, error.what());
  }
}

void RunQueue::simulate(const std::string& id, Sink& sink) {
  Submission submission;
  std::vector<std::string> overrides;
  {
    const std::lock_guard lock(mutex_);
    submission = entry(id).submission;
    overrides = submission.overrides;
    if (entry(id).is_on_cpu) overrides.emplace_back("device=cpu");
  }
  const fs::path directory = folder_of(id) / kRun;
  const ConfigText text(submission.config, submission.config_path.string(), parse_overrides(overrides),
                        submission.config_path.parent_path());
  const PreparedRun prepared = options_.prepare(text);
  sink.of(prepared.spec);
  options_.begins(id, prepared);
  RunOptions options{.run_id = id,
                     .directory = directory,
                     .force = true,
                     .device = prepared.device,
                     .threads = prepared.threads,
                     .config_path = submission.config_path.string(),
                     .overrides = submission.overrides,
                     .connection_statistics = false,
                     .make_taker = options_.make_taker,
                     .observer = options_.observer};
  const bool goes_on = !CheckpointStore(directory).entries().empty() && !has_only_results(directory);
  RunResult result;
  if (goes_on) {
    const StoppedRun stopped(directory, [](const fs::path& file, const std::string& why) {
      logger_named("checkpoint")->warn("{}: {}", file.string(), why);
    });
    {
      const std::lock_guard lock(mutex_);
      ++entry(id).resumes;
    }
    options.from_name = stopped.from_name();
    result = resume(stopped, prepared.spec, options, *control_, sink);
  } else {
    result = run(prepared.spec, options, *control_, sink);
  }
  if (result.summary.interrupted && !control_->is_cancelled) return;
  if (result.halted_by)
    return end(id, RunState::halted, exit_code_of(result.halted_by->sign),
               fmt::format("the watchdog has halted it: {}", name_of(result.halted_by->sign)));
  end(id, control_->is_cancelled ? RunState::cancelled : RunState::done, ExitCode::ok, "");
}

void RunQueue::end(const std::string& id, RunState state, ExitCode code, const std::string& message) {
  const std::lock_guard lock(mutex_);
  Entry& ended = entry(id);
  --figures_.by_state.at(static_cast<std::size_t>(ended.state));
  ended.state = state;
  ++figures_.by_state.at(static_cast<std::size_t>(state));
  ended.code = code;
  ended.message = message;
  ++version_;
  if (code != ExitCode::ok) logger_named("run")->error("run {}: {}: {}", id, name_of(state), message);
  try {
    write_file_atomically(folder_of(id) / kEnd, dump({{"state", name_of(state)},
                                                      {"code", static_cast<int>(code)},
                                                      {"message", message},
                                                      {"resumes", ended.resumes},
                                                      {"findings", ended.findings}}));
  } catch (const Error& error) {
    logger_named("run")->error("how run {} ended is not kept, so that it would be made again: {}", id,
                               error.what());
  }
}

}  // namespace sharpwave::service
