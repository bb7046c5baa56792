// What a run leaves on the screen: rates with their course, the raster, the totals.
#pragma once

#include <cstddef>
#include <string>

#include "host/cli/activity.hpp"
#include "host/run/run.hpp"

namespace sharpwave::cli {

struct ClosingStyle {
  bool colour = false;
  bool raster = false;
};

/// Characters for the sparklines of a table that fits into `columns`.
[[nodiscard]] std::size_t sparkline_columns(std::size_t columns);

[[nodiscard]] std::string closing_table(const RunResult& result, const Activity& activity,
                                        ClosingStyle style);

}  // namespace sharpwave::cli
