// A histogram as every file and page of ours has it; docs/formats/statistics.md.
#pragma once

#include "host/base/histogram.hpp"
#include "host/base/json.hpp"

namespace sharpwave {

[[nodiscard]] inline Json histogram_json(const Histogram& histogram) {
  return {{"start", histogram.start}, {"width", histogram.width}, {"counts", histogram.counts}};
}

}  // namespace sharpwave
