// Tables and JSON of the answers.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/gpu/figures.hpp"
#include "benchmarks/gpu/prediction.hpp"
#include "host/base/json.hpp"

namespace sharpwave::gpu_limits {

[[nodiscard]] std::string text_of(const Device& device);
[[nodiscard]] std::string text_of(const Answer& answer);
[[nodiscard]] std::string text_of(const Limits& limits, const std::vector<Prediction>& predictions);

[[nodiscard]] Json json_of(const Device& device);
[[nodiscard]] Json json_of(const Answer& answer);
[[nodiscard]] Json json_of(const Limits& limits, const std::vector<Prediction>& predictions);

}  // namespace sharpwave::gpu_limits
