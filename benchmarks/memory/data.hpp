// Embeddings to measure with, and folders to measure in.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace sharpwave::bench_memory {

enum class Shape {
  clustered,  ///< 200 centres; two of a cluster have a cosine of about 0.8
  uniform     ///< on the sphere: the hardest for any index
};
[[nodiscard]] const char* name_of(Shape shape);

/// An endless row of vectors of length 1; the same for the same seed.
class Vectors {
 public:
  Vectors(Shape shape, std::uint32_t dimension, std::uint64_t seed);
  [[nodiscard]] std::vector<float> next();

 private:
  [[nodiscard]] std::vector<float> on_sphere(std::mt19937_64& random);

  Shape shape_;
  std::uint32_t dimension_;
  std::mt19937_64 random_;
  std::vector<std::vector<float>> centres_;
};

/// Removed at the end. TMPDIR says on which disk.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

using Clock = std::chrono::steady_clock;
[[nodiscard]] double seconds_since(Clock::time_point begin);

struct Range {
  double min = 0;
  double median = 0;
  double max = 0;
};
[[nodiscard]] Range range_of(std::vector<double> values);

}  // namespace sharpwave::bench_memory
