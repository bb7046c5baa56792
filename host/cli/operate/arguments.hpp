// What the commands for those who operate the service take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/log_options.hpp"

namespace sharpwave::cli {

struct AnalyzeLogsArguments {
  std::vector<std::filesystem::path> files;  ///< at least one
  std::optional<std::int64_t> since_ms;      ///< since 1970, from this moment on
  std::optional<std::int64_t> until_ms;      ///< before this one
  bool json = false;
  LogOptions log;
};

/// Where the service is, and what it asks for.
struct ServicePlace {
  std::filesystem::path data_directory;
  std::optional<std::string> url;              ///< instead of what service.json says
  std::optional<std::filesystem::path> token;  ///< a file
  std::optional<std::filesystem::path> ca;     ///< PEM
};

struct DiagnoseArguments {
  ServicePlace place;
  bool strict = false;
  bool json = false;
  LogOptions log;
};

struct DebugBundleArguments {
  ServicePlace place;
  std::optional<std::filesystem::path> file;
  bool force = false;
  LogOptions log;
};

}  // namespace sharpwave::cli
