// Embeddings for tests: of length 1, around as many centres as are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory::testing {

/// Where nothing depends on the dimension.
inline constexpr std::uint32_t kClusteredDimension = 16;

class ClusteredVectors {
 public:
  ClusteredVectors(std::uint32_t dimension, std::size_t n_clusters, std::uint64_t seed)
      : dimension_(dimension), random_(seed) {
    for (std::size_t i = 0; i < n_clusters; ++i) centres_.push_back(noise());
  }
  [[nodiscard]] std::vector<float> next() { return around(random_() % centres_.size()); }
  [[nodiscard]] std::vector<float> around(std::size_t cluster) {
    std::vector<float> vector = noise();
    for (std::uint32_t i = 0; i < dimension_; ++i) vector[i] = centres_[cluster][i] + .5F * vector[i];
    return unit_vector(vector, dimension_);
  }

 private:
  std::vector<float> noise() {
    std::vector<float> vector(dimension_);
    for (float& value : vector) value = normal_(random_);
    return vector;
  }

  std::uint32_t dimension_;
  std::mt19937_64 random_;
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> centres_;
};

}  // namespace sharpwave::memory::testing
