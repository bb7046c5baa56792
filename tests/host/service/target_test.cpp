#include "host/service/target.hpp"

#include <gtest/gtest.h>

namespace sharpwave::service {
namespace {

TEST(Target, IsAPathAndAQuery) {
  const auto target = parse_target("/episodes/search?embedding=1%2C2&type=a+b&empty=&flag");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/episodes/search");
  EXPECT_EQ(target->query, (std::map<std::string, std::string>{
                               {"embedding", "1,2"}, {"type", "a b"}, {"empty", ""}, {"flag", ""}}));
  EXPECT_EQ(parse_target("/a+b%20c")->path, "/a+b c") << "a plus is one in a path";
  EXPECT_EQ(parse_target("/")->path, "/");
  EXPECT_TRUE(parse_target("/x?&&a=1&")->query.contains("a"));
}

TEST(Target, ThatLeadsOutOrCanBeReadInSeveralWaysIsNone) {
  for (const char* target :
       {"",         "x",           "?a=1",         "*",       "http://a/", "//",        "//x",   "/x/",
        "/x//y",    "/.",          "/..",          "/x/../y", "/%2e%2e/x", "/x/%2E%2e", "/x\\y", "/%5c",
        "/%2f%2fx", "/x%2f..%2fy", "/%",           "/%1",     "/%zz",      "/%00",      "/%0a",  "/x?a=%0d",
        "/x?a=%",   "/x?a=1&a=2",  "/x?a=1&%61=2", "/x?=1",   "/x\x7f",    "/x y\n"})
    EXPECT_FALSE(parse_target(target)) << target;
  std::string many = "/x?";
  for (int i = 0; i < 33; ++i) many += "k" + std::to_string(i) + "=1&";
  EXPECT_FALSE(parse_target(many));
}

}  // namespace
}  // namespace sharpwave::service
