#include "host/cli/operate/options.hpp"

#include <string_view>

namespace sharpwave::cli {
namespace {

constexpr std::string_view kAnalyzeLogsExamples = R"(
Reads log.jsonl of a service, of runs and of batches, a line after the other: the size of a file does not matter, and what
is no line of a log is counted and shown. MOMENT is 2026-01-31, 2026-01-31T09:30 or finer, in UTC; lines without a time are
left out where there is one. What counts as which sign stands in docs/formats/log_analysis_json.md.

The exit code is 4 where a file could not be read, else 0, whatever the logs say.

Examples:
  sharpwave analyze-logs data/log.jsonl
  sharpwave analyze-logs data/log.jsonl data/runs/*/log.jsonl --since 2026-01-31 --json
  sharpwave analyze-logs <(zcat log.jsonl.1.gz)
)";

constexpr std::string_view kDiagnoseExamples = R"(
Looks at ten things, in at most 30 seconds, and changes none: process, service, device, disk, WAL, memory, descriptors,
recent errors, response time, metrics. Each that is not well comes with what to do and where that is explained.

The exit code is that of the worst failure: 5 where the store is damaged, 6 for disk and memory, 7 for the device, 17 for the
others; 0 where there are warnings at most, unless --strict takes these for failures.

Examples:
  sharpwave diagnose --data-dir data
  sharpwave diagnose --data-dir data --token /etc/sharpwave/read.token --ca /etc/sharpwave/certificate.pem --json
)";

constexpr std::string_view kDebugBundleExamples = R"(
Collects in one archive, readable by its owner alone, what others need to find out what is wrong: the ends of logs, configs
of the last runs, metrics and status, the system, the process, the GPU. manifest.json in it says what is there, and what
could not be had and why. It takes at most 60 seconds.

Secrets are masked, and files of tokens and TLS keys are not looked at; --token is for asking the service alone. Look through
it all the same before it leaves your hands: messages and configs hold names and paths.

Examples:
  sharpwave debug-bundle --data-dir data
  sharpwave debug-bundle --data-dir data --out incident.tar.gz
)";

void add_service_place(cxxopts::Options& options) {
  options.add_options()                                                               //
      ("data-dir", "directory of the service", cxxopts::value<std::string>(), "DIR")  //
      ("url", "of the service, http://HOST:PORT or https:// (default: what service.json in DIR says)",
       cxxopts::value<std::string>(), "URL")                                                           //
      ("token", "file of the token that the service asks for", cxxopts::value<std::string>(), "FILE")  //
      ("ca", "certificates to trust instead of the system's, PEM; the service's own is one",
       cxxopts::value<std::string>(), "FILE");
}

}  // namespace

cxxopts::Options analyze_logs_options() {
  cxxopts::Options options("sharpwave analyze-logs", "Says what logs come to.\n");
  options.set_width(100).custom_help("FILE... [OPTION...]").positional_help("");
  options.add_options()                                                                //
      ("since", "lines from this moment on", cxxopts::value<std::string>(), "MOMENT")  //
      ("until", "lines before this moment", cxxopts::value<std::string>(), "MOMENT")   //
      ("json", "print JSON");
  add_log_level_and_help(options);
  options.add_options()("files", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("files");
  return options;
}

cxxopts::Options diagnose_options() {
  cxxopts::Options options("sharpwave diagnose",
                           "Says whether a service is well, and what to do where it is not.\n");
  options.set_width(100).custom_help("--data-dir DIR [OPTION...]").positional_help("");
  add_service_place(options);
  options.add_options()                                              //
      ("strict", "a warning counts as a failure for the exit code")  //
      ("json", "print JSON");
  add_log_level_and_help(options);
  return options;
}

cxxopts::Options debug_bundle_options() {
  cxxopts::Options options("sharpwave debug-bundle",
                           "Collects in one file what helps to find out what is wrong.\n");
  options.set_width(100).custom_help("--data-dir DIR [OPTION...]").positional_help("");
  add_service_place(options);
  options.add_options()  //
      ("out", "file to write (default: sharpwave-debug-TIME.tar.gz, here)", cxxopts::value<std::string>(),
       "FILE")  //
      ("force", "replace a file of that name");
  add_log_level_and_help(options);
  return options;
}

std::string operate_examples(const std::string& command) {
  if (command == "analyze-logs") return std::string(kAnalyzeLogsExamples);
  if (command == "diagnose") return std::string(kDiagnoseExamples);
  return std::string(kDebugBundleExamples);
}

}  // namespace sharpwave::cli
