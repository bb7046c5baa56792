#include "host/bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/bench/kinds.hpp"
#include "host/bench/program_runs.hpp"
#include "host/bench/pulses.hpp"
#include "host/config/config.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/plastic_rows.hpp"
#include "host/run/version.hpp"

namespace sharpwave::bench {
namespace {

class Bench {
 public:
  explicit Bench(const MeasureOptions& options)
      : options_(options), runs_([&options](std::string_view name) {
          return name == kPulseConfig ? pulse_config() : options.config_text(name);
        }) {}

  Report run() {
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
  void add(const Case& c, int threads, int repeat) {
    const std::string label = label_of(c.name, threads);
    const std::vector<std::string> overrides = overrides_of(c);
    Result result = measure_once(runs_, c, overrides, threads, label);
    result.name = c.name;
    result.overrides = overrides;
    if (result.device == "cpu") count_plastic_synapses(c, overrides, result);
    options_.progress(label, repeat, result.repeats.front().wall_s);
    if (result.device == "cpu") measure_limits(result);
    runs_.stop_where_asked();
    for (const auto& [key, other] : results_)
      if (key.first == c.name) require_the_same(label, result, other);
    const auto [place, first] = results_.try_emplace({c.name, threads}, result);
    if (!first) place->second.add(std::move(result));
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

  /// As planned, which is what is allocated.
  void count_plastic_synapses(const Case& c, const std::vector<std::string>& overrides,
                              Result& result) const {
    const ModelSpec spec =
        load_config_text(runs_.config_text(c.config), std::string(c.config), parse_overrides(overrides));
    for (const ProjectionSpec& p : spec.projections) {
      if (!p.plasticity) continue;
      const double n = expected_synapses(p);
      const NetworkShape shape = choose_shape(spec, result.threads);
      result.plastic_synapses += n;
      result.plastic_bytes += n * bytes_per_plastic_synapse(p, spec.simulation.dt_ms, shape);
    }
  }

  static void measure_limits(Result& result) {
    ThreadPool pool(result.threads);
    result.repeats.front().read_pass_s = read_pass_s(pool, std::max<std::uint64_t>(result.synapse_bytes, 1));
    result.repeats.front().copy_bytes_per_s = copy_bytes_per_s(pool);
  }

  const MeasureOptions& options_;
  ProgramRuns runs_;
  std::map<std::pair<std::string_view, int>, Result> results_;
};

}  // namespace

Report measure(const MeasureOptions& options) {
  return Bench(options).run();
}

}  // namespace sharpwave::bench
