// What `sharpwave bench` prints.
#pragma once

#include <string>

#include "host/bench/result.hpp"

namespace sharpwave::cli {

/// A line about the machine, a line for each case and number of threads, what some cases have beside it, and
/// their times by phase.
[[nodiscard]] std::string bench_table(const bench::Report& report);

}  // namespace sharpwave::cli
