#pragma once

#include <string>

#include "host/bench/run_profile.hpp"

namespace sharpwave::cli {

/// What --profile prints behind the closing table.
[[nodiscard]] std::string profile_table(const bench::RunProfile& profile);

}  // namespace sharpwave::cli
