#include "host/cli/status_line.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "host/cli/log.hpp"
#include "host/cli/terminal.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval{80};
constexpr std::chrono::seconds kLineInterval{5};

}  // namespace

void StatusLine::say(const std::string& text) {
  if (style_ == Style::lines) log_of(Module::run).info(text);
  if (style_ != Style::terminal) return;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  is_shown_ = true;
}

void StatusLine::clear() {
  if (!is_shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  is_shown_ = false;
}

bool StatusLine::is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now - since_ < (style_ == Style::terminal ? kTerminalInterval : kLineInterval)) return false;
  since_ = now;
  return true;
}

std::size_t StatusLine::width() const {
  return style_ == Style::terminal ? terminal_columns(stderr) - 1 : 0;
}

StatusLine::Style status_style(bool quiet) {
  if (quiet) return StatusLine::Style::silent;
  return is_terminal(stderr) ? StatusLine::Style::terminal : StatusLine::Style::lines;
}

}  // namespace sharpwave::cli
