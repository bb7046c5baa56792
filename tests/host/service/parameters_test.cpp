#include "host/service/parameters.hpp"

#include <gtest/gtest.h>

#include "host/service/api_error.hpp"

namespace sharpwave::service {
namespace {

Request asked(std::map<std::string, std::string> query, std::string body = {}) {
  Request request;
  request.query = std::move(query);
  request.body = std::move(body);
  return request;
}

/// What the refusal says; empty where there is none.
template <class Work>
std::string refusal_of(const Work& work) {
  try {
    work();
  } catch (const ApiError& error) {
    EXPECT_EQ(error.trouble().status, 400U);
    return error.trouble().message + ", expected " + error.trouble().expected;
  }
  return "";
}

TEST(Parameters, OfAQueryAreInTheirRangeOrRefused) {
  EXPECT_EQ(whole_number(asked({{"k", "7"}}), "k", 1, 10), 7U);
  EXPECT_EQ(whole_number(asked({}), "k", 1, 10), std::nullopt);
  for (const char* text : {"", "0", "11", "-1", "1.5", "7 ", "0x7", "seven", "99999999999999999999"})
    EXPECT_NE(refusal_of([&] {
                static_cast<void>(whole_number(asked({{"k", text}}), "k", 1, 10));
              }),
              "")
        << text;
  EXPECT_EQ(number(asked({{"x", "-2.5e1"}}), "x"), -25);
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1,5", "x"})
    EXPECT_NE(refusal_of([&] { static_cast<void>(number(asked({{"x", text}}), "x")); }), "") << text;
  EXPECT_TRUE(flag(asked({{"f", "true"}}), "f"));
  EXPECT_FALSE(flag(asked({}), "f"));
  EXPECT_NE(refusal_of([] { static_cast<void>(flag(asked({{"f", "1"}}), "f")); }), "");
  EXPECT_EQ(refusal_of([] { static_cast<void>(checked("x", std::nan(""), 0, 1)); }),
            "x: nan, expected 0 to 1");
}

TEST(Parameters, NumbersStandBetweenCommas) {
  EXPECT_EQ(numbers("e", "1,-2.5,3e-4", 3), (std::vector<float>{1, -2.5F, 3e-4F}));
  for (const char* text : {"", ",", "1,", ",1", "1,,2", "1 2", "1,nan", "1,inf", "1e99", "1,2,3,4"})
    EXPECT_NE(refusal_of([&] { static_cast<void>(numbers("e", text, 3)); }), "") << text;
}

TEST(Parameters, OfABodyAreOfTheirTypesAndAllRead) {
  Body body(asked({}, R"({"a": "x", "b": 2.5, "c": 7, "d": true, "e": [1, 2], "f": ["y"], "g": null})"));
  EXPECT_EQ(body.text("a", "", 10), "x");
  EXPECT_EQ(body.number("b", 0, 0, 3), 2.5);
  EXPECT_EQ(body.whole_number("c", 0, 0, 10), 7U);
  EXPECT_TRUE(body.flag("d", false));
  EXPECT_EQ(body.numbers("e", 2), (std::vector<float>{1, 2}));
  EXPECT_NE(refusal_of([&] { body.expect_all_read(); }).find("'f'"), std::string::npos);
  EXPECT_EQ(body.texts("f", 2), (std::vector<std::string>{"y"}));
  EXPECT_EQ(body.text("g", "otherwise", 10), "otherwise") << "null is as if it were not there";
  EXPECT_EQ(refusal_of([&] { body.expect_all_read(); }), "");
  EXPECT_NE(refusal_of([&] { static_cast<void>(body.text("b", "", 10)); }), "");
  EXPECT_NE(refusal_of([&] { static_cast<void>(body.text("a", "", 0)); }), "");
  EXPECT_NE(refusal_of([&] { static_cast<void>(body.number("b", 0, 0, 2)); }), "");
  EXPECT_NE(refusal_of([&] { static_cast<void>(body.whole_number("b", 0, 0, 9)); }), "");
  EXPECT_NE(refusal_of([&] { static_cast<void>(body.numbers("e", 1)); }), "");
  EXPECT_NE(refusal_of([&] { static_cast<void>(body.numbers("none", 1)); }), "");
}

TEST(Parameters, ABodyIsOneObjectThatIsNotTooDeep) {
  EXPECT_EQ(refusal_of([] { Body(asked({}, "")).expect_all_read(); }), "") << "no body is an empty object";
  for (const std::string& text : {std::string("[]"), std::string("1"), std::string("{"), std::string("{} {}"),
                                  std::string("{\"a\": NaN}"), std::string("\xff"), std::string(100'000, '['),
                                  R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}"})
    EXPECT_NE(refusal_of([&] { const Body body(asked({}, text)); }), "") << text.substr(0, 40);
}

}  // namespace
}  // namespace sharpwave::service
