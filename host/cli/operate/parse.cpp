#include "host/cli/operate/parse.hpp"

#include "host/cli/operate/options.hpp"
#include "host/cli/parsing.hpp"
#include "host/config/diagnostic.hpp"
#include "host/operate/log_line.hpp"

namespace sharpwave::cli {
namespace {

std::optional<std::int64_t> moment_of(const cxxopts::ParseResult& result, const std::string& name) {
  const auto text = optional_value<std::string>(result, name);
  if (!text) return std::nullopt;
  const std::optional<std::int64_t> moment = operate::parse_time(*text);
  if (!moment)
    usage_error("--" + name + ": read " + in_quotes(*text) +
                    ", expected a day or a moment of UTC, 2026-01-31 or 2026-01-31T09:30:00",
                "analyze-logs");
  return moment;
}

ServicePlace place_of(const cxxopts::ParseResult& result, const std::string& command) {
  const std::string complaint = "`sharpwave " + command + "` needs --data-dir, the directory of a service";
  const auto directory = optional_path(result, "data-dir", complaint, command);
  if (!directory) usage_error(complaint, command);
  ServicePlace place;
  place.data_directory = *directory;
  place.url = optional_value<std::string>(result, "url");
  place.token = optional_path(result, "token", "--token takes the name of a file", command);
  place.ca = optional_path(result, "ca", "--ca takes the name of a file", command);
  return place;
}

}  // namespace

Command parse_analyze_logs(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(analyze_logs_options(), words, "analyze-logs");
  if (result.count("help") > 0) return HelpArguments{"analyze-logs"};
  if (result.count("files") == 0) usage_error("`sharpwave analyze-logs` needs a file", "analyze-logs");
  AnalyzeLogsArguments analyze;
  for (const std::string& file : result["files"].as<std::vector<std::string>>())
    analyze.files.push_back(file);
  analyze.since_ms = moment_of(result, "since");
  analyze.until_ms = moment_of(result, "until");
  if (analyze.since_ms && analyze.until_ms && *analyze.since_ms >= *analyze.until_ms)
    usage_error("--since is not before --until: nothing is between them", "analyze-logs");
  analyze.json = result.count("json") > 0;
  analyze.log = log_options(result);
  return analyze;
}

Command parse_diagnose(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(diagnose_options(), words, "diagnose");
  if (result.count("help") > 0) return HelpArguments{"diagnose"};
  DiagnoseArguments diagnose;
  diagnose.place = place_of(result, "diagnose");
  diagnose.strict = result.count("strict") > 0;
  diagnose.json = result.count("json") > 0;
  diagnose.log = log_options(result);
  return diagnose;
}

Command parse_debug_bundle(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(debug_bundle_options(), words, "debug-bundle");
  if (result.count("help") > 0) return HelpArguments{"debug-bundle"};
  DebugBundleArguments bundle;
  bundle.place = place_of(result, "debug-bundle");
  bundle.file = optional_path(result, "out", "--out takes the name of a file", "debug-bundle");
  bundle.force = result.count("force") > 0;
  bundle.log = log_options(result);
  return bundle;
}

}  // namespace sharpwave::cli
