#include <fmt/format.h>

#include <chrono>

#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/operate/surroundings.hpp"
#include "host/operate/diagnosis.hpp"
#include "host/operate/log_analysis.hpp"

namespace sharpwave::cli {
namespace {

void print_diagnosis(const operate::Diagnosis& diagnosis, const operate::Observations& seen) {
  if (seen.place) fmt::print("{}\n", printable(operate::url_of(*seen.place)));
  for (const operate::Check& check : diagnosis.checks) {
    fmt::print("{}{}{}\n", left(operate::name_of(check.state), 9), left(check.name, 15),
               printable(check.found));
    if (check.action.empty()) continue;
    fmt::print("{}do: {}\n{}see {}\n", left("", 24), printable(check.action), left("", 24),
               operate::common_issue(check.anchor));
  }
  fmt::print("worst: {}\n", operate::name_of(diagnosis.worst()));
}

}  // namespace

operate::Surroundings surroundings_of(const ServicePlace& place) {
  return {.data_directory = place.data_directory,
          .url = place.url,
          .token = place.token,
          .ca = place.ca,
          .program = "/proc/self/exe"};
}

ExitCode diagnose_command(const DiagnoseArguments& arguments) {
  set_up_log(arguments.log, "info");
  const auto begin = std::chrono::steady_clock::now();
  const operate::Observations seen = operate::observe(surroundings_of(arguments.place));
  const operate::Diagnosis diagnosis = operate::diagnose(seen);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (arguments.json)
    fmt::print("{}\n", operate::diagnosis_json(diagnosis, seen, arguments.place.data_directory.string(),
                                               seconds, arguments.strict)
                           .dump(2));
  else
    print_diagnosis(diagnosis, seen);
  return diagnosis.code(arguments.strict);
}

}  // namespace sharpwave::cli
