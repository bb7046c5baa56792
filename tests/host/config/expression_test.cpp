#include "host/config/expression.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <string>

namespace sharpwave::config {
namespace {

TEST(Expression, Arithmetic) {
  Parameters parameters;
  parameters.define("K", "1600");
  parameters.define("rate", "${8 * K}");
  EXPECT_EQ(parameters.evaluate("rate + 1").value, 12801);
  EXPECT_EQ(parameters.evaluate("-(2 + 3) * 4 / 8").value, -2.5);
  EXPECT_EQ(parameters.evaluate("max(1, sqrt(16), 3) - min(2, abs(-1.5))").value, 2.5);
  EXPECT_EQ(parameters.evaluate("round(2.5) + floor(-0.5) + ceil(0.2)").value, 3);
  EXPECT_EQ(parameters.evaluate("2 * pi").value, 2 * std::numbers::pi);
  EXPECT_EQ(parameters.evaluate("1.5e3").value, 1500);
}

// muparser's optimiser would turn this into x * 1 and lose what rounding makes of it.
TEST(Expression, IsEvaluatedAsItIsWritten) {
  Parameters parameters;
  parameters.define("x", "1");
  EXPECT_EQ(parameters.evaluate("(x * 0.1 + x * 0.2) - 0.3").value, (0.1 + 0.2) - 0.3);
}

TEST(Expression, NothingButArithmetic) {
  Parameters parameters;
  parameters.define("x", "1");
  for (const std::string text :
       {"x = 2",  "x == 1", "x > 0 ? 1 : 2", "x && x", "x ^ 2", "\"a\"", "exp(x)", "sin(x)",
        "_pi",    "x; x",   "1, 2",          "",       " ",     "(",     "x x",    "1 +",
        "sqrt()", "0x10",   "2 ** 3",        "1e999",  "x!",    "{x}"}) {
    const Evaluated result = parameters.evaluate(text);
    EXPECT_FALSE(result.value.has_value()) << text;
    EXPECT_FALSE(result.fault.empty()) << text;
  }
}

TEST(Expression, TheResultIsFinite) {
  Parameters parameters;
  for (const std::string text : {"1 / 0", "0 / 0", "sqrt(-1)", "1e300 * 1e300"}) {
    EXPECT_FALSE(parameters.evaluate(text).value.has_value()) << text;
  }
}

std::string name_of(int i) {
  return std::string("p").append(std::to_string(i));
}

TEST(Expression, CyclesAndDepth) {
  Parameters parameters;
  parameters.define("a", "${b}");
  parameters.define("b", "${a}");
  EXPECT_NE(parameters.value("a").fault.find("cycle"), std::string::npos);
  parameters.define("p0", "1");
  for (int i = 1; i <= 100; ++i) {
    parameters.define(name_of(i), "${" + name_of(i - 1) + "}");
  }
  EXPECT_EQ(parameters.value("p50").value, 1);
  Parameters deep;
  for (int i = 1; i <= 100'000; ++i) {
    deep.define(name_of(i), "${" + name_of(i - 1) + "}");
  }
  EXPECT_NE(deep.value("p100000").fault.find("64 deep"), std::string::npos);
}

TEST(Expression, Numbers) {
  EXPECT_EQ(parse_number("-.5e1"), -5);
  EXPECT_EQ(parse_number("+3"), 3);
  for (const std::string text :
       {"", "-", "+", "+-1", "1 ", " 1", "1_000", "0x10", "nan", "-inf", "1e999", "1.2.3"}) {
    EXPECT_FALSE(parse_number(text).has_value()) << text;
  }
}

TEST(Expression, Names) {
  EXPECT_TRUE(Parameters::is_allowed_name("K_ext2"));
  for (const std::string name : {"", "2K", "a-b", "pi", "sqrt", "a b"}) {
    EXPECT_FALSE(Parameters::is_allowed_name(name)) << name;
  }
}

}  // namespace
}  // namespace sharpwave::config
