// What the command line says of the log.
#pragma once

#include <optional>
#include <string>

namespace sharpwave::cli {

struct LogOptions {
  std::optional<std::string> level;   ///< "warn", "run=debug,config=error", "warn,run=debug"
  std::optional<std::string> format;  ///< "text" or "json"
};

}  // namespace sharpwave::cli
