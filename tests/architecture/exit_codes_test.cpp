// docs/exit_codes.md and describe(ExitCode) say the same.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <string>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

std::map<int, std::string> documented_codes() {
  std::ifstream page(SHARPWAVE_EXIT_CODES_PAGE);
  const std::regex row(R"(\| (\d+) \| (.*) \|)");
  std::map<int, std::string> codes;
  for (std::string line; std::getline(page, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) codes[std::stoi(match[1])] = match[2];
  }
  return codes;
}

std::map<int, std::string> described_codes() {
  std::map<int, std::string> codes;
  for (int code = 0; code < 256; ++code) {
    const std::string text = describe(static_cast<ExitCode>(code));
    if (text != "unknown") codes[code] = text;
  }
  return codes;
}

TEST(ExitCodes, ThePageSaysWhatTheProgramSays) {
  EXPECT_EQ(described_codes().size(), 10U);
  EXPECT_EQ(documented_codes(), described_codes());
}

}  // namespace
}  // namespace sharpwave
