#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "host/config/expression.hpp"
#include "host/config/key_table.hpp"

namespace sharpwave::config {
namespace {

TEST(ReferencePage, IsWhatTheTableSays) {
  std::ifstream file(std::filesystem::path(SHARPWAVE_SOURCE_DIR) / "docs" / "config.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), reference_page()) << "write it anew: config_reference > docs/config.md";
}

TEST(ReferencePage, EveryNumericDefaultLiesInItsRange) {
  for (int i = 0; i < kSectionCount; ++i) {
    for (const KeyInfo& key : section_info(static_cast<Section>(i)).keys) {
      EXPECT_FALSE(key.description.empty()) << key.name;
      const auto fallback = parse_number(key.fallback);
      EXPECT_TRUE(!fallback || key.range.contains(*fallback)) << key.name;
    }
  }
}

}  // namespace
}  // namespace sharpwave::config
