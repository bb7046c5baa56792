// What tests of the command line look for in texts.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/cli/command_line.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::cli {

inline void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in:\n" << text;
}

/// What is said of words that are no command line.
inline std::string usage_message(const std::vector<std::string>& words) {
  return test::refusal_of(ExitCode::usage, [&] { static_cast<void>(parse_command_line(words)); });
}

}  // namespace sharpwave::cli
