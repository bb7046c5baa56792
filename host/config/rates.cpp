// Values over time. Rates: a number, two lists, or a file.
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/sha256.hpp"
#include "host/config/draft.hpp"
#include "host/io/text_file.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave::config {
namespace {

/// The largest rate of which counts are drawn.
double most_rate(const Context& context, double scale) {
  return kPoissonMaxMean / (context.dt_ms * 1e-3) / scale;
}

std::string at_most(const Context& context, double scale) {
  return "at most " + plain(most_rate(context, scale)) + " Hz: " + plain(kPoissonMaxMean) +
         " events a step of " + plain(context.dt_ms) + " ms";
}

struct Field {
  std::string_view text;
  int column = 0;  ///< from 1
};

/// What stands between blanks, or between commas with or without blanks around them; nothing between two
/// commas is an empty field.
std::vector<Field> split(std::string_view line) {
  std::vector<Field> fields;
  const auto column = [](std::size_t i) { return static_cast<int>(i) + 1; };
  bool after_comma = true;
  for (std::size_t i = line.find_first_not_of(" \t\r"); i < line.size();
       i = line.find_first_not_of(" \t\r", i)) {
    if (line[i] == ',') {
      if (after_comma) fields.push_back({{}, column(i)});
      after_comma = true;
      ++i;
      continue;
    }
    const std::size_t end = std::min(line.find_first_of(" \t\r,", i), line.size());
    fields.push_back({line.substr(i, end - i), column(i)});
    after_comma = false;
    i = end;
  }
  if (after_comma && !fields.empty()) fields.push_back({{}, column(line.size())});
  return fields;
}

/// A file of values over time, line by line; every fault is noted at its place there.
class TimedFile {
 public:
  TimedFile(Context& context, const Node& node, std::string path, std::string name, const TimedColumn& column)
      : context_(context), node_(node), path_(std::move(path)), name_(std::move(name)), column_(column) {}

  TimedValues read(std::string_view text) {
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      const std::string_view line = text.substr(start, end - start);
      ++line_;
      read_line(split(line.substr(0, line.find('#'))));
      start = end + 1;
    }
    if (n_lines_ == 0)
      context_.fault(node_, path_, "a file with a line of time and " + column_.name + " at least");
    return std::move(values_);
  }

 private:
  void fault(const Field& at, std::string read, std::string expected) {
    context_.fault_in_file(node_.position,
                           {name_, line_, at.column, path_, std::move(read), std::move(expected), ""});
  }

  void read_line(const std::vector<Field>& fields) {
    if (fields.empty()) return;
    if (fields.size() != 2)
      return fault(fields[0], std::to_string(fields.size()) + " fields",
                   "two: time in ms and " + column_.name_and_unit);
    const auto time_ms = parse_number(fields[0].text);
    const auto value = parse_number(fields[1].text);
    const bool is_header = n_lines_ == 0 && !has_header_ && !time_ms && !value;
    if (is_header) {
      has_header_ = true;
      return;
    }
    ++n_lines_;
    const bool good_time = check_time(fields[0], time_ms);
    const auto expected = column_.expected_instead_of(value);
    if (expected) fault(fields[1], in_quotes(fields[1].text), *expected);
    if (!good_time || expected) return;
    values_.times_ms.push_back(*time_ms);
    values_.values.push_back(*value);
  }

  bool check_time(const Field& field, std::optional<double> time_ms) {
    const auto refused = [&](const std::string& expected) {
      fault(field, in_quotes(field.text), expected);
      return false;
    };
    const std::optional<double> before = std::exchange(last_time_ms_, time_ms);
    if (!time_ms || *time_ms < 0) return refused("a time >= 0 ms");
    if (n_lines_ == 1 && column_.from_0 && *time_ms != 0) return refused("0 as the first time");
    if (!column_.from_0 && *time_ms == 0) return refused("a time > 0 ms");
    if (before && !(*time_ms > *before)) return refused("a time later than the one before it");
    const double in_steps = *time_ms / context_.dt_ms;
    if (!(in_steps < static_cast<double>(kExactSteps)) || !on_grid(in_steps))
      return refused("a multiple of dt = " + plain(context_.dt_ms) + " ms, fewer than 2^52 of it");
    return true;
  }

  Context& context_;
  const Node& node_;
  std::string path_;
  std::string name_;
  const TimedColumn& column_;
  TimedValues values_;
  int line_ = 0;
  bool has_header_ = false;
  std::size_t n_lines_ = 0;  // with a time and a value
  std::optional<double> last_time_ms_;
};

PiecewiseRate read_rate_file(Draft& draft, MapReader& map, double scale) {
  TimedValues read = read_timed_file(
      draft, map, "file",
      {.name = "rate",
       .name_and_unit = "rate in Hz",
       .from_0 = true,
       .expected_instead_of = [&](std::optional<double> rate_Hz) -> std::optional<std::string> {
         if (!rate_Hz || !(*rate_Hz >= 0)) return "a rate >= 0 Hz";
         if (*rate_Hz > most_rate(draft.context, scale)) return at_most(draft.context, scale);
         return std::nullopt;
       }});
  if (read.times_ms.empty()) return {};
  return {std::move(read.times_ms), std::move(read.values)};
}

PiecewiseRate read_pieces(MapReader& map, double scale) {
  Context& context = map.context();
  const Node* times = map.require("times");
  const Node* rates = map.require("rates");
  if (times == nullptr || rates == nullptr) return {};
  const auto read_times = context.numbers(*times, map.path_of("times"), map.info("times"));
  const auto read_rates = context.numbers(*rates, map.path_of("rates"), map.info("rates"));
  check_ascending(context, *times, map.path_of("times"), read_times);
  const std::string times_path = map.path_of("times");
  for (std::size_t i = 0; i < read_times.size(); ++i)
    static_cast<void>(context.steps(read_times[i], times->children[i], times_path));
  if (!read_times.empty() && read_times[0] != 0)
    context.fault(*times, map.path_of("times"), "0 as the first");
  if (times->children.size() != rates->children.size() || times->children.empty()) {
    context.fault(*rates, map.path_of("rates"), "as many rates as times, at least one");
    return {};
  }
  const double most_Hz = most_rate(context, scale);
  for (std::size_t i = 0; i < read_rates.size(); ++i)
    if (read_rates[i] > most_Hz)
      context.fault(rates->children[i], map.path_of("rates") + "[" + std::to_string(i) + "]",
                    at_most(context, scale));
  if (read_times.empty() || read_rates.empty()) return {};
  return {read_times, read_rates};
}

}  // namespace

TimedValues read_timed_file(Draft& draft, MapReader& map, std::string_view key, const TimedColumn& column) {
  const auto path = find_file(draft, map, key);
  if (!path || draft.context.stopped()) return {};
  try {
    const std::string text = read_text_file(*path, kLargestFileBytes);
    // By length: the largest file may be read once or twice, a small one for many targets.
    constexpr std::uint64_t kBytesPerValue = 64;
    if (!draft.context.may_read(*map.find(key), map.path_of(key), 1 + text.size() / kBytesPerValue))
      return {};
    draft.file_digests.push_back(to_hex(sha256(text)));
    return TimedFile(draft.context, *map.find(key), map.path_of(key), path->string(), column).read(text);
  } catch (const Error& error) {
    map.fault(key, "a readable file of " + column.name + "s", error.what());
    return {};
  }
}

PiecewiseRate read_rate(Draft& draft, const Node& node, const std::string& path, const KeyInfo& key,
                        double scale) {
  Context& context = draft.context;
  if (!node.is_map()) {
    PiecewiseRate rate;
    rate.rates_Hz[0] = context.number(node, path, key).value_or(0);
    if (rate.rates_Hz[0] > most_rate(context, scale)) context.fault(node, path, at_most(context, scale));
    return rate;
  }
  MapReader map(context, node, Section::piecewise_rate, path, "not beside a file");
  return map.has("file") ? read_rate_file(draft, map, scale) : read_pieces(map, scale);
}

}  // namespace sharpwave::config
