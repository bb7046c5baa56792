#include "host/bench/measure.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/bench/child_process.hpp"
#include "host/io/text_file.hpp"
#include "host/run/run_signals.hpp"
#include "host/run/version.hpp"

namespace sharpwave::bench {
namespace {

constexpr std::uint64_t kMostJsonBytes = std::uint64_t{16} << 20;
constexpr std::size_t kMostLogBytes = 4000;
constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

/// Gone with this object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sharpwave_bench_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error(ExitCode::io, name + ": " + std::strerror(errno));
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string end_of_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.size() > kMostLogBytes ? text.substr(text.size() - kMostLogBytes) : text;
}

/// What a run says of itself in run.json; where it says something else, it is not the program that this is.
Result read_result(const JsonPlace& run) {
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
  result.repeats.push_back(std::move(repeat));
  return result;
}

class Bench {
 public:
  explicit Bench(const MeasureOptions& options) : options_(options) {}

  Report run() {
    for (const Case& c : options_.cases) {
      std::ofstream out(config_file(c));
      out << options_.config_text(c.config);
      if (!out.flush()) throw Error(ExitCode::io, config_file(c).string() + ": cannot be written");
    }
    for (int repeat = 1; repeat <= options_.repeats; ++repeat)
      for (const Case& c : options_.cases)
        for (const int threads : options_.threads) add(c, threads, repeat);
    Report report{.version = version(), .machine = this_machine(), .results = {}};
    for (const Case& c : options_.cases)
      for (const int threads : options_.threads)
        report.results.push_back(std::move(results_.at({c.name, threads})));
    return report;
  }

 private:
  [[nodiscard]] std::filesystem::path config_file(const Case& c) const {
    return scratch_.path() / (std::string(c.config) + ".yaml");
  }

  void add(const Case& c, int threads, int repeat) {
    const std::string label = label_of(c.name, threads);
    Result result = run_once(c, threads, label);
    result.name = c.name;
    result.overrides = overrides_of(c);
    options_.progress(label, repeat, result.repeats.front().wall_s);
    if (result.device == "cpu") measure_limits(result);
    stop_where_asked();
    for (const auto& [key, other] : results_)
      if (key.first == c.name) require_the_same(label, result, other);
    const auto [place, first] = results_.try_emplace({c.name, threads}, result);
    if (!first) place->second.repeats.push_back(std::move(result.repeats.front()));
  }

  void stop_where_asked() const {
    if (signals_.stop()) throw Error(ExitCode::interrupted, "stopped by a signal; no report is made");
  }

  static void require_the_same(const std::string& label, const Result& result, const Result& before) {
    if (result.config_digest != before.config_digest || result.device != before.device)
      throw Error(ExitCode::internal, label + ": another config or device than in the repeat before");
    if (result.spike_digest != before.spike_digest || result.synaptic_events != before.synaptic_events)
      throw Error(ExitCode::internal,
                  fmt::format("{}: spike digest {}, but {} with {} threads before: a bug", label,
                              result.spike_digest, before.spike_digest, before.threads));
  }

  [[nodiscard]] std::vector<std::string> overrides_of(const Case& c) const {
    std::vector<std::string> overrides{"simulation.warm_up=" + number_text(options_.warm_up_ms)};
    overrides.insert(overrides.end(), c.overrides.begin(), c.overrides.end());
    overrides.insert(overrides.end(), options_.overrides.begin(), options_.overrides.end());
    return overrides;
  }

  [[nodiscard]] Result run_once(const Case& c, int threads, const std::string& label) const {
    const std::filesystem::path directory = scratch_.path() / "run";
    const std::filesystem::path log = scratch_.path() / "log";
    std::vector<std::string> words{"run",
                                   config_file(c).string(),
                                   "--out",
                                   directory.string(),
                                   "--force",
                                   "--no-report",
                                   "--quiet",
                                   "--threads",
                                   std::to_string(threads)};
    for (const std::string& override : overrides_of(c)) words.insert(words.end(), {"--set", override});
    const auto before = processor_time();
    const ProcessResult process = run_this_program(words, log);
    const auto after = processor_time();
    stop_where_asked();
    if (process.exit_status != 0) {
      const auto code = static_cast<ExitCode>(process.exit_status);
      const bool documented = std::find(kExitCodes.begin(), kExitCodes.end(), code) != kExitCodes.end();
      throw Error(documented ? code : ExitCode::internal,
                  fmt::format("{}: the run ended with exit status {}:\n{}", label, process.exit_status,
                              end_of_file(log)));
    }
    const std::filesystem::path file = directory / "run.json";
    const Json json = parse_json(read_text_file(file, kMostJsonBytes), file.string());
    Result result = read_result({json, label + ": run.json"});
    if (before && after)
      result.repeats.front().others_share = share_of_others(*before, *after, process.processor_s);
    return result;
  }

  static void measure_limits(Result& result) {
    ThreadPool pool(result.threads);
    result.repeats.front().read_pass_s = read_pass_s(pool, std::max<std::uint64_t>(result.synapse_bytes, 1));
    result.repeats.front().copy_bytes_per_s = copy_bytes_per_s(pool);
  }

  const MeasureOptions& options_;
  RunSignals signals_;
  ScratchFolder scratch_;
  std::map<std::pair<std::string_view, int>, Result> results_;
};

}  // namespace

Report measure(const MeasureOptions& options) {
  return Bench(options).run();
}

}  // namespace sharpwave::bench
