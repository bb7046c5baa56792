// A histogram as every file and page of ours has it; docs/formats/statistics.md.
#pragma once

#include <nlohmann/json.hpp>

#include "host/base/histogram.hpp"

namespace sharpwave {

[[nodiscard]] inline nlohmann::ordered_json histogram_json(const Histogram& histogram) {
  return {{"start", histogram.start}, {"width", histogram.width}, {"counts", histogram.counts}};
}

}  // namespace sharpwave
