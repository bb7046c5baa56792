#pragma once

#include "host/config/config.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::cli {

/// ConfigText::load(); warnings go to the log.
[[nodiscard]] ModelSpec load(const ConfigText& config);

}  // namespace sharpwave::cli
