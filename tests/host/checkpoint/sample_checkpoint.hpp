// A small checkpoint with whatever is hard to keep: bits of NaN, names with a '/', empty lists.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave::test {

/// Two instances at step 120 of 2 + 3 neurons, one spike under way.
[[nodiscard]] Checkpoint sample_checkpoint(Precision precision = Precision::float32);

/// One instance, with figures that one can see: its first population, E, has three neurons and one variable.
[[nodiscard]] Checkpoint visible_checkpoint();

/// The same numbers with every bit, where == takes NaN for another number, and -0 for 0.
[[nodiscard]] bool same_bits(const Checkpoint& a, const Checkpoint& b);

}  // namespace sharpwave::test
