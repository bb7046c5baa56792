#include "host/service/access.hpp"

#include <gtest/gtest.h>

#include "tests/host/io/temporary_folder.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::service {
namespace {

using test::code_of;

class AccessTest : public ::testing::Test {
 protected:
  std::filesystem::path token(const char* name, const std::string& text,
                              std::filesystem::perms perms = std::filesystem::perms::owner_read) {
    const std::filesystem::path file = folder_ / name;
    test::write_text(file, text);
    std::filesystem::permissions(file, perms);
    return file;
  }
  test::TemporaryFolder folder_;
  const std::string reader_ = std::string(40, 'r');
  const std::string admin_ = std::string(40, 'a');
};

TEST_F(AccessTest, WithoutTokensEverythingIsGrantedOnLoopbackAlone) {
  const AccessControl access({}, "127.0.0.1", false);
  EXPECT_EQ(access.granted_to(std::nullopt), Access::admin);
  EXPECT_EQ(access.granted_to("Bearer anything"), Access::admin);
  for (const char* address : {"0.0.0.0", "::", "192.168.0.1", "localhost", ""})
    EXPECT_EQ(code_of([&] { AccessControl({}, address, true); }), ExitCode::usage) << address;
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"})
    EXPECT_EQ(code_of([&] { AccessControl({}, address, false); }), ExitCode::ok) << address;
  const AccessOptions options{.admin_token = token("admin", admin_)};
  EXPECT_EQ(code_of([&] { AccessControl(options, "0.0.0.0", false); }), ExitCode::usage);
  EXPECT_EQ(code_of([&] { AccessControl(options, "0.0.0.0", true); }), ExitCode::ok);
}

TEST_F(AccessTest, ATokenGrantsWhatItIsFor) {
  const AccessControl access(
      {.read_token = token("read", reader_ + "\n"), .admin_token = token("admin", admin_)}, "127.0.0.1",
      false);
  EXPECT_EQ(access.granted_to(std::nullopt), Access::anyone);
  EXPECT_EQ(access.granted_to("Bearer " + reader_), Access::reader);
  EXPECT_EQ(access.granted_to("Bearer " + admin_), Access::admin);
  for (const std::string& wrong :
       {std::string(), std::string("Bearer"), std::string("Bearer "), admin_, "Basic " + admin_,
        "bearer " + admin_, "Bearer  " + admin_, "Bearer " + admin_ + " ", "Bearer " + reader_ + admin_})
    EXPECT_EQ(access.granted_to(wrong), std::nullopt) << wrong;
}

TEST_F(AccessTest, AFileOfATokenIsItsOwnersAloneAndHasOne) {
  using std::filesystem::perms;
  const auto code = [&](const std::filesystem::path& file) {
    return code_of([&] { AccessControl({.admin_token = file}, "127.0.0.1", false); });
  };
  EXPECT_EQ(code(token("a", admin_)), ExitCode::ok);
  EXPECT_EQ(code(token("b", admin_, perms::owner_read | perms::group_read)), ExitCode::io);
  EXPECT_EQ(code(token("c", admin_, perms::owner_read | perms::others_write)), ExitCode::io);
  for (const std::string& text : {std::string(), std::string(31, 'x'), std::string(513, 'x'), admin_ + " b",
                                  admin_ + "\n\nx", std::string(40, '\0'), std::string(40, '\xff')})
    EXPECT_EQ(code(token("d", text, perms::owner_read | perms::owner_write)), ExitCode::io) << text.size();
  EXPECT_EQ(code(folder_ / "none"), ExitCode::io);
  EXPECT_EQ(code(folder_.path()), ExitCode::io);
}

TEST_F(AccessTest, WhatCannotBeReadAgainStaysAsItWas) {
  const auto file =
      token("admin", admin_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  AccessControl access({.admin_token = file}, "127.0.0.1", false);
  test::write_text(file, "short");
  EXPECT_EQ(code_of([&] { access.reload(); }), ExitCode::io);
  EXPECT_EQ(access.granted_to("Bearer " + admin_), Access::admin);
  test::write_text(file, reader_);
  access.reload();
  EXPECT_EQ(access.granted_to("Bearer " + admin_), std::nullopt);
  EXPECT_EQ(access.granted_to("Bearer " + reader_), Access::admin);
}

TEST_F(AccessTest, IsReachedByItsOwnNamesAlone) {
  const AccessControl access({.host_names = {"brain.example"}}, "127.0.0.1", false);
  for (const char* host : {"127.0.0.1:80", "localhost:80", "LOCALHOST:80", "[::1]:80", "localhost",
                           "brain.example", "brain.example:80", "brain.example:8443"})
    EXPECT_TRUE(access.knows_host(host, 80)) << host;
  for (const char* host : {"", ":", ":80", "evil.example", "127.0.0.1:81", "127.0.0.1.evil.example:80",
                           "localhost:80:80", "[::1", "::1", "[::1]:", "brain.example.:80"})
    EXPECT_FALSE(access.knows_host(host, 80)) << host;
  EXPECT_TRUE(access.knows_origin("http://localhost:80", "localhost:80"));
  for (const char* origin : {"https://localhost:80", "http://localhost", "null", "", "http://evil.example"})
    EXPECT_FALSE(access.knows_origin(origin, "localhost:80")) << origin;
}

}  // namespace
}  // namespace sharpwave::service
