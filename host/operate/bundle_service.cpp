// What a bundle has of the service: its directory, and what it answers.
#include <algorithm>
#include <array>
#include <chrono>

#include "host/base/error.hpp"
#include "host/io/folder.hpp"
#include "host/operate/bundle_parts.hpp"

namespace sharpwave::operate {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kRuns = 5;
constexpr std::uint64_t kMostOfADocument = std::uint64_t{2} << 20;

/// Of a run, and of its request.
constexpr std::array kDocuments{"request.json", "end.json",      "run.json",    "config.yaml",
                                "config.json",  "watchdog.json", "memory.json", "batch.json"};

/// A name that may stand in an archive; others are not of runs.
bool is_plain_name(const std::string& name) {
  constexpr std::size_t kLongest = 80;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= kLongest && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_plain);
}

/// Of those that changed last, newest first.
std::vector<fs::path> newest_runs(const fs::path& runs) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  const auto is_run = [](const fs::directory_entry& entry) {
    std::error_code status;
    return fs::is_directory(entry.symlink_status(status)) && is_plain_name(entry.path().filename().string());
  };
  for (const fs::path& run : entries_of(runs, is_run)) {
    std::error_code status;
    const fs::file_time_type time = fs::last_write_time(run, status);
    if (!status) found.emplace_back(time, run);
  }
  std::sort(found.begin(), found.end(), std::greater<>());
  if (found.size() > kRuns) found.resize(kRuns);
  std::vector<fs::path> newest;
  newest.reserve(found.size());
  for (const auto& [time, run] : found) newest.push_back(run);
  return newest;
}

void collect_run(BundleParts& parts, const fs::path& folder, const std::string& name) {
  std::error_code status;
  for (const char* document : kDocuments)
    if (fs::exists(fs::symlink_status(folder / document, status)))
      parts.add_end_of_file(name + "/" + document, folder / document, kMostOfADocument);
  if (fs::exists(fs::symlink_status(folder / "log.jsonl", status)))
    parts.add_end_of_file(name + "/log.jsonl", folder / "log.jsonl", kMostOfALog);
}

struct Asked {
  const char* path;
  const char* name;
};
constexpr std::array kAsked{Asked{"/health", "service/health.json"},
                            Asked{"/ready", "service/ready.json"},
                            Asked{"/metrics", "service/metrics.txt"},
                            Asked{"/status", "service/status.json"},
                            Asked{"/stats", "service/stats.json"},
                            Asked{"/storage/status", "service/storage_status.json"},
                            Asked{"/system/status", "service/system_status.json"},
                            Asked{"/consolidation/status", "service/consolidation_status.json"},
                            Asked{"/observability/latency", "service/latency.json"},
                            Asked{"/api/v1/runs", "service/runs.json"}};

}  // namespace

void collect_data_directory(BundleParts& parts, const fs::path& data_directory) {
  parts.add_end_of_file("log.jsonl", data_directory / "log.jsonl", kMostOfALog);
  parts.add_end_of_file("service.json", data_directory / kServiceFile, kMostOfADocument);
  const std::vector<fs::path> runs = newest_runs(data_directory / "runs");
  if (runs.empty()) parts.miss("runs", "there is no run in " + (data_directory / "runs").string());
  for (const fs::path& run : runs) {
    const std::string name = "runs/" + run.filename().string();
    collect_run(parts, run, name);
    std::error_code status;
    if (fs::is_directory(fs::symlink_status(run / "run", status)))
      collect_run(parts, run / "run", name + "/run");
  }
}

void collect_service(BundleParts& parts, const Surroundings& surroundings, const ServiceFileOutcome& file) {
  const std::optional<HttpPlace> place = service_place(surroundings, file);
  if (!place) return parts.miss("service", "neither service.json nor --url says where it is");
  const auto until = std::chrono::steady_clock::now() + 5s;
  for (const Asked& asked : kAsked) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= 0ms) {
      parts.miss(asked.name, "the service had not answered all in 5 s");
      continue;
    }
    const HttpAnswer answer = http_get(*place, asked.path, left);
    if (answer.fault != HttpFault::none)
      parts.miss(asked.name, answer.what);
    else if (answer.status == 401 || answer.status == 403)
      parts.miss(asked.name, "it answered " + std::to_string(answer.status) +
                                 ": it asks for a token, --token names its file");
    else
      parts.add(asked.name, answer.body, url_of(*place) + asked.path,
                answer.status == 200 ? "" : "it answered " + std::to_string(answer.status));
    if (answer.fault == HttpFault::unreachable || answer.fault == HttpFault::tls) return;
  }
}

}  // namespace sharpwave::operate
