// A report beside an earlier one.
#pragma once

#include <string>
#include <vector>

#include "host/bench/result.hpp"

namespace sharpwave::bench {

struct Finding {
  bool worse = false;
  bool compared = false;  ///< with the same network, at least in its spikes
  std::string text;       ///< "brunel, 2 threads: ..."
};

/// For every result what has become of it. It is worse where it gives other spikes for the same config, takes
/// more bytes a synapse, or where time, construction, memory or a figure that cases of its kind have are
/// worse by more than `tolerance` in the median, and the best value is worse than all of before, so that
/// noise alone does not do it.
///
/// On another processor times are compared as ratios to the read-only pass; construction, and figures that
/// are of the machine, not at all.
/// @param tolerance  0.05 for 5 %.
[[nodiscard]] std::vector<Finding> compare(const Report& report, const Baseline& baseline, double tolerance);

}  // namespace sharpwave::bench
