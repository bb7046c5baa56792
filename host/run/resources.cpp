#include "host/run/resources.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

/// The first whitespace-separated words of a file; none if it cannot be read.
std::vector<std::string> words_of(const fs::path& file, std::size_t at_most) {
  std::ifstream in(file);
  std::vector<std::string> words;
  for (std::string word; words.size() < at_most && in >> word;) words.push_back(word);
  return words;
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::istringstream in(text);
  std::uint64_t value = 0;
  if (text.empty() || text[0] == '-' || !(in >> value)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_in(const fs::path& file) {
  const auto words = words_of(file, 1);
  return words.empty() ? std::nullopt : number(words[0]);
}

/// The value behind `key` in a file of "key value" lines.
std::optional<std::uint64_t> number_behind(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    if (word == key && in >> word) return number(word);
  }
  return std::nullopt;
}

/// The folders that may hold this process's limits, innermost first: its group as /proc names it, and each
/// parent up to the mount. Within a container the mount itself is the group, and the inner ones are absent.
std::vector<fs::path> group_folders(const fs::path& root, const std::string& v1_controller) {
  std::vector<fs::path> folders;
  const auto add_up_to = [&](const fs::path& mount, const std::string& group) {
    for (fs::path inner = fs::path(group).relative_path(); !inner.empty(); inner = inner.parent_path()) {
      folders.push_back(mount / inner);
    }
    folders.push_back(mount);
  };
  std::ifstream in(root / "proc/self/cgroup");  // lines "id:controller,controller:/group"; v2 is "0::/group"
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers(",");
    controllers.append(line, first + 1, second - first - 1).push_back(',');
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") {
      add_up_to(root / "sys/fs/cgroup", group);
      add_up_to(root / "sys/fs/cgroup/unified", group);
    } else if (controllers.find("," + v1_controller + ",") != std::string::npos) {
      add_up_to(root / "sys/fs/cgroup" / v1_controller, group);
    }
  }
  return folders;
}

/// What a group can still take. Page cache that can be dropped counts as used in its books, but is not.
std::uint64_t left_of_memory_limit(const fs::path& group) {
  const bool v2 = fs::exists(group / "memory.max");
  const auto limit = number_in(group / (v2 ? "memory.max" : "memory.limit_in_bytes"));
  const auto used = number_in(group / (v2 ? "memory.current" : "memory.usage_in_bytes"));
  if (!limit || !used) return kNoLimit;  // "max": no limit
  const auto cache = number_behind(group / "memory.stat", v2 ? "inactive_file" : "total_inactive_file");
  const std::uint64_t held = *used - std::min(*used, cache.value_or(0));
  return *limit - std::min(*limit, held);
}

std::uint64_t left_of_address_space(const fs::path& root) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
  const auto mapped_kB = number_behind(root / "proc/self/status", "VmSize:");
  const std::uint64_t mapped = mapped_kB.value_or(0) * 1024;
  return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, mapped);
}

/// Whole processors in a group's quota, at least 1; kNoLimit without one.
std::uint64_t processors_of_quota(const fs::path& group) {
  std::optional<std::uint64_t> quota;
  std::optional<std::uint64_t> period;
  if (const auto words = words_of(group / "cpu.max", 2); words.size() == 2) {
    quota = number(words[0]);
    period = number(words[1]);
  } else {
    quota = number_in(group / "cpu.cfs_quota_us");
    period = number_in(group / "cpu.cfs_period_us");
  }
  if (!quota || !period || *period == 0) return kNoLimit;
  return std::max<std::uint64_t>(1, *quota / *period);
}

int processors_of_affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return 1;  // more than 1,024 processors need a larger set; one thread is always right
}

}  // namespace

std::uint64_t available_memory_bytes(const fs::path& root) {
  std::uint64_t available = left_of_address_space(root);
  if (const auto free_kB = number_behind(root / "proc/meminfo", "MemAvailable:")) {
    available = std::min(available, *free_kB * 1024);
  }
  for (const fs::path& group : group_folders(root, "memory")) {
    available = std::min(available, left_of_memory_limit(group));
  }
  return available;
}

int allowed_processors(const fs::path& root) {
  auto processors = static_cast<std::uint64_t>(processors_of_affinity());
  for (const fs::path& group : group_folders(root, "cpu")) {
    processors = std::min(processors, processors_of_quota(group));
  }
  return static_cast<int>(processors);
}

int useful_threads(std::uint64_t n_neurons) {
  constexpr std::uint64_t kNeuronsPerThread = 1000;
  constexpr std::uint64_t kMost = 1 << 20;
  return static_cast<int>(std::clamp<std::uint64_t>(n_neurons / kNeuronsPerThread, 1, kMost));
}

std::uint64_t peak_memory_bytes(const fs::path& root) {
  return number_behind(root / "proc/self/status", "VmHWM:").value_or(0) * 1024;
}

}  // namespace sharpwave
