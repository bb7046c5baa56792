// What an operation that is refused says.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/base/error.hpp"

namespace sharpwave::test {

/// What the Error that `function` throws says, which has to be of that kind; empty where it throws none.
std::string refusal_of(ExitCode kind, const auto& function) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), kind) << error.what();
    return error.what();
  }
  return "";
}

/// The kind of the Error that `function` throws; ok where it throws none.
ExitCode code_of(const auto& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::ok;
}

}  // namespace sharpwave::test
