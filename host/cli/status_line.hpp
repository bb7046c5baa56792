// One line on stderr that says how something goes on.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace sharpwave::cli {

/// Rewritten on a terminal, now and then a line of the log elsewhere.
class StatusLine {
 public:
  enum class Style { silent, lines, terminal };

  /// Progress is due an interval from now.
  explicit StatusLine(Style style) : style_(style) {}

  [[nodiscard]] Style style() const { return style_; }

  void say(const std::string& text);
  /// Removes a line that is still on the terminal, so that other output starts on an empty one.
  void clear();

  /// Is it time to say how far it is? True once an interval.
  [[nodiscard]] bool is_due();
  /// The next interval begins now.
  void begin_interval() { since_ = std::chrono::steady_clock::now(); }
  /// Columns that the text may have; 0: no limit.
  [[nodiscard]] std::size_t width() const;

 private:
  Style style_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

/// What suits stderr.
[[nodiscard]] StatusLine::Style status_style(bool quiet);

}  // namespace sharpwave::cli
