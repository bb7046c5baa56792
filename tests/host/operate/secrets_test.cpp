#include "host/operate/secrets.hpp"

#include <gtest/gtest.h>

namespace sharpwave::operate {
namespace {

constexpr std::string_view kSecret = "hunter2Sesame";

void expect_masked(const std::string& text) {
  const std::string masked = mask_secrets(text);
  EXPECT_EQ(masked.find(kSecret), std::string::npos) << text << "\nbecame\n" << masked;
  EXPECT_NE(masked.find(kMasked), std::string::npos) << masked;
}

TEST(Secrets, AreMaskedInEveryForm) {
  for (const char* form : {
           "Authorization: Bearer @",
           "authorization: bearer   @",
           "\"authorization\":\"Bearer @\"",
           "Authorization: Basic aHVudGVy@==",
           "Cookie: session=@",
           "a\\nBearer @",
           "a\\\\nBearer @",
           "a\\u000aBearer @",
           "a\\n--admin-token @",
           "a\\n-token @",
           "a\\Bearer @",
           "a\\bearer @",
           "a\\token=@",
           "token=@",
           "token: @",
           "TOKEN = '@'",
           "\"admin_token\": \"@\"",
           "{\"message\":\"{\\\"password\\\": \\\"@\\\"}\"}",
           "{\"m\":\"{\\\\\\\"password\\\\\\\":\\\\\\\"@\\\\\\\"}\"}",
           "--admin-token @",
           "--admin-token=@",
           "\"--admin-token\", \"@\"",
           "[\"--admin-token\",\"@\"]",
           "SHARPWAVE_ADMIN_TOKEN=@",
           "db_password=@;user=x",
           "passwd:@",
           "tls-passphrase: @",
           "client_secret=@&x=1",
           "AWS_SECRET_ACCESS_KEY=@",
           "X-Api-Key: @",
           "apikey=@",
           "https://ada:@@example.org/path",
           "X-Auth-Token:@",
           "GET /x?token=@ HTTP/1.1",
           "password=\"with blanks @\"",
           "password=\"never closed @",
       }) {
    std::string text;
    for (const char* at = form; *at != '\0'; ++at) {
      if (*at == '@' && text.find(kSecret) == std::string::npos)
        text += kSecret;
      else
        text += *at;
    }
    expect_masked(text);
    expect_masked("before\n" + text + "\nbehind");
    EXPECT_EQ(mask_secrets("before\n" + text + "\nbehind").substr(0, 7), "before\n");
  }
}

TEST(Secrets, LeaveTheRestAsItIs) {
  for (const char* text : {"", "the token is wrong", "stored item 7 of space 'default' in 0.2 ms",
                           "rate_Hz: 8.5, E_L: -65", "basic research", "https://example.org:8080/path?x=1",
                           "a bearer of news", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
                           "{\"seed\": 7, \"key\": 1}", "ends in token", "--- - -- \xff\xfe\x00"}) {
    // "bearer of" is what a header looks like: it is masked, which is the price.
    if (std::string_view(text) == "a bearer of news")
      EXPECT_EQ(mask_secrets(text), "a bearer [masked] news");
    else
      EXPECT_EQ(mask_secrets(text), text);
  }
}

TEST(Secrets, KeepWhatStandsAroundThem) {
  EXPECT_EQ(mask_secrets("a token=abc, b=c"), "a token=[masked], b=c");
  EXPECT_EQ(mask_secrets(R"({"token":"a\"b","x":1})"), R"({"token":"[masked]","x":1})");
  EXPECT_EQ(mask_secrets("serve --admin-token f --port 80"), "serve --admin-token [masked] --port 80");
  EXPECT_EQ(mask_secrets("u://a:b@c d"), "u://a:[masked]@c d");
}

TEST(Secrets, PrivateKeysGoWithBothTheirEnds) {
  const std::string key =
      "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n" + std::string(kSecret) + "\n-----END RSA PRIVATE KEY-----";
  EXPECT_EQ(mask_secrets("a\n" + key + "\nb"), "a\n[masked]\nb");
  EXPECT_EQ(mask_secrets(key + key), "[masked][masked]");
  expect_masked("-----BEGIN PRIVATE KEY-----\\nMIIB" + std::string(kSecret) +
                "\\n-----END PRIVATE KEY-----\\n");
  expect_masked("-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + std::string(kSecret));
  expect_masked(std::string(kSecret) + "\n-----END EC PRIVATE KEY-----");
  expect_masked("-----BEGIN PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----\n" + std::string(kSecret) +
                "\n-----END PRIVATE KEY-----");
}

TEST(Secrets, ThatAreKnownAreMaskedAnywhere) {
  EXPECT_EQ(mask_secrets("xhunter2Sesamey", {std::string(kSecret)}), "x[masked]y");
  EXPECT_EQ(mask_secrets("abc", {"", "abc"}), "abc");
}

// A text of 16 MiB would take minutes if any of this were quadratic.
TEST(Secrets, HostileTextsTakeNoLongerThanOthers) {
  for (const std::string unit :
       {"token=", "\"", "\\", "://", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "Bearer ",
        "password=\"", "--token ", "a", "://a:b", "token:\"\\\\"}) {
    std::string text;
    while (text.size() < (std::size_t{1} << 20)) text += unit;
    EXPECT_LE(mask_secrets(text).size(), 4 * text.size());
  }
}

TEST(Secrets, AreToldByNames) {
  for (const char* name : {"SHARPWAVE_ADMIN_TOKEN", "SHARPWAVE_TLS_KEY", "x_secret", "DB_PASSWORD"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"SHARPWAVE_LOG_LEVEL", "SHARPWAVE_DATA_DIR", ""})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

}  // namespace
}  // namespace sharpwave::operate
