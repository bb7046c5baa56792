#include "host/operate/service_file.hpp"

#include <gtest/gtest.h>

#include "host/operate/log_line.hpp"
#include "tests/host/operate/scratch.hpp"

namespace sharpwave::operate {
namespace {

ServiceFileOutcome read(std::string_view content) {
  const Scratch scratch;
  static_cast<void>(scratch.write("service.json", content));
  return read_service_file(scratch.folder());
}

TEST(ServiceFile, IsRead) {
  const ServiceFileOutcome outcome =
      read(R"({"pid": 7, "address": "::1", "port": 8080, "tls": true, "started": "2026-01-31T09:30:00Z"})");
  ASSERT_TRUE(outcome.file) << outcome.fault;
  EXPECT_EQ(outcome.file->pid, 7);
  EXPECT_EQ(outcome.file->started_ms, parse_time("2026-01-31T09:30:00Z"));
  EXPECT_EQ(url_of(place_of(*outcome.file)), "https://[::1]:8080");
  EXPECT_EQ(read(R"({"pid":7,"address":"a","port":1,"tls":false,"started":1.5})").file->started_ms, 1500);
}

TEST(ServiceFile, RefusesWhatIsNone) {
  const auto expected = [](std::string_view content) {
    const ServiceFileOutcome outcome = read(content);
    EXPECT_TRUE(outcome.is_there);
    EXPECT_FALSE(outcome.file);
    return outcome.fault.substr(outcome.fault.find("expected"));
  };
  EXPECT_EQ(expected("{"), "expected JSON");
  EXPECT_EQ(expected("[]"), "expected an object");
  EXPECT_EQ(expected(R"({"pid":-1})"), "expected 'pid', above 0");
  EXPECT_EQ(expected(R"({"pid":1,"address":7})"), "expected 'address', a text");
  EXPECT_EQ(expected(R"({"pid":1,"address":"a","port":65536})"), "expected 'port', 1 to 65535");
  EXPECT_EQ(expected(R"({"pid":1,"address":"a","port":1,"tls":"no"})"), "expected 'tls', true or false");
  const Scratch scratch;
  EXPECT_FALSE(read_service_file(scratch.folder()).is_there);
  std::filesystem::create_directory(scratch / "service.json");
  EXPECT_NE(read_service_file(scratch.folder()).fault.find("is a directory"), std::string::npos);
}

}  // namespace
}  // namespace sharpwave::operate
