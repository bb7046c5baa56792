// Texts that are no config, or mean harm: encodings, depth, recursion, alias bombs, and random damage.
#include <gtest/gtest.h>

#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

TEST(ConfigLimits, EmptyTexts) {
  for (const std::string text : {"", "\n\n", "# only a comment\n"}) {
    EXPECT_EQ(faults_of(text), Messages{"net.yaml:1:1: read an empty text, expected a YAML map"}) << text;
  }
  EXPECT_EQ(faults_of("---\n"), Messages{"net.yaml:2:1: read nothing, expected a map"});
}

TEST(ConfigLimits, SeveralDocuments) {
  EXPECT_EQ(faults_of("a: 1\n---\nb: 2\n"),
            Messages{"net.yaml:2:1: read a second document, expected one document in a file"});
}

TEST(ConfigLimits, TabsAsIndentation) {
  EXPECT_EQ(faults_of("simulation:\n \tdt: 0.1\n"),
            Messages{"net.yaml:2:2: read a tab, expected indentation with spaces"});
}

TEST(ConfigLimits, OtherEncodings) {
  EXPECT_EQ(faults_of("title: caf\xe9\n"),
            Messages{"net.yaml:1:11: read a byte that is not UTF-8, expected UTF-8 "
                     "text"});
  EXPECT_EQ(faults_of("title: \xc0\xaf\n"),
            Messages{"net.yaml:1:8: read a byte that is not UTF-8, expected UTF-8 "
                     "text"});
  EXPECT_EQ(faults_of("\xff\xfe\x61"),
            Messages{"net.yaml:1:1: read a byte that is not UTF-8, expected UTF-8 text"});
  EXPECT_EQ(faults_of(std::string("a\0b", 3)),
            Messages{"net.yaml:1:2: read a control character, expected UTF-8 "
                     "text"});
}

TEST(ConfigLimits, ColumnsCountCharactersNotBytes) {
  EXPECT_EQ(faults_of("title: {\xc3\xa9\xc3\xa9: 1}\nx: 1\n")[0],
            "net.yaml:1:1: simulation: read no such key, expected a map: it is required");
  EXPECT_EQ(
      faults_of("simulation: {\xc3\xa9: 1, duration: x}\npopulations: {E: {size: 1, model: parrot}}").back(),
      "net.yaml:1:31: simulation.duration: read 'x', expected a number > 0 ms");
}

TEST(ConfigLimits, SyntaxErrorsOfYaml) {
  const Messages faults = faults_of("simulation: {dt: 0.1\npopulations: 5\n");
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].find("net.yaml:2:"), 0U) << faults[0];
  EXPECT_NE(faults[0].find("expected YAML: "), std::string::npos) << faults[0];
}

TEST(ConfigLimits, Tags) {
  EXPECT_EQ(faults_of("title: !!binary abc\n"),
            Messages{"net.yaml:1:8: read 'tag:yaml.org,2002:binary', expected a value without a YAML tag"});
}

TEST(ConfigLimits, DeepNesting) {
  EXPECT_EQ(faults_of("a: " + std::string(100, '[') + std::string(100, ']')),
            Messages{"net.yaml:1:67: read more than 64 nested levels, expected at most 64"});
  EXPECT_EQ(faults_of(std::string(1'000'000, '[')).size(), 1U);
}

TEST(ConfigLimits, RecursiveAnchors) {
  EXPECT_EQ(
      faults_of("title: &a [*a]\n"),
      Messages{"net.yaml:1:12: read an alias inside its own anchor, expected a config without recursion"});
}

TEST(ConfigLimits, AliasBombs) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    text.append(1, name).append(": &").append(1, name).append(" [");
    for (int k = 0; k < 10; ++k) text.append("*").append(1, static_cast<char>(name - 1)).append(", ");
    text.append("]\n");
  }
  const Messages faults = faults_of(text);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("read more than 2000000 values (aliases expanded)"), std::string::npos)
      << faults[0];
}

// 200 inputs to 600 targets each, every one with 600 rates: some thousand characters, and 144 million
// numbers.
TEST(ConfigLimits, ListsThatAreReadForManyObjects) {
  std::string targets = "E";
  std::string times = "0";
  std::string rates = "7";
  for (int i = 1; i < 600; ++i) {
    targets += ", E";
    times += ", " + std::to_string(i);
    rates += ", 7";
  }
  std::string text =
      "simulation: {dt: 0.1, duration: 1}\npopulations: {E: {size: 2, model: iaf_psc_exp}}\ninputs:\n- &i "
      "{type: poisson, ";
  text.append("target: [").append(targets).append("], rate: {times: [").append(times);
  text.append("], rates: [").append(rates).append("]}}\n");
  for (int i = 1; i < 200; ++i) text += "- *i\n";
  const Messages faults = faults_of(text);
  ASSERT_EQ(faults.size(), 1U) << faults.at(1);
  EXPECT_NE(faults[0].find("read more than 2000000 values in all"), std::string::npos) << faults[0];
}

TEST(ConfigLimits, KeysThatAreNoWords) {
  EXPECT_EQ(faults_of("[1, 2]: 3\n").size(), 1U);
  EXPECT_EQ(faults_of("? {a: b}\n: 3\n").size(), 1U);
  EXPECT_EQ(faults_of(": 3\n").size(), 1U);
}

TEST(ConfigLimits, TheNumberOfMessagesIsBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const Messages faults = faults_of(text);
  EXPECT_EQ(faults.size(), 201U);
  EXPECT_EQ(faults.back(), "net.yaml: read more faults than these, expected fewer at once");
}

}  // namespace
}  // namespace sharpwave
