#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "host/bench/comparison.hpp"
#include "host/bench/measure.hpp"
#include "host/cli/bench_table.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/shipped_configs.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/text_file.hpp"
#include "host/run/resources.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::uint64_t kMostBaselineBytes = std::uint64_t{64} << 20;

ExitCode list_cases() {
  constexpr std::size_t kCaseNameColumns = 28;
  for (const bench::Case& c : bench::cases()) {
    const std::string name = c.by_default ? std::string(c.name) : fmt::format("[{}]", c.name);
    fmt::print("{}{}\n", left(name, kCaseNameColumns), c.about);
  }
  return ExitCode::ok;
}

/// What takes minutes to measure must not be lost for a name.
void require_writable(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    throw Error(ExitCode::io, file.string() + ": is a directory; expected the name of a file");
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw Error(ExitCode::io, file.string() + ": cannot be written: " + std::strerror(errno));
}

/// All that can be wrong with the files is said before anything is measured.
std::optional<bench::Baseline> check_files(const BenchArguments& arguments) {
  if (arguments.file) {
    refuse_to_replace(*arguments.file, arguments.force);
    require_writable(*arguments.file);
  }
  if (!arguments.baseline) return {};
  const std::string where = arguments.baseline->string();
  return bench::read_baseline(read_text_file(*arguments.baseline, kMostBaselineBytes), where);
}

/// On standard error: standard output may hold the JSON.
ExitCode print_comparison(const bench::Report& report, const bench::Baseline& baseline,
                          const BenchArguments& arguments) {
  fmt::print(stderr, "\nbeside {} (version {}, {}):\n", arguments.baseline->string(), baseline.version,
             baseline.processor);
  bool worse = false;
  bool compared = false;
  for (const bench::Finding& finding : bench::compare(report, baseline, arguments.tolerance)) {
    fmt::print(stderr, "  {}\n", finding.text);
    worse |= finding.worse;
    compared |= finding.compared;
  }
  if (!compared)
    throw Error(ExitCode::usage, arguments.baseline->string() + ": has nothing of what was measured here");
  return worse ? ExitCode::worse : ExitCode::ok;
}

}  // namespace

ExitCode bench_command(const BenchArguments& arguments) {
  set_up_log(arguments.log, "info");
  if (arguments.list) return list_cases();
  const std::optional<bench::Baseline> baseline = check_files(arguments);
  bench::MeasureOptions options;
  options.cases = bench::choose_cases(arguments.cases);
  options.threads = arguments.threads.empty() ? std::vector{allowed_processors()} : arguments.threads;
  options.repeats = arguments.repeats;
  options.warm_up_ms = arguments.warm_up_ms;
  options.overrides = arguments.overrides;
  options.config_text = shipped_config_text;
  options.progress = [&](const std::string& label, int repeat, double wall_s) {
    log_of(Module::bench).info("{}, {}/{}: {}", label, repeat, arguments.repeats, duration(wall_s));
  };
  const bench::Report report = bench::measure(options);
  const std::string json = to_json(report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  fmt::print("{}", arguments.json ? json : bench_table(report));
  if (arguments.file) write_file_atomically(*arguments.file, json);
  const bool noisy = std::any_of(report.results.begin(), report.results.end(),
                                 [](const bench::Result& result) { return result.noisy(); });
  if (noisy)
    log_of(Module::bench)
        .warn("other processes had more than {:.0f} % of the processors: such figures say little",
              100 * bench::kNoise);
  return baseline ? print_comparison(report, *baseline, arguments) : ExitCode::ok;
}

}  // namespace sharpwave::cli
