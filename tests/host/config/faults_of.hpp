// Config texts: what they become, and their faults as the user reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.hpp"

namespace sharpwave {

inline ModelSpec load(const std::string& text, const std::vector<Override>& overrides = {}) {
  return load_config_text(text, "net.yaml", overrides);
}

inline std::vector<std::string> faults_of(std::string_view text,
                                          const std::vector<Override>& overrides = {}) {
  std::vector<std::string> messages;
  try {
    static_cast<void>(load_config_text(text, "net.yaml", overrides));
  } catch (const ConfigError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) messages.push_back(to_string(diagnostic));
  }
  return messages;
}

using Messages = std::vector<std::string>;

/// Neurons, and a population that takes no currents.
inline const std::string kNeuronsAndParrots =
    "  E: {size: 10, model: iaf_psc_exp}\n"
    "  P: {size: 5, model: parrot}";

/// A whole config whose population section is `populations`, from line 3 on, and after it `rest`.
inline std::string config_with(const std::string& populations, const std::string& rest = "") {
  return "simulation: {dt: 0.1, duration: 100}\npopulations:\n" + populations + "\n" + rest;
}

}  // namespace sharpwave
