// What a bundle has of the system, of the process and of the environment.
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "host/operate/bundle_parts.hpp"
#include "host/operate/secrets.hpp"
#include "host/operate/system_facts.hpp"

namespace sharpwave::operate {
namespace {

namespace fs = std::filesystem;

std::string uname_text() {
  utsname names{};
  if (::uname(&names) != 0) return {};
  // Not the host's name: it says nothing about what is wrong.
  return fmt::format("{} {} {} {}\n", names.sysname, names.release, names.version, names.machine);
}

/// The first processor, and how many there are: the others differ in nothing that matters here.
std::string cpu_summary(std::string_view cpuinfo) {
  const std::string_view first = cpuinfo.substr(0, cpuinfo.find("\n\n"));
  std::size_t n = 0;
  constexpr std::string_view kOne = "processor\t";
  for (std::size_t at = cpuinfo.find(kOne); at != std::string_view::npos; at = cpuinfo.find(kOne, at + 1))
    ++n;
  return fmt::format("processors: {}\n\n{}\n", n, first);
}

std::string disk_text(const fs::path& folder) {
  const std::optional<DiskFacts> disk = disk_facts(folder);
  if (!disk) return folder.string() + ": the system does not tell\n";
  return fmt::format("{}: {} bytes, {} free\n", folder.string(), disk->size_bytes, disk->free_bytes);
}

void collect_process(BundleParts& parts, std::int64_t pid) {
  if (pid <= 0) return parts.miss("process", "service.json names none");
  const fs::path folder = fs::path("/proc") / std::to_string(pid);
  const ProcessFacts facts = process_facts(pid);
  if (!facts.is_there) return parts.miss("process", fmt::format("process {} is not there", pid));
  // Another's process, whose number it is now, is none of ours to tell of.
  if (!facts.is_sharpwave) return parts.miss("process", fmt::format("process {} is no sharpwave", pid));
  parts.add_proc_file("process/status.txt", folder / "status");
  parts.add_proc_file("process/limits.txt", folder / "limits");
  parts.add_proc_file("process/io.txt", folder / "io");
  parts.add_proc_file("process/cgroup.txt", folder / "cgroup");
  if (std::optional<std::string> words = read_proc_file(folder / "cmdline")) {
    std::replace(words->begin(), words->end(), '\0', ' ');
    parts.add("process/command_line.txt", *words + "\n", (folder / "cmdline").string());
  }
  if (facts.open_files)
    parts.add("process/descriptors.txt", fmt::format("{}\n", *facts.open_files), (folder / "fd").string());
  else
    parts.miss("process/descriptors.txt", (folder / "fd").string() + " cannot be read");
}

/// "NAME=VALUE" with a NUL behind each; only those of ours. Secrets become known to `parts`.
std::string variables_text(BundleParts& parts, std::string_view block) {
  std::string text;
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t end = std::min(block.find('\0', at), block.size());
    const std::string_view one = block.substr(at, end - at);
    at = end + 1;
    if (!one.starts_with("SHARPWAVE_")) continue;
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string_view name = one.substr(0, equals);
    if (is_secret_name(name)) {
      parts.also_mask(std::string(one.substr(std::min(equals + 1, one.size()))));
      text.append(name).append("=").append(kMasked).append("\n");
    } else {
      text.append(one).append("\n");
    }
  }
  return text;
}

std::string own_environment() {
  std::string block;
  for (char** variable = environ; *variable != nullptr; ++variable) block.append(*variable).push_back('\0');
  return block;
}

}  // namespace

void collect_environment(BundleParts& parts, std::int64_t pid) {
  const std::string ours = variables_text(parts, own_environment());
  std::optional<std::string> theirs;
  if (pid > 0 && process_facts(pid).is_sharpwave) {
    const fs::path file = fs::path("/proc") / std::to_string(pid) / "environ";
    if (const auto block = read_proc_file(file)) theirs = variables_text(parts, *block);
  }
  parts.add("environment/command.txt", ours, "the environment of `sharpwave debug-bundle`",
            "SHARPWAVE_... alone");
  if (theirs)
    parts.add("environment/service.txt", *theirs, fmt::format("the environment of process {}", pid),
              "SHARPWAVE_... alone");
  else
    parts.miss("environment/service.txt", "there is no process of the service, or it is another user's");
}

void collect_system(BundleParts& parts, const fs::path& data_directory, std::int64_t pid) {
  parts.add("system/uname.txt", uname_text(), "uname");
  parts.add_proc_file("system/os_release.txt", "/etc/os-release");
  parts.add_proc_file("system/meminfo.txt", "/proc/meminfo");
  parts.add("system/cpu.txt", cpu_summary(read_proc_file("/proc/cpuinfo").value_or("")), "/proc/cpuinfo",
            "the first processor");
  parts.add_proc_file("system/load.txt", "/proc/loadavg");
  parts.add_proc_file("system/uptime.txt", "/proc/uptime");
  parts.add_proc_file("system/limits.txt", "/proc/self/limits");
  for (const char* what : {"cpu", "io", "memory"})
    parts.add_proc_file(fmt::format("system/pressure_{}.txt", what), fs::path("/proc/pressure") / what);
  parts.add("system/disk.txt", disk_text(data_directory) + disk_text("/") + disk_text("/tmp"), "statvfs");
  parts.add_program("system/df.txt", {"df", "-kP"});
  collect_process(parts, pid);
  parts.add_program("gpu/nvidia_smi.txt", {"nvidia-smi"});
  const std::vector<BundleReport::Missing>& missing = parts.report().missing;
  if (missing.empty() || missing.back().name != "gpu/nvidia_smi.txt")
    parts.add_program("gpu/nvidia_smi_query.txt", {"nvidia-smi", "-q"});
}

}  // namespace sharpwave::operate
