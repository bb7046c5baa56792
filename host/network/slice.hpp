// Some elements of a population.
#pragma once

#include <cstdint>

namespace sharpwave {

/// Elements start, start+stride, ... below stop of one population.
struct Slice {
  std::uint32_t population = 0;  ///< index into ModelSpec::populations
  std::uint32_t start = 0;
  std::uint32_t stop = 0;
  std::uint32_t stride = 1;

  [[nodiscard]] std::uint32_t size() const { return stop > start ? (stop - start - 1) / stride + 1 : 0; }
  /// Index within the population of the slice's element `i`.
  [[nodiscard]] std::uint32_t operator[](std::uint32_t i) const { return start + i * stride; }
  bool operator==(const Slice&) const = default;
};

}  // namespace sharpwave
