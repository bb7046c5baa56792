#pragma once

#include <string>
#include <vector>

#include "host/cli/command_line.hpp"

namespace sharpwave::cli {

/// @throws Error(usage) saying which word is wrong.
[[nodiscard]] Command parse_analyze_logs(const std::vector<std::string>& words);
[[nodiscard]] Command parse_diagnose(const std::vector<std::string>& words);
[[nodiscard]] Command parse_debug_bundle(const std::vector<std::string>& words);

}  // namespace sharpwave::cli
