// The options of the commands for those who operate the service, and their help.
#pragma once

#include <string>

#include "host/cli/options.hpp"

namespace sharpwave::cli {

[[nodiscard]] cxxopts::Options analyze_logs_options();
[[nodiscard]] cxxopts::Options diagnose_options();
[[nodiscard]] cxxopts::Options debug_bundle_options();

/// What stands below the options of one of the three.
[[nodiscard]] std::string operate_examples(const std::string& command);

}  // namespace sharpwave::cli
