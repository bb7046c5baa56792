#include "host/bench/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sharpwave::bench {
namespace {

// Bytes a synapse do not depend on chance; threads change them.
constexpr double kSameBytes = 0.005;

class Comparer {
 public:
  Comparer(const Report& report, const Baseline& baseline, double tolerance)
      : same_machine_(report.machine.processor == baseline.processor &&
                      report.machine.allowed == baseline.allowed),
        tolerance_(tolerance) {}

  Finding compare(const Result& now, const BaselineResult& before) {
    finding_ = {.worse = false, .text = label_of(now.name, now.threads) + ":"};
    if (now.config_digest != before.config_digest) {
      finding_.text += " another network or other settings than before; not compared";
      return finding_;
    }
    finding_.compared = true;
    if (now.spike_digest != before.spike_digest) {
      worse("OTHER SPIKES than before");
      return finding_;
    }
    if (same_machine_) {
      compare("time", now.wall_s(), before.wall_s);
      compare("construction", now.construction_s(), before.construction_s);
    } else if (now.times_read_pass() && before.times_read_pass) {
      compare("time over the read-only pass", *now.times_read_pass(), *before.times_read_pass);
    }
    compare("memory", now.peak_memory_bytes(), before.peak_memory_bytes);
    if (now.bytes_per_synapse() > before.bytes_per_synapse * (1 + kSameBytes))
      worse(fmt::format("{:.2f} bytes a synapse, before {:.2f}", now.bytes_per_synapse(),
                        before.bytes_per_synapse));
    for (const Figure& figure : now.figures) compare(figure, before);
    if (now.noisy() || before.noisy)
      finding_.text += fmt::format(" ({} noisy)", !before.noisy ? "this one"
                                                  : now.noisy() ? "both"
                                                                : "the earlier one");
    return finding_;
  }

 private:
  void compare(std::string_view what, const Range& now, const Range& before,
               Figure::Better better = Figure::Better::less) {
    if (!(now.median > 0 && before.median > 0)) {
      finding_.text += fmt::format(" {} unknown;", what);
      return;
    }
    const double ratio = now.median / before.median;
    const bool grown = now.median > before.median * (1 + tolerance_) && now.min > before.max;
    const bool shrunk = now.median * (1 + tolerance_) < before.median && now.max < before.min;
    const bool is_worse = better == Figure::Better::less ? grown : shrunk;
    finding_.text += fmt::format(" {} x {:.2f}{}", what, ratio, is_worse ? " WORSE;" : ";");
    finding_.worse |= is_worse;
  }
  /// Of another machine only where it can be compared between them.
  void compare(const Figure& figure, const BaselineResult& before) {
    if (figure.of_machine && !same_machine_) return;
    const auto same = std::ranges::find(before.figures, figure.name, &std::pair<std::string, Range>::first);
    const Range then = same == before.figures.end() ? Range() : same->second;
    compare(figure.name, range_of(figure.values), then, figure.better);
  }
  void worse(const std::string& text) {
    finding_.text += " " + text + " WORSE;";
    finding_.worse = true;
  }

  bool same_machine_;
  double tolerance_;
  Finding finding_;
};

}  // namespace

std::vector<Finding> compare(const Report& report, const Baseline& baseline, double tolerance) {
  std::vector<Finding> findings;
  Comparer comparer(report, baseline, tolerance);
  for (const Result& now : report.results) {
    const auto before =
        std::find_if(baseline.results.begin(), baseline.results.end(), [&](const BaselineResult& candidate) {
          return candidate.name == now.name && candidate.threads == now.threads &&
                 candidate.device == now.device;
        });
    if (before != baseline.results.end())
      findings.push_back(comparer.compare(now, *before));
    else
      findings.push_back(
          {.worse = false, .text = label_of(now.name, now.threads) + ": not in the baseline on this device"});
  }
  return findings;
}

}  // namespace sharpwave::bench
