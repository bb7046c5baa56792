// "populations.E.size=500" as a key and a value.
#pragma once

#include <string>
#include <vector>

#include "host/config/config.hpp"

namespace sharpwave::cli {

/// Splits each text at its first '='.
[[nodiscard]] inline std::vector<Override> split_overrides(const std::vector<std::string>& texts) {
  std::vector<Override> overrides;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return overrides;
}

}  // namespace sharpwave::cli
