#include "host/operate/metrics_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "host/operate/message_pattern.hpp"

namespace sharpwave::operate {
namespace {

bool is_of_a_name(char c, bool is_first) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  return is_letter || (!is_first && c >= '0' && c <= '9');
}

std::string_view front_name(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_of_a_name(text[n], n == 0)) ++n;
  return text.substr(0, n);
}

void drop_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// Takes "{...}" from the front: values are quoted, and a quote in them has a backslash before it.
std::optional<std::string_view> take_labels(std::string_view& text) {
  bool is_quoted = false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (is_quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && text[at] == '}') {
      const std::string_view labels = text.substr(1, at - 1);
      text.remove_prefix(at + 1);
      return labels;
    }
  }
  return std::nullopt;
}

std::optional<double> metric_value(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || text.empty() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

/// @return what was expected; empty where the line is a sample.
const char* take_sample(std::string_view line, Metrics& metrics) {
  const std::string_view name = front_name(line);
  if (name.empty()) return "the name of a metric";
  line.remove_prefix(name.size());
  MetricSample sample;
  if (line.starts_with('{')) {
    const auto labels = take_labels(line);
    if (!labels) return "labels that end in '}'";
    sample.labels = *labels;
  }
  drop_blanks(line);
  const auto value = metric_value(line.substr(0, line.find_first_of(" \t")));
  if (!value) return "a number behind the name";
  sample.value = *value;
  metrics.samples[std::string(name)].push_back(std::move(sample));
  return "";
}

void take_comment(std::string_view line, Metrics& metrics) {
  constexpr std::string_view kType = "# TYPE ";
  if (line.starts_with(kType)) metrics.declared.emplace(front_name(line.substr(kType.size())));
}

}  // namespace

std::optional<double> Metrics::value_of(const std::string& name) const {
  const auto found = samples.find(name);
  if (found == samples.end() || std::isnan(found->second.front().value)) return std::nullopt;
  return found->second.front().value;
}

std::optional<double> Metrics::largest_of(const std::string& name) const {
  std::optional<double> largest;
  const auto found = samples.find(name);
  if (found == samples.end()) return largest;
  for (const MetricSample& sample : found->second)
    if (!std::isnan(sample.value)) largest = std::max(largest.value_or(sample.value), sample.value);
  return largest;
}

MetricsOutcome parse_metrics(std::string_view text) {
  Metrics metrics;
  for (std::size_t begin = 0, number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin = end + 1;
    drop_blanks(line);
    if (line.empty()) continue;
    if (line.starts_with('#')) {
      take_comment(line, metrics);
      continue;
    }
    const std::string_view expected = take_sample(line, metrics);
    if (!expected.empty())
      return {std::nullopt, "line " + std::to_string(number) + ": read '" + one_line(line, 80) +
                                "', expected " + std::string(expected)};
  }
  if (metrics.samples.empty()) return {std::nullopt, "there is no metric in it"};
  return {std::move(metrics), {}};
}

const std::vector<std::string>& essential_metrics() {
  static const std::vector<std::string> names{"sharpwave_build_info",
                                              "sharpwave_ready",
                                              "sharpwave_draining",
                                              "sharpwave_http_requests_total",
                                              "sharpwave_http_connections",
                                              "sharpwave_breaker_open",
                                              "sharpwave_memory_sequence",
                                              "sharpwave_memory_synced_sequence",
                                              "sharpwave_runs",
                                              "sharpwave_disk_free_bytes",
                                              "sharpwave_disk_size_bytes",
                                              "process_resident_memory_bytes",
                                              "process_open_fds",
                                              "process_max_fds",
                                              "process_start_time_seconds"};
  return names;
}

}  // namespace sharpwave::operate
