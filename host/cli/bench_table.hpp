// What `sharpwave bench` prints.
#pragma once

#include <string>

#include "host/bench/result.hpp"

namespace sharpwave::cli {

/// A line about the machine, a block for each case with a line for each number of threads, and their times by
/// phase.
[[nodiscard]] std::string bench_table(const bench::Report& report);

}  // namespace sharpwave::cli
