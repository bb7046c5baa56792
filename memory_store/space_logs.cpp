#include "memory_store/space_logs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "memory_store/file_bytes.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

bool has_changes(const LogFile& log) {
  return log.damage.first_write < log.damage.next_write;
}

std::string name_of(const LogFile& log) {
  return log.path.filename().string();
}

/// What is missing between the logs before the one `at` and this one; empty where nothing is.
std::string gap_before(const std::vector<LogFile>& logs, std::size_t at, std::uint64_t next_write) {
  const LogFile& log = logs[at];
  if (!has_changes(log)) return {};
  for (std::size_t i = 0; i < at; ++i)
    if (logs[i].bytes == 0)
      return fmt::format("{}: it is empty, and {} is not", name_of(logs[i]), name_of(log));
  if (next_write == 0 || log.damage.first_write <= next_write) return {};
  return fmt::format("{}: it begins with write {}, and what stands before it ends with {}", name_of(log),
                     log.damage.first_write, next_write - 1);
}

std::uint64_t whole_behind(const std::vector<LogFile>& logs, std::size_t at) {
  std::uint64_t sum = logs[at].damage.records_behind;
  for (std::size_t i = at + 1; i < logs.size(); ++i)
    sum += logs[i].damage.records + logs[i].damage.records_behind;
  return sum;
}

}  // namespace

std::vector<LogFile> logs_of(const fs::path& database) {
  std::vector<LogFile> logs;
  for (const fs::path& path : list_folder(database)) {
    const std::string stem = path.stem().string();
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (path.extension() != ".log" || failure != std::errc() || end != stem.data() + stem.size()) continue;
    const std::optional<std::string> bytes = read_file_if_there(path);  // an owner may have removed it
    if (bytes) logs.push_back({path, number, bytes->size(), find_log_damage(*bytes)});
  }
  std::sort(logs.begin(), logs.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return logs;
}

LogFindings look_at(const std::vector<LogFile>& logs, std::optional<std::uint64_t> last_write) {
  LogFindings findings;
  std::uint64_t next_write = last_write ? *last_write + 1 : 0;
  for (std::size_t at = 0; at < logs.size(); ++at) {
    const LogDamage& damage = logs[at].damage;
    if (std::string gap = gap_before(logs, at, next_write); !gap.empty()) {
      findings.problem = {.log = at,
                          .is_gap = true,
                          .goes_on = true,
                          .whole_behind = damage.records + whole_behind(logs, at),
                          .what = std::move(gap)};
      return findings;
    }
    next_write = std::max(next_write, damage.next_write);
    if (damage.end == LogEnd::whole) continue;
    const auto later =
        std::find_if(logs.begin() + static_cast<std::ptrdiff_t>(at) + 1, logs.end(), has_changes);
    const std::string where = fmt::format("{}: at byte {}", name_of(logs[at]), damage.at_byte);
    const bool is_last = later == logs.end();
    if (damage.end == LogEnd::cut_off && is_last) {
      findings.notes.push_back(where + " a record was cut off, as a crash leaves it");
      continue;
    }
    const std::uint64_t behind = whole_behind(logs, at);
    findings.problem = {
        .log = at,
        .is_gap = false,
        .goes_on = damage.records_behind > 0 || !is_last,
        .whole_behind = behind,
        .what = fmt::format("{} it is damaged, {} whole records stand behind that", where, behind)};
    return findings;
  }
  return findings;
}

}  // namespace sharpwave::memory
