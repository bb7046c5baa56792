// What is asked; each answer is a row of a table and an object of the JSON.
#pragma once

#include <cstdint>
#include <vector>

#include "benchmarks/memory/data.hpp"
#include "host/base/json.hpp"

namespace sharpwave::bench_memory {

/// How many signals a second does a space take, by sync mode, threads and signals given at once, and how many
/// does the disk allow that syncs each of them?
[[nodiscard]] Json measure_ingest(double seconds);

/// How much of what a scan of all finds does the index find, how many searches a second do both make, how
/// long does the space take to open, and how many bytes is an item?
[[nodiscard]] Json measure_search(Shape shape, std::uint32_t dimension, std::uint64_t n_items);

}  // namespace sharpwave::bench_memory
