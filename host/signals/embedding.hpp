// From counts of spikes to an embedding: centred by what each neuron did before, projected where that is
// asked for, of length 1 (docs/memory.md, "Signals").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/network/memory_spec.hpp"
#include "kernels/moments.hpp"

namespace sharpwave {

class Embedder {
 public:
  /// @param population  its name, which keys the projection.
  Embedder(const EmbeddingSpec& spec, const std::string& population, std::uint32_t n_neurons);

  [[nodiscard]] std::uint32_t dimension() const { return dimension_; }

  /// Counts are non-negative, so that those of unrelated windows look alike until what a neuron does on
  /// average is taken away from them.
  /// @param counts         [n_neurons]
  /// @param mean, squares  [n_neurons] of `n` counts with these, see Moments.
  /// @return [dimension], of length 1; empty where no neuron does what it did not do before.
  /// O(n_neurons).
  [[nodiscard]] std::vector<float> embed(std::span<const std::uint32_t> counts, std::span<const double> mean,
                                         std::span<const double> squares, std::uint64_t n) const;

 private:
  [[nodiscard]] std::vector<double> projected(std::span<const double> scores) const;

  std::uint32_t dimension_;
  std::vector<std::uint16_t>
      places_;  ///< [n_neurons * 8] dimension, and kNegative; none without a projection
};

/// Takes further counts into mean and squares.
/// @param n  counts with these.
void learn(std::span<const std::uint32_t> counts, std::uint64_t n, std::span<double> mean,
           std::span<double> squares);

}  // namespace sharpwave
