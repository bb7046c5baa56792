#include "host/operate/system_facts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "host/io/file_descriptor.hpp"

namespace sharpwave::operate {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_at_front(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::string_view line_of(std::string_view text, std::string_view begin) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(begin)) return line;
    at = end + 1;
  }
  return {};
}

/// Of /proc/PID/stat the field `number`, from 1; the name, the second, may have blanks and parentheses in it.
std::optional<std::uint64_t> stat_field(std::string_view text, std::size_t number) {
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(name_end + 1);
  for (std::size_t field = 3;; ++field) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) return std::nullopt;
    if (field == number) return number_at_front(rest);
    rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  }
}

std::optional<std::int64_t> start_of_process_ms(const fs::path& folder) {
  constexpr std::size_t kStartTime = 22;
  const auto stat = read_proc_file(folder / "stat");
  const auto system = read_proc_file("/proc/stat");
  if (!stat || !system) return std::nullopt;
  constexpr std::string_view kBootTime = "btime ";
  const std::string_view line = line_of(*system, kBootTime);
  const auto ticks = stat_field(*stat, kStartTime);
  const auto boot_s = line.empty() ? std::nullopt : number_at_front(line.substr(kBootTime.size()));
  const long ticks_per_s = ::sysconf(_SC_CLK_TCK);
  if (!ticks || !boot_s || ticks_per_s <= 0) return std::nullopt;
  return static_cast<std::int64_t>(*boot_s * 1000 + *ticks * 1000 / static_cast<std::uint64_t>(ticks_per_s));
}

std::optional<std::uint64_t> count_open_files(const fs::path& folder) {
  std::error_code status;
  std::uint64_t n = 0;
  for (fs::directory_iterator entry(folder / "fd", status), end; !status && entry != end;
       entry.increment(status))
    ++n;
  if (status) return std::nullopt;
  return n;
}

/// The soft limit, the first number of "Max open files  1024  4096  files".
std::optional<std::uint64_t> most_open_files(const fs::path& folder) {
  constexpr std::string_view kName = "Max open files";
  const auto limits = read_proc_file(folder / "limits");
  if (!limits) return std::nullopt;
  const std::string_view line = line_of(*limits, kName);
  return line.empty() ? std::nullopt : number_at_front(line.substr(kName.size()));
}

/// A process of before that has its folder until somebody asks how it ended.
bool is_zombie(std::string_view status) {
  return line_of(status, "State:").find('Z') != std::string_view::npos;
}

std::string without_line_feed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Looks at the groups from the process's own to the root; "max" is no number.
void take_group_limits(const fs::path& root, const std::string& path, const char* limit_file,
                       const char* used_file, MemoryFacts& facts) {
  // Version 1 says "none" by a number near 2^63.
  constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;
  fs::path group = root / fs::path(path).relative_path();
  for (;;) {
    const auto text = read_proc_file(group / limit_file);
    const auto limit = text ? number_at_front(*text) : std::nullopt;
    if (limit && *limit < kNoLimit && *limit < facts.group_limit_bytes.value_or(kNoLimit)) {
      facts.group_limit_bytes = limit;
      const auto used = read_proc_file(group / used_file);
      facts.group_used_bytes = used ? number_at_front(*used) : std::nullopt;
    }
    if (group == root || group.has_parent_path() == false || group == group.parent_path()) return;
    group = group.parent_path();
  }
}

}  // namespace

std::optional<std::string> read_proc_file(const fs::path& file) {
  // What stands in the place of a file may be a pipe that nobody writes to.
  const FileDescriptor descriptor(file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return std::nullopt;
  std::string text;
  std::string block(std::size_t{16} << 10, '\0');
  while (text.size() < kLongestProcFile) {
    const ssize_t n = ::read(descriptor.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    text.append(block, 0, static_cast<std::size_t>(n));
  }
  return text;
}

std::optional<std::uint64_t> number_in(std::string_view text, std::string_view name) {
  const std::string begin = std::string(name) + ":";
  const std::string_view line = line_of(text, begin);
  if (line.empty()) return std::nullopt;
  const auto number = number_at_front(line.substr(begin.size()));
  if (number && line.ends_with("kB") && *number < (std::uint64_t{1} << 50)) return *number * 1024;
  return number;
}

ProcessFacts process_facts(std::int64_t pid) {
  const fs::path folder = fs::path("/proc") / std::to_string(pid);
  ProcessFacts facts;
  const auto status = read_proc_file(folder / "status");
  if (!status || is_zombie(*status)) return facts;
  facts.is_there = true;
  facts.name = without_line_feed(read_proc_file(folder / "comm").value_or(""));
  std::error_code ignored;
  const bool is_this_program = fs::equivalent(folder / "exe", "/proc/self/exe", ignored) && !ignored;
  facts.is_sharpwave = facts.name == "sharpwave" || is_this_program;
  facts.started_ms = start_of_process_ms(folder);
  facts.resident_bytes = number_in(*status, "VmRSS");
  facts.open_files = count_open_files(folder);
  facts.most_files = most_open_files(folder);
  return facts;
}

MemoryFacts memory_facts(std::int64_t pid) {
  MemoryFacts facts;
  if (const auto meminfo = read_proc_file("/proc/meminfo")) {
    facts.total_bytes = number_in(*meminfo, "MemTotal");
    facts.available_bytes = number_in(*meminfo, "MemAvailable");
  }
  const std::string process = pid > 0 ? std::to_string(pid) : "self";
  const auto groups = read_proc_file(fs::path("/proc") / process / "cgroup").value_or("");
  constexpr std::string_view kVersion2 = "0::";
  if (const std::string_view line = line_of(groups, kVersion2); !line.empty())
    take_group_limits("/sys/fs/cgroup", std::string(line.substr(kVersion2.size())), "memory.max",
                      "memory.current", facts);
  const std::size_t version_1 = groups.find(":memory:");
  if (version_1 != std::string::npos) {
    const std::string rest = groups.substr(version_1 + std::string_view(":memory:").size());
    take_group_limits("/sys/fs/cgroup/memory", rest.substr(0, rest.find('\n')), "memory.limit_in_bytes",
                      "memory.usage_in_bytes", facts);
  }
  return facts;
}

std::optional<DiskFacts> disk_facts(const fs::path& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0 || status.f_blocks == 0) return std::nullopt;
  return DiskFacts{std::uint64_t{status.f_blocks} * status.f_frsize,
                   std::uint64_t{status.f_bavail} * status.f_frsize};
}

std::vector<std::string> missing_cpu_features(std::string_view cpuinfo) {
  const std::string flags = " " + std::string(line_of(cpuinfo, "flags")) + " ";
  std::vector<std::string> missing;
  for (const char* feature : {"avx2", "fma", "bmi1", "bmi2", "f16c", "movbe"})
    if (flags.find(" " + std::string(feature) + " ") == std::string::npos) missing.emplace_back(feature);
  return missing;
}

}  // namespace sharpwave::operate
