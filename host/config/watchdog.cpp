// `watchdog`: what a run is watched for, and what is done then.
#include <algorithm>

#include "host/config/draft.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave::config {

WatchdogSpec read_watchdog(Context& context, const Node& node) {
  MapReader map(context, node, Section::watchdog, "watchdog");
  WatchdogSpec watchdog;
  for (std::size_t k = 0; k < kWatchdogSignCount; ++k) {
    const auto action = map.optional_choice(name_of(static_cast<WatchdogSign>(k)));
    for (std::size_t a = 0; action && a < kWatchdogActionCount; ++a)
      if (*action == name_of(static_cast<WatchdogAction>(a)))
        watchdog.actions[k] = static_cast<WatchdogAction>(a);
  }
  const auto window = [&](const char* key) {
    const double time_ms = map.number(key);
    const Node* at = node.find(key);
    const std::uint64_t steps = at == nullptr
                                    ? nearest_step(time_ms, context.dt_ms)
                                    : context.steps(time_ms, *at, std::string("watchdog.") + key).value_or(1);
    return std::max<std::uint64_t>(1, steps);
  };
  watchdog.bound_mV = map.optional_number("bound");
  watchdog.window_steps = window("window");
  watchdog.runaway_rate_Hz = map.optional_number("runaway_rate");
  watchdog.silent_window_steps = window("silent_window");
  watchdog.frozen_window_steps = window("frozen_window");
  watchdog.sparse_share = map.number("sparse_share");
  watchdog.anomaly_score = map.number("anomaly_score");
  watchdog.weight_gain = map.number("weight_gain");
  watchdog.input_gain = map.number("input_gain");
  watchdog.most_repairs = static_cast<int>(map.integer("most_repairs"));
  return watchdog;
}

}  // namespace sharpwave::config
