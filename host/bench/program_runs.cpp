#include "host/bench/program_runs.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/stopwatch.hpp"
#include "host/bench/child_process.hpp"
#include "host/io/text_file.hpp"
#include "host/run/version.hpp"

namespace sharpwave::bench {
namespace {

constexpr std::uint64_t kMostJsonBytes = std::uint64_t{16} << 20;
constexpr std::size_t kMostLogBytes = 4000;
constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sharpwave_bench_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw Error(ExitCode::io, name + ": " + std::strerror(errno));
  return name;
}

std::string end_of_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.size() > kMostLogBytes ? text.substr(text.size() - kMostLogBytes) : text;
}

}  // namespace

ProgramRuns::ProgramRuns(std::function<std::string_view(std::string_view)> config_text)
    : config_text_(std::move(config_text)), folder_(new_folder()) {}

ProgramRuns::~ProgramRuns() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

const std::filesystem::path& ProgramRuns::config_file(std::string_view config) {
  const auto [place, is_new] = config_files_.try_emplace(std::string(config));
  if (is_new) {
    place->second = folder_ / (place->first + ".yaml");
    std::ofstream out(place->second);
    out << config_text_(config);
    if (!out.flush()) throw Error(ExitCode::io, place->second.string() + ": cannot be written");
  }
  return place->second;
}

void ProgramRuns::stop_where_asked() const {
  if (signals_.stop()) throw Error(ExitCode::interrupted, "stopped by a signal; no report is made");
}

EndedRun ProgramRuns::run(std::string_view config, const std::vector<std::string>& overrides, int threads,
                          const std::string& label) {
  EndedRun ended{.directory = folder_ / "run"};
  const std::filesystem::path log = folder_ / "log";
  std::vector<std::string> words{
      "run",       config_file(config).string(), "--out", ended.directory.string(), "--no-report", "--quiet",
      "--threads", std::to_string(threads)};
  for (const std::string& override : overrides) words.insert(words.end(), {"--set", override});
  std::filesystem::remove_all(ended.directory);  // here, so that no run is timed with it
  const auto before = processor_time();
  const Stopwatch watch;
  const ProcessResult process = run_this_program(words, log);
  ended.seconds = watch.seconds();
  const auto after = processor_time();
  stop_where_asked();
  if (process.exit_status != 0) {
    const auto code = static_cast<ExitCode>(process.exit_status);
    const bool documented = std::find(kExitCodes.begin(), kExitCodes.end(), code) != kExitCodes.end();
    throw Error(documented ? code : ExitCode::internal,
                fmt::format("{}: the run ended with exit status {}:\n{}", label, process.exit_status,
                            end_of_file(log)));
  }
  if (before && after) ended.others_share = share_of_others(*before, *after, process.processor_s);
  return ended;
}

Json json_in(const std::filesystem::path& file) {
  return parse_json(read_text_file(file, kMostJsonBytes), file.string());
}

Result read_result(const EndedRun& ended, const std::string& label) {
  const Json json = json_in(ended.directory / "run.json");
  const JsonPlace run{json, label + ": run.json"};
  Result result;
  result.config_digest = run["config_digest"].text();
  result.device = run["device"].text();
  result.precision = run["precision"].text();
  result.layout = run["layout"].text();
  result.threads = static_cast<int>(run["threads"].unsigned_up_to(kMostThreads));
  result.simulated_ms = run["simulated_ms"].number();
  result.warm_up_ms = run["warm_up_ms"].number();
  result.synapses = run["synapses"].unsigned_up_to(kAny);
  result.synapse_bytes = run["synapse_bytes"].unsigned_up_to(kAny);
  result.spikes = run["spikes_total"].unsigned_up_to(kAny);
  result.synaptic_events = run["synaptic_events"].unsigned_up_to(kAny);
  result.spike_digest = run["spike_digest"].text();
  const JsonPlace populations = run["populations"];
  for (std::size_t i = 0; i < populations.size(); ++i) {
    result.neurons += populations[i]["size"].unsigned_up_to(kAny);
    if (populations[i]["spikes"].unsigned_up_to(kAny) == 0)
      throw Error(ExitCode::invalid_config,
                  run.where() + ": population " + populations[i]["name"].text() +
                      " does not fire; expected all to, as the time would say nothing else");
  }
  const JsonPlace phases = run["phases"];
  Measurement repeat;
  for (std::size_t i = 0; i < phases.size(); ++i)
    repeat.phases.push_back({phases[i]["name"].text(), phases[i]["seconds"].number()});
  repeat.wall_s = run["wall_s"].number();
  repeat.construction_s = run["construction_s"].number();
  repeat.peak_memory_bytes = static_cast<double>(run["peak_memory_bytes"].unsigned_up_to(kAny));
  repeat.others_share = ended.others_share;
  result.repeats.push_back(std::move(repeat));
  return result;
}

}  // namespace sharpwave::bench
