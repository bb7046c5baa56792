#include "host/cli/profile_table.hpp"

#include <fmt/format.h>

#include "host/cli/format.hpp"

namespace sharpwave::cli {
std::string profile_table(const bench::RunProfile& profile) {
  const auto row = [](std::string_view phase, std::string_view seconds, std::string_view share,
                      std::string_view times) {
    return fmt::format("{}{}{}{}\n", left(phase, 16), right(seconds, 10), right(share, 9), right(times, 14));
  };
  std::string text = fmt::format("\n{}", row("phase", "seconds", "share", "times"));
  for (const bench::RunProfile::PhaseShare& phase : profile.phases)
    text += row(phase.name, fmt::format("{:.3f}", phase.seconds), fmt::format("{:.1f} %", 100 * phase.share),
                phase.count ? grouped(*phase.count) : std::string());
  text += "\n";
  text += labelled(profile.steps.single ? "a step" : "a step (means)",
                   fmt::format("p50 {:.1f} us, p95 {:.1f} us, p99 {:.1f} us, of {}", profile.steps.p50_us,
                               profile.steps.p95_us, profile.steps.p99_us, grouped(profile.steps.n)));
  text += labelled("events", fmt::format("{} synaptic events, {:.3g} a second",
                                         grouped(profile.synaptic_events), profile.events_per_s));
  if (profile.limits)
    text += labelled("the machine",
                     fmt::format("{:.1f} % of the bytes a second that it copies; {:.2f} times as long as "
                                 "reading the delivered synapses",
                                 100 * profile.limits->share_of_copy, profile.limits->times_read_pass));
  return text;
}

}  // namespace sharpwave::cli
