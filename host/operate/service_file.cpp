#include "host/operate/service_file.hpp"

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/io/text_file.hpp"
#include "host/operate/log_line.hpp"

namespace sharpwave::operate {
namespace {

constexpr std::uint64_t kLargestServiceFile = 64 << 10;

/// What is missing in it, or wrong; empty where nothing is.
std::string take_fields(const Json& json, ServiceFile& file) {
  if (!json.is_object()) return "an object";
  const auto pid = json.find("pid");
  if (pid == json.end() || !pid->is_number_integer() || pid->get<std::int64_t>() < 1) return "'pid', above 0";
  const auto address = json.find("address");
  if (address == json.end() || !address->is_string()) return "'address', a text";
  const auto port = json.find("port");
  if (port == json.end() || !port->is_number_integer() || port->get<std::int64_t>() < 1 ||
      port->get<std::int64_t>() > 65535)
    return "'port', 1 to 65535";
  const auto tls = json.find("tls");
  if (tls == json.end() || !tls->is_boolean()) return "'tls', true or false";
  file.pid = pid->get<std::int64_t>();
  file.address = address->get<std::string>();
  file.port = port->get<std::uint16_t>();
  file.tls = tls->get<bool>();
  if (const auto started = json.find("started"); started != json.end()) {
    if (started->is_string()) file.started_ms = parse_time(started->get<std::string>());
    // As seconds since 1970, up to the year 9999.
    constexpr double kLatest = 253402300800;
    if (started->is_number() && started->get<double>() >= 0 && started->get<double>() < kLatest)
      file.started_ms = static_cast<std::int64_t>(started->get<double>() * 1000);
  }
  return {};
}

}  // namespace

ServiceFileOutcome read_service_file(const std::filesystem::path& data_directory) {
  const std::filesystem::path path = data_directory / kServiceFile;
  ServiceFileOutcome outcome;
  std::error_code status;
  if (!std::filesystem::exists(path, status) && !status) return outcome;
  outcome.is_there = true;
  try {
    const Json json = Json::parse(read_text_file(path, kLargestServiceFile), nullptr, false);
    ServiceFile file;
    const std::string expected = json.is_discarded() ? "JSON" : take_fields(json, file);
    if (expected.empty())
      outcome.file = std::move(file);
    else
      outcome.fault = path.string() + ": expected " + expected;
  } catch (const Error& error) {
    outcome.fault = error.what();
  }
  return outcome;
}

HttpPlace place_of(const ServiceFile& file) {
  HttpPlace place;
  place.host = file.address;
  place.port = file.port;
  place.tls = file.tls;
  return place;
}

}  // namespace sharpwave::operate
