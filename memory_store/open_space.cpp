#include "memory_store/open_space.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/kill_point.hpp"
#include "memory_store/synced_file.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostMark = 4096;
constexpr const char* kGivenUpLog = "given_up_";

std::set<std::string> names_of(const std::vector<LogFile>& logs, std::size_t first) {
  std::set<std::string> names;
  for (std::size_t i = first; i < logs.size(); ++i) names.insert(logs[i].path.filename().string());
  return names;
}

/// The opening of one space.
class Opening {
 public:
  Opening(const fs::path& directory, const std::shared_ptr<const RocksResources>& resources, bool read_only,
          SyncMode sync)
      : directory_(directory),
        database_(directory / "db"),
        resources_(resources),
        is_reader_(read_only),
        sync_(sync) {}

  OpenedSpace run() {
    const auto begin = std::chrono::steady_clock::now();
    RecoveryReport& report = opened_.report;
    report.start = is_there(database_ / "CURRENT") ? Start::warm : Start::cold;
    if (report.start == Start::cold) expect_no_trace();
    if (is_there(directory_ / kReadOnlyMark)) {
      report.notes.emplace_back("the space is marked read-only");
      report.is_read_only = true;
    }
    if (const auto damage = read_file_if_there(directory_ / kDamagedMark, kMostMark)) {
      note(fmt::format("the space is read-only, for damage was found in it: {}", *damage));
      report.start = Start::fallback;
      report.is_damaged = true;
      report.is_read_only = true;
    }
    for (const fs::path& file : list_folder(directory_))
      if (file.filename().string().starts_with(kGivenUpLog) && file.extension() == ".log")
        note_kept_log(file);
    read_promise();
    look_at_logs();
    kill_point("open.looked");
    if (findings_.problem)
      open_before(*findings_.problem);
    else
      opened_.backend = open(LogRecovery::whole, is_only_read(), {});
    kill_point("open.opened");
    if (!is_only_read() && report.start == Start::cold) sync_folder(directory_);
    if (!is_only_read()) remove_old_logs();
    report.sequence = last_sequence(*opened_.backend);
    if (report.start == Start::warm && report.sequence == 0) report.start = Start::cold;
    report.replayed = n_replayed();
    settle();
    kill_point("open.settled");
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(opened_);
  }

 private:
  [[nodiscard]] bool is_only_read() const { return is_reader_ || opened_.report.is_read_only; }
  void note(std::string text) { opened_.report.notes.push_back(std::move(text)); }

  void note_kept_log(const fs::path& log) {
    note(fmt::format("{} is a log whose end was given up: remove it when it has been looked at",
                     log.string()));
  }

  std::unique_ptr<RocksBackend> open(LogRecovery recovery, bool read_only,
                                     const std::set<std::string>& hidden_logs) const {
    return std::make_unique<RocksBackend>(database_, resources_, recovery, read_only, hidden_logs);
  }

  // All are written when a database is there already.
  void expect_no_trace() const {
    for (const char* trace : {kOpenedMark, "synced", "index"})
      if (is_there(directory_ / trace))
        throw Error(ExitCode::damaged_data,
                    fmt::format("{}: CURRENT is missing, and {} is there: there was a database",
                                database_.string(), (directory_ / trace).string()));
  }

  void read_promise() {
    try {
      promised_ = read_synced(directory_);
    } catch (const Error& error) {
      if (error.code() != ExitCode::damaged_data) throw;
      note(fmt::format("{}: it counts as if everything had been synced", error.what()));
    }
  }

  // What is in tables already is asked only where it matters: it takes an opening of its own.
  void look_at_logs() {
    logs_ = logs_of(database_);
    for (const LogFile& log : logs_) old_logs_.push_back(log.path);
    findings_ = look_at(logs_, std::nullopt);
    const bool is_doubtful = findings_.problem || promised_.has_value();
    if (is_doubtful && opened_.report.start == Start::warm) {
      const std::unique_ptr<RocksBackend> tables =
          open(LogRecovery::until_first_damage, true, names_of(logs_, 0));
      std::erase_if(logs_, [&](const LogFile& log) { return log.number < tables->oldest_log(); });
      std::optional<std::uint64_t> last_write;
      if (promised_) last_write = tables->last_write();
      findings_ = look_at(logs_, last_write);
    }
    if (!findings_.problem && !promised_) findings_.problem = find_missing_log(directory_);
    for (std::string& text : findings_.notes) note(std::move(text));
  }

  void open_before(const LogProblem& problem) {
    RecoveryReport& report = opened_.report;
    report.start = Start::fallback;
    note(problem.what);
    const std::set<std::string> hidden = names_of(logs_, problem.log + (problem.is_gap ? 0 : 1));
    std::unique_ptr<RocksBackend> before = open(LogRecovery::until_first_damage, true, hidden);
    const std::uint64_t last = last_sequence(*before);
    const bool is_kept = promised_ ? last >= *promised_ : !problem.goes_on;
    if (!is_kept) {
      note(fmt::format("the space is read-only, up to change {}", last));
      report.is_read_only = true;
      report.is_incomplete = true;
    } else {
      note(fmt::format("the end of the log was given up: change {} is the last{}", last,
                       promised_ ? ", and more was not said to be on the disk" : ""));
      report.may_lack_last_change = !promised_;
    }
    if (is_only_read()) {
      opened_.backend = std::move(before);
      return;
    }
    before.reset();
    if (report.may_lack_last_change) keep_given_up(logs_[problem.log].path);
    if (problem.is_gap)
      for (std::size_t i = logs_.size(); i-- > problem.log;) remove_file(logs_[i].path);
    opened_.backend = open(LogRecovery::until_first_damage, false, {});
  }

  // RocksDB removes a log that it has read, as far as it was whole.
  void keep_given_up(const fs::path& log) {
    const fs::path kept = directory_ / (kGivenUpLog + log.filename().string());
    if (is_there(kept)) return;  // an opening has died that came further
    make_complete(kept, [&](const fs::path& partial) {
      remove_file(partial);
      copy_file_durably(log, partial);
      kill_point("open.copied");
    });
    note_kept_log(kept);
  }

  [[nodiscard]] std::uint64_t n_replayed() const {
    std::size_t end = logs_.size();
    if (findings_.problem) end = findings_.problem->log + (findings_.problem->is_gap ? 0 : 1);
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < end; ++i) n += logs_[i].damage.batches;
    return n;
  }

  // All that they hold is in tables now. RocksDB lets those stay for a while that held nothing; beside newer
  // ones they would look as if they had lost it.
  void remove_old_logs() {
    for (const fs::path& log : old_logs_) remove_file(log);
  }

  void settle() {
    RecoveryReport& report = opened_.report;
    if (promised_ && report.sequence < *promised_) {
      note(fmt::format("change {} is the last, and change {} was on the disk: the space is read-only",
                       report.sequence, *promised_));
      report.start = Start::fallback;
      report.is_read_only = true;
      report.is_incomplete = true;
    }
    if (is_only_read()) return;
    if (!is_there(directory_ / kOpenedMark)) write_file_atomically(directory_ / kOpenedMark, "");
    if (sync_ == SyncMode::always)
      remove_synced(directory_);
    else if (promised_ != report.sequence)
      write_synced(directory_, report.sequence);
  }

  fs::path directory_;
  fs::path database_;
  const std::shared_ptr<const RocksResources>& resources_;
  bool is_reader_;
  SyncMode sync_;
  std::optional<std::uint64_t> promised_;  ///< up to which change everything was on the disk
  std::vector<fs::path> old_logs_;         ///< all that there were
  std::vector<LogFile> logs_;              ///< those that count
  LogFindings findings_;
  OpenedSpace opened_;
};

}  // namespace

std::optional<LogProblem> find_missing_log(const fs::path& directory) {
  if (!is_there(directory / kOpenedMark) || !logs_of(directory / "db").empty()) return std::nullopt;
  return LogProblem{.log = 0,
                    .is_gap = true,
                    .goes_on = true,
                    .whole_behind = 0,
                    .what = "no log is there, and there was one"};
}

std::uint64_t last_sequence(const StorageBackend& backend) {
  const std::string key = "sequence";
  const std::optional<std::string> payload = find_payload(backend, Column::meta, key);
  return payload ? decode_number(Column::meta, key, *payload) : 0;
}

OpenedSpace open_space(const fs::path& directory, const std::shared_ptr<const RocksResources>& resources,
                       bool read_only, SyncMode sync) {
  return Opening(directory, resources, read_only, sync).run();
}

}  // namespace sharpwave::memory
