// service.json: where the service of a data directory is, while it runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "host/operate/http_client.hpp"

namespace sharpwave::operate {

inline constexpr const char* kServiceFile = "service.json";

struct ServiceFile {
  std::int64_t pid = 0;
  std::string address;
  std::uint16_t port = 0;
  bool tls = false;
  std::optional<std::int64_t> started_ms;  ///< since 1970; none where it does not say
};

/// The file, or why there is none of use.
struct ServiceFileOutcome {
  std::optional<ServiceFile> file;
  bool is_there = false;
  std::string fault;  ///< of one that is there: what was read and what was expected
};
/// Does not throw.
[[nodiscard]] ServiceFileOutcome read_service_file(const std::filesystem::path& data_directory);

/// Where the service is that the file tells of.
[[nodiscard]] HttpPlace place_of(const ServiceFile& file);

}  // namespace sharpwave::operate
