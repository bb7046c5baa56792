#include "host/io/markup.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

TEST(Markup, KeepsTextFromBeginningATagOrAnEntity) {
  EXPECT_EQ(escaped_for_markup("</title><script>a && b"), "&lt;/title>&lt;script>a &amp;&amp; b");
  EXPECT_EQ(escaped_for_markup("&lt;"), "&amp;lt;") << "what looks escaped is text, too";
}

TEST(Markup, LeavesOtherTextAsItIs) {
  EXPECT_EQ(escaped_for_markup(""), "");
  EXPECT_EQ(escaped_for_markup("E, \"2 > 1\", Größe"), "E, \"2 > 1\", Größe");
}

}  // namespace
}  // namespace sharpwave
