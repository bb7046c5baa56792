#include "host/operate/http_client.hpp"

#include <gtest/gtest.h>

#include "tests/host/operate/scratch.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::operate {
namespace {

TEST(Url, IsReadAndWritten) {
  for (const char* url : {"http://localhost:8080", "https://[::1]:8443", "http://10.0.0.1:80"})
    EXPECT_EQ(url_of(parse_url(url)), url);
  EXPECT_EQ(url_of(parse_url("https://a.org/")), "https://a.org:443");
  EXPECT_EQ(url_of(parse_url("http://a.org")), "http://a.org:80");
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* url :
       {"", "localhost:8080", "ftp://a", "http://", "http://a:0", "http://a:65536", "http://a:8x",
        "http://a/path", "http://u:p@a", "http://[::1", "http://[::1]8080", "http://a b"})
    EXPECT_NE(test::refusal_of(ExitCode::usage, [&] { static_cast<void>(parse_url(url)); }).find("expected"),
              std::string::npos)
        << url;
}

TEST(Token, IsTheFirstLine) {
  const Scratch scratch;
  EXPECT_EQ(read_token(scratch.write("t", "  abc123 \r\nmore\n")), "abc123");
  for (const char* content : {"", "\nabc", "a b\n", "\x01zz"}) {
    const std::string message =
        test::refusal_of(ExitCode::io, [&] { static_cast<void>(read_token(scratch.write("t", content))); });
    EXPECT_NE(message.find("has no token"), std::string::npos);
    EXPECT_EQ(message.find("zz"), std::string::npos) << "what was read may be most of a token";
  }
}

TEST(HttpGet, OfNobodyIsAFaultAndNoException) {
  // Port 1 (tcpmux) has no service on a machine of today.
  const HttpAnswer answer = http_get({.host = "127.0.0.1", .port = 1}, "/health", std::chrono::seconds(2));
  EXPECT_EQ(answer.fault, HttpFault::unreachable);
  EXPECT_EQ(answer.status, 0U);
  EXPECT_NE(answer.what.find("http://127.0.0.1:1/health cannot be reached"), std::string::npos)
      << answer.what;
  EXPECT_FALSE(answer.is_ok());
}

TEST(HttpGet, RefusesCertificatesThatAreNone) {
  const Scratch scratch;
  const auto ca = scratch.write("ca.pem", "none");
  const std::string message = test::refusal_of(ExitCode::io, [&] {
    static_cast<void>(http_get({.port = 1, .tls = true, .ca = ca}, "/", std::chrono::seconds(1)));
  });
  EXPECT_NE(message.find("ca.pem: read no certificate"), std::string::npos) << message;
}

}  // namespace
}  // namespace sharpwave::operate
