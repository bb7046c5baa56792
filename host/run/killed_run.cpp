#include "host/run/killed_run.hpp"

#include <limits>
#include <utility>

#include "host/network/step_times.hpp"
#include "host/run/recorded_files.hpp"
#include "host/run/recording_format.hpp"
#include "host/run/run_lock.hpp"
#include "host/run/summary.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

bool was_killed(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / recording::kFileName, ignored) &&
         !fs::exists(directory / "run.json", ignored);
}

RunSummary summary_of(const RecordedFiles& recorded) {
  RunSummary s = recorded.header.run;
  const std::uint64_t steps = recorded.end.last_step - recorded.header.warm_up_steps;
  s.simulated_ms = time_of_step_ms(steps, s.dt_ms);
  s.wall_s = kUnknown;
  s.real_time_factor = kUnknown;
  s.interrupted = true;
  s.killed = true;
  count_spikes(s, steps, recorded.spikes);
  for (RunSummary::Population& population : s.populations)
    if (population.recorded < population.size) population.rate_Hz = kUnknown;
  return s;
}

}  // namespace

std::optional<RecoveredRun> recover_killed_run(const fs::path& directory) {
  if (!was_killed(directory)) return {};
  const RunLock lock(directory);
  if (!was_killed(directory)) return {};  // it ended well just now
  RecordedFiles recorded = write_recorded_files(directory / recording::kFileName, directory);
  const RunSummary summary = summary_of(recorded);
  RecoveredRun run{.recorded_ms = summary.simulated_ms,
                   .planned_ms = time_of_step_ms(recorded.header.steps, summary.dt_ms),
                   .end = std::move(recorded.end),
                   .files = std::move(recorded.files)};
  run.files.insert(run.files.begin(), directory / "run.json");
  write_run_json(run.files.front(), summary);
  return run;
}

}  // namespace sharpwave
