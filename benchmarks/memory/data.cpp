#include "benchmarks/memory/data.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sharpwave::bench_memory {

namespace {

constexpr std::size_t kCentres = 200;
// Squared, it is that of the noise to that of the centre: 1 / (1 + .25) is the cosine of two of a cluster.
constexpr double kNoise = .5;
constexpr std::uint64_t kSeedOfCentres = 1;

void normalise(std::vector<float>& vector) {
  double sum = 0;
  for (const float x : vector) sum += double{x} * x;
  const auto scale = static_cast<float>(1 / std::sqrt(sum));
  for (float& x : vector) x *= scale;
}

}  // namespace

const char* name_of(Shape shape) {
  return shape == Shape::clustered ? "clustered" : "uniform";
}

Vectors::Vectors(Shape shape, std::uint32_t dimension, std::uint64_t seed)
    : shape_(shape), dimension_(dimension), random_(seed) {
  if (shape != Shape::clustered) return;
  std::mt19937_64 random(kSeedOfCentres);
  for (std::size_t i = 0; i < kCentres; ++i) centres_.push_back(on_sphere(random));
}

std::vector<float> Vectors::on_sphere(std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimension_);
  for (float& x : vector) x = normal(random);
  normalise(vector);
  return vector;
}

std::vector<float> Vectors::next() {
  std::vector<float> vector = on_sphere(random_);
  if (shape_ == Shape::uniform) return vector;
  const std::vector<float>& centre = centres_[random_() % kCentres];
  for (std::size_t d = 0; d < vector.size(); ++d)
    vector[d] = centre[d] + static_cast<float>(kNoise) * vector[d];
  normalise(vector);
  return vector;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "memory_bench_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Range range_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {.min = values.front(), .median = values[values.size() / 2], .max = values.back()};
}

}  // namespace sharpwave::bench_memory
