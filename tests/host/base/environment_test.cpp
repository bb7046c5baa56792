#include "host/base/environment.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/refusals.hpp"

namespace sharpwave {
namespace {

constexpr const char* kVariable = "SHARPWAVE_TEST_CHOICE";

class Environment : public ::testing::Test {
 protected:
  void TearDown() override { unsetenv(kVariable); }
  static std::string choice() { return choice_in_environment(kVariable, "left", "right"); }
};

TEST_F(Environment, NothingIsChosenWhereAVariableIsNotSetOrEmpty) {
  EXPECT_EQ(choice(), "");
  setenv(kVariable, "", 1);
  EXPECT_EQ(choice(), "");
}

TEST_F(Environment, OneOfTwoIsChosenAndAllElseRefused) {
  for (const char* value : {"left", "right"}) {
    setenv(kVariable, value, 1);
    EXPECT_EQ(choice(), value);
  }
  for (const char* value : {"Left", "left ", "le", "both"}) {
    setenv(kVariable, value, 1);
    EXPECT_EQ(test::refusal_of(ExitCode::usage, choice),
              std::string("SHARPWAVE_TEST_CHOICE: read '") + value + "', expected left or right");
  }
}

}  // namespace
}  // namespace sharpwave
