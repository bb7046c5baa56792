#include "memory_store/unit_vector.hpp"

#include <fmt/format.h>

#include <cmath>

#include "host/base/error.hpp"

namespace sharpwave::memory {

std::vector<float> unit_vector(std::span<const float> values, std::uint32_t dimension) {
  if (dimension > 0 && values.size() != dimension)
    throw Error(ExitCode::usage,
                fmt::format("an embedding has {} values, expected {}", values.size(), dimension));
  if (values.empty() || values.size() > kMaxDimension)
    throw Error(ExitCode::usage,
                fmt::format("an embedding has {} values, expected 1 to {}", values.size(), kMaxDimension));
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      throw Error(ExitCode::usage,
                  fmt::format("value {} of an embedding is {}, expected a finite one", i, values[i]));
    sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  if (sum == 0)
    throw Error(ExitCode::usage,
                fmt::format("all {} values of an embedding are 0: it has no direction", values.size()));
  const double length = std::sqrt(sum);
  std::vector<float> unit;
  unit.reserve(values.size());
  for (const float value : values) unit.push_back(static_cast<float>(static_cast<double>(value) / length));
  return unit;
}

}  // namespace sharpwave::memory
