#include "host/operate/log_line.hpp"

#include <fmt/format.h>

#include <chrono>

#include "host/base/json.hpp"

namespace sharpwave::operate {
namespace {

/// Takes texts of the outermost object, and no more: what is nested may be as large as the line.
class LineParser final : public Json::json_sax_t {
 public:
  LogLine line;
  bool is_object = false;
  bool has_message = false;
  std::string level;
  std::string time;

  bool null() override { return leave(); }
  bool boolean(bool /*value*/) override { return leave(); }
  bool number_integer(number_integer_t /*value*/) override { return leave(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return leave(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return leave(); }
  bool binary(binary_t& /*value*/) override { return leave(); }
  bool string(string_t& value) override {
    if (depth_ == 1 && goal_ != nullptr) {
      has_message |= goal_ == &line.message;
      *goal_ = std::move(value);
    }
    return leave();
  }
  bool start_object(std::size_t /*n*/) override {
    is_object |= depth_ == 0;
    ++depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) goal_ = goal_of(name);
    return true;
  }
  bool end_object() override {
    --depth_;
    return leave();
  }
  bool start_array(std::size_t /*n*/) override {
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return leave();
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const Json::exception& /*error*/) override {
    return false;
  }

 private:
  bool leave() {
    if (depth_ == 1) goal_ = nullptr;
    return true;
  }
  std::string* goal_of(std::string_view name) {
    if (name == "time") return &time;
    if (name == "level") return &level;
    if (name == "module") return &line.module;
    if (name == "message") return &line.message;
    if (name == "family") return &line.family;
    if (name == "space") return &line.space;
    if (name == "trace") return &line.trace;
    return nullptr;
  }

  std::size_t depth_ = 0;
  std::string* goal_ = nullptr;
};

Level level_of(std::string_view name) {
  if (name == "trace") return Level::trace;
  if (name == "debug") return Level::debug;
  if (name == "info") return Level::info;
  if (name == "warning" || name == "warn") return Level::warning;
  if (name == "error" || name == "critical" || name == "fatal") return Level::error;
  return Level::other;
}

/// Takes a number of exactly `n_digits` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t n_digits) {
  if (text.size() < n_digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, n_digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(n_digits);
  return value;
}

bool take_character(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// Behind ':' or what else leads to it, two digits.
std::optional<int> take_part(std::string_view& text, char before, int most) {
  if (!take_character(text, before)) return std::nullopt;
  const std::optional<int> value = take_digits(text, 2);
  return value && *value <= most ? value : std::nullopt;
}

/// ms of what is behind ".", as far as it has them.
std::optional<int> take_fraction(std::string_view& text) {
  int ms = 0;
  int scale = 100;
  std::size_t n_digits = 0;
  for (; n_digits < text.size() && text[n_digits] >= '0' && text[n_digits] <= '9'; ++n_digits, scale /= 10)
    ms += scale * (text[n_digits] - '0');
  if (n_digits == 0 || n_digits > 9) return std::nullopt;
  text.remove_prefix(n_digits);
  return ms;
}

std::optional<std::int64_t> time_of_day_ms(std::string_view text) {
  const std::optional<int> hour = take_part(text, 'T', 23);
  const std::optional<int> minute = take_part(text, ':', 59);
  if (!hour || !minute) return std::nullopt;
  std::int64_t ms = (*hour * 60LL + *minute) * 60'000;
  if (text.starts_with(':')) {
    const std::optional<int> second = take_part(text, ':', 60);  // 60: a leap second
    if (!second) return std::nullopt;
    ms += *second * 1000LL;
    if (take_character(text, '.')) {
      const std::optional<int> fraction = take_fraction(text);
      if (!fraction) return std::nullopt;
      ms += *fraction;
    }
  }
  static_cast<void>(take_character(text, 'Z'));
  return text.empty() ? std::optional(ms) : std::nullopt;
}

}  // namespace

const char* name_of(Level level) {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
    case Level::other:
      return "other";
  }
  return "other";
}

LineOutcome read_log_line(std::string_view text) {
  LineParser parser;
  if (!Json::sax_parse(text, &parser)) return {std::nullopt, "no JSON"};
  if (!parser.is_object) return {std::nullopt, "no JSON object"};
  if (!parser.has_message) return {std::nullopt, "an object without a text 'message'"};
  parser.line.level = level_of(parser.level);
  parser.line.time_ms = parse_time(parser.time);
  return {std::move(parser.line), {}};
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const std::optional<int> year = take_digits(text, 4);
  const std::optional<int> month = take_part(text, '-', 12);
  const std::optional<int> day = take_part(text, '-', 31);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::chrono::milliseconds midnight = std::chrono::sys_days(date).time_since_epoch();
  if (text.empty()) return midnight.count();
  const std::optional<std::int64_t> of_day = time_of_day_ms(text);
  return of_day ? std::optional(midnight.count() + *of_day) : std::nullopt;
}

std::string time_text(std::int64_t time_ms) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> time{milliseconds(time_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace sharpwave::operate
