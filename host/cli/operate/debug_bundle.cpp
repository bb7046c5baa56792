#include "host/operate/debug_bundle.hpp"

#include <fmt/format.h>

#include <chrono>

#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/operate/surroundings.hpp"
#include "host/operate/log_line.hpp"
#include "host/run/version.hpp"

namespace sharpwave::cli {
namespace {

/// "sharpwave-debug-2026-01-31T09-30-00Z.tar.gz": no colon, which some file systems do not have.
std::string default_bundle_name() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  std::string time =
      operate::time_text(std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
  for (char& c : time)
    if (c == ':') c = '-';
  return "sharpwave-debug-" + time.substr(0, time.find('.')) + "Z.tar.gz";
}

}  // namespace

ExitCode debug_bundle_command(const DebugBundleArguments& arguments) {
  set_up_log(arguments.log, "info");
  const std::filesystem::path file = arguments.file.value_or(default_bundle_name());
  refuse_to_replace(file, arguments.force);
  const operate::BundleReport report =
      operate::write_debug_bundle(surroundings_of(arguments.place), file, version());
  std::uint64_t n_bytes = 0;
  for (const operate::BundleReport::Entry& entry : report.entries) n_bytes += entry.bytes;
  fmt::print("{}: {} entries, {} before compression, in {}\n", printable(file.string()),
             report.entries.size(), bytes(n_bytes), duration(report.seconds));
  for (const operate::BundleReport::Missing& one : report.missing)
    fmt::print("not there: {}: {}\n", one.name, one.why);
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
