// The config reader, from text to plan. Input: a config; the lines from the first on that begins with `--set
// ` are overrides. The files that it can name lie in its folder: `spikes.txt` and `rates.txt`.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "host/config/config.hpp"
#include "host/engine/engine.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::fuzz {
namespace {

constexpr const char* kName = "net.yaml";
constexpr std::string_view kSet = "--set ";

struct Input {
  std::string config;
  std::vector<Override> overrides;
};

Input split(std::string_view bytes) {
  Input input;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end);
    if (line.starts_with(kSet)) {
      const auto read = [&] { return parse_override(line.substr(kSet.size())); };
      try {
        input.overrides.push_back(read());
      } catch (const Error& error) {
        require(error.code() == ExitCode::usage, "another code than that of a wrong argument", error.what());
      }
    } else if (input.overrides.empty()) {
      input.config += line;
    }
  }
  return input;
}

/// The folder of the config, which this process works in, so that no other file is found by a relative name.
const std::filesystem::path& folder() {
  static const test::TemporaryFolder folder;
  static const bool ready = [] {
    unsetenv("SHARPWAVE_DATA");
    test::write_text(folder / "spikes.txt", "0 1.5\n1 2\n");
    test::write_text(folder / "rates.txt", "0 5\n10 7.5\n");
    std::filesystem::current_path(folder.path());
    return true;
  }();
  require(ready, "no folder");
  return folder.path();
}

void check(const ConfigError& error, const Input& input) {
  const auto n_lines = 1 + std::count(input.config.begin(), input.config.end(), '\n');
  require(!error.diagnostics().empty(), "an error without a fault");
  for (const Diagnostic& fault : error.diagnostics()) {
    const std::string text = to_string(fault);
    require(!fault.expected.empty(), "no expectation", text);
    const bool in_config = fault.file == kName && fault.expected != "fewer at once";
    require(!in_config || (fault.line >= 1 && fault.line <= n_lines && fault.column >= 1),
            "no place in the text", text);
  }
}

std::optional<ModelSpec> read(const Input& input, std::string& message) {
  Outcome<ModelSpec> outcome = outcome_of([&] {
    try {
      std::vector<Diagnostic> warnings;
      return load_config_text(input.config, kName, input.overrides, &warnings, folder());
    } catch (const ConfigError& error) {
      check(error, input);
      throw;
    }
  });
  message = std::move(outcome.message);
  return std::move(outcome.value);
}

/// What everything behind the reader takes for granted.
void check(const ModelSpec& spec) {
  require(!spec.populations.empty(), "accepted without a population");
  require(spec.simulation.dt_ms > 0 && spec.simulation.steps > 0, "accepted without a step");
  const auto inside = [&](const Slice& slice) {
    require(slice.population < spec.populations.size() && slice.stride > 0 && slice.size() > 0 &&
                slice.stop <= spec.populations[slice.population].size,
            "a slice that is not there");
  };
  std::set<std::string> names;
  for (const ProjectionSpec& projection : spec.projections) {
    inside(projection.source);
    inside(projection.target);
    require(names.insert(projection.name).second, "a name twice", projection.name);
  }
  for (const InputSpec& input : spec.inputs) inside(input.target);
  for (const Slice& slice : spec.record_spikes) inside(slice);
  for (const ReportSpec& report : spec.reports) inside(report.slice);
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  const Input input = split(text_of(data, size));
  std::string message;
  std::string second_message;
  const std::optional<ModelSpec> spec = read(input, message);
  const std::optional<ModelSpec> again = read(input, second_message);
  require(message == second_message && (!spec || spec->config_digest == again->config_digest),
          "another result the second time", message + "\n" + second_message);
  if (!spec) return 0;
  check(*spec);
  outcome_of([&] { return plan_network(*spec, 2); });
  return 0;
}
