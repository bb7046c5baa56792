// What `GET /metrics` says (docs/formats/metrics.md), read again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sharpwave::operate {

struct MetricSample {
  std::string labels;  ///< as they stand between the braces
  double value = 0;    ///< NaN and infinities as they are
};

struct Metrics {
  std::map<std::string, std::vector<MetricSample>> samples;
  std::set<std::string> declared;  ///< by `# TYPE`

  [[nodiscard]] bool knows(const std::string& name) const {
    return samples.contains(name) || declared.contains(name);
  }
  /// Of the first sample; none where there is none, or where it is NaN.
  [[nodiscard]] std::optional<double> value_of(const std::string& name) const;
  /// The largest of all samples, likewise.
  [[nodiscard]] std::optional<double> largest_of(const std::string& name) const;
};

/// @return what stands in Prometheus' text format, or with `fault` the first line that is none.
struct MetricsOutcome {
  std::optional<Metrics> metrics;
  std::string fault;  ///< "line 3: read '...', expected ..."
};
[[nodiscard]] MetricsOutcome parse_metrics(std::string_view text);

/// Of the names of docs/formats/metrics.md those without which nobody can tell how a service is.
[[nodiscard]] const std::vector<std::string>& essential_metrics();

}  // namespace sharpwave::operate
