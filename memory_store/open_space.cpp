#include "memory_store/open_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/log_damage.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

/// What of a database's logs is not whole.
struct LogState {
  std::vector<std::string> notes;
  bool is_damaged = false;
  bool goes_on = false;  ///< behind the damage
};

LogState look_at_logs(const fs::path& database) {
  std::vector<fs::path> logs;
  if (fs::exists(database))
    for (const fs::directory_entry& entry : fs::directory_iterator(database))
      if (entry.path().extension() == ".log" && entry.file_size() > 0) logs.push_back(entry.path());
  std::sort(logs.begin(), logs.end());
  LogState state;
  for (const fs::path& log : logs) {
    const LogDamage damage = find_log_damage_in(log);
    if (damage.end == LogEnd::whole) continue;
    const std::string where = fmt::format("{}: at byte {}", log.filename().string(), damage.at_byte);
    if (damage.end == LogEnd::cut_off && log == logs.back()) {
      state.notes.push_back(where + " a record was cut off, as a crash leaves it");
      continue;
    }
    state.notes.push_back(
        fmt::format("{} it is damaged, {} whole records stand behind that", where, damage.records_behind));
    state.is_damaged = true;
    state.goes_on = state.goes_on || damage.records_behind > 0 || log != logs.back();
  }
  return state;
}

}  // namespace

std::uint64_t last_sequence(const StorageBackend& backend) {
  const std::string key = "sequence";
  const std::optional<std::string> payload = find_payload(backend, Column::meta, key);
  return payload ? decode_number(Column::meta, key, *payload) : 0;
}

OpenedSpace open_space(const fs::path& directory, const std::shared_ptr<const RocksResources>& resources,
                       bool read_only) {
  const auto begin = std::chrono::steady_clock::now();
  const fs::path database = directory / "db";
  LogState logs = look_at_logs(database);
  const auto open = [&](bool without_writing) {
    return std::make_unique<RocksBackend>(
        database, resources, logs.is_damaged ? LogRecovery::until_first_damage : LogRecovery::whole,
        without_writing);
  };
  OpenedSpace opened;
  RecoveryReport& report = opened.report;
  report.start = fs::exists(database / "CURRENT") ? Start::warm : Start::cold;
  report.is_read_only = read_only;
  if (logs.is_damaged) {
    report.start = Start::fallback;
    const std::uint64_t last = last_sequence(*open(true));
    logs.notes.push_back(logs.goes_on
                             ? fmt::format("the space is read-only, up to change {}", last)
                             : fmt::format("the end of the log was given up: change {} is the last", last));
    report.is_read_only = read_only || logs.goes_on;
  }
  opened.backend = open(report.is_read_only);
  report.notes = std::move(logs.notes);
  report.sequence = last_sequence(*opened.backend);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return opened;
}

}  // namespace sharpwave::memory
