#include "host/service/router.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sharpwave::service {
namespace {

TEST(Router, FindsTheRouteWithTheFewestNames) {
  EXPECT_STREQ(find_route("GET", "/episodes/list").route->pattern, "/episodes/list");
  const Found item = find_route("GET", "/episodes/12");
  ASSERT_NE(item.route, nullptr);
  EXPECT_STREQ(item.route->pattern, "/episodes/{id}");
  EXPECT_EQ(item.parts.at("id"), "12");
  EXPECT_EQ(find_route("GET", "/storage/segment/default/verify").parts.at("id"), "default");
}

TEST(Router, TellsAWrongMethodFromAWrongPath) {
  EXPECT_EQ(find_route("PUT", "/stats").route, nullptr);
  EXPECT_TRUE(find_route("PUT", "/stats").is_known_path);
  EXPECT_FALSE(find_route("GET", "/stats/x").is_known_path);
  EXPECT_FALSE(find_route("GET", "/none").is_known_path);
}

TEST(Router, HasEachRouteOnceAndOnlyReadersChangeNothing) {
  std::set<std::string> seen;
  for (const Route& route : routes()) {
    EXPECT_TRUE(seen.insert(std::string(name_of(route.method)) + route.pattern).second) << route.pattern;
    const bool is_question =
        route.method == Method::get || std::string_view(route.pattern) == "/observability/query-profile";
    if (!is_question) {
      EXPECT_EQ(route.access, Access::admin) << route.pattern;
    }
    EXPECT_NE(route.answer, nullptr);
  }
}

TEST(OpenApi, DescribesEveryRouteAndOnlyThese) {
  const Json description = openapi();
  std::size_t n = 0;
  for (const auto& [path, methods] : description["paths"].items()) n += methods.size();
  EXPECT_EQ(n, routes().size());
  const Json& schemas = description["components"]["schemas"];
  for (const Route& route : routes()) {
    if (route.schema != nullptr) {
      EXPECT_TRUE(schemas.contains(route.schema)) << route.schema;
    }
    for (const Key& key : route.query)
      EXPECT_NE(std::string(key.what), "") << route.pattern << " " << key.name;
  }
}

}  // namespace
}  // namespace sharpwave::service
