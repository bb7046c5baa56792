// Values of a Distribution from uniform random words, and the range they can take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"
#include "host/network/random_streams.hpp"
#include "kernels/distribution.hpp"

namespace sharpwave {

/// Resolves the bounds: `redraw` restricts the uniform variable to the part that maps inside them, which
/// samples the truncated distribution exactly and without a loop.
/// @throws Error(invalid_config) where the bounds leave no probability.
[[nodiscard]] DrawParameters draw_parameters(const Distribution& distribution);

/// Probability that a draw without bounds lies within those of `distribution`.
[[nodiscard]] double mass_within_bounds(const Distribution& distribution);

struct Range {
  double low = 0;
  double high = 0;
};

/// Smallest and largest value that a 32-bit uniform variable can give. For unbounded distributions this is
/// 6.3 standard deviations: what is never drawn needs no room on the grid.
[[nodiscard]] Range range_of(const Distribution& distribution);
[[nodiscard]] Range range_of(const Values& values);

/// The values of a population's `size` elements, which a list gives, or which are drawn with the key
/// (purpose, seed, name) and the element as index; one value where all have the same.
[[nodiscard]] std::vector<double> element_values(const Values& values, std::uint32_t size,
                                                 const std::string& name, RandomPurpose purpose,
                                                 std::uint64_t seed, StreamRegistry& streams);

}  // namespace sharpwave
