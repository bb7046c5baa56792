#pragma once

#include <string>
#include <vector>

#include "host/config/config.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::cli {

/// Those of the command line.
[[nodiscard]] std::vector<Override> parsed_overrides(const std::vector<std::string>& overrides);

/// ConfigText::load(); warnings go to the log.
[[nodiscard]] ModelSpec load(const ConfigText& config);

}  // namespace sharpwave::cli
