#include "host/signals/embedding.hpp"

#include <cmath>
#include <utility>

#include "host/network/random_streams.hpp"
#include "kernels/count_projection.hpp"

namespace sharpwave {
namespace {

constexpr std::uint16_t kNegative = 0x8000;
static_assert(kMostProjected < kNegative);

}  // namespace

Embedder::Embedder(const EmbeddingSpec& spec, const std::string& population, std::uint32_t n_neurons)
    : dimension_(spec.is_projected ? spec.dimension : n_neurons) {
  if (!spec.is_projected) return;
  const PhiloxKey key = stream_key(RandomPurpose::projection_of_counts, spec.seed, population);
  places_.reserve(std::size_t{n_neurons} * kProjectionBlocks);
  for (std::uint32_t i = 0; i < n_neurons; ++i)
    for (const ProjectionEntry& entry : projection_of(key, i, dimension_))
      places_.push_back(static_cast<std::uint16_t>(entry.dimension | (entry.is_negative ? kNegative : 0)));
}

std::vector<float> Embedder::embed(std::span<const std::uint32_t> counts, std::span<const double> mean,
                                   std::span<const double> squares, std::uint64_t n) const {
  std::vector<double> scores(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    scores[i] = Moments{mean[i], squares[i]}.score(counts[i], n);
  const std::vector<double> values = places_.empty() ? std::move(scores) : projected(scores);
  double sum = 0;
  for (const double value : values) sum += value * value;
  if (!(sum > 0)) return {};
  const double length = std::sqrt(sum);
  std::vector<float> embedding(dimension_);
  for (std::size_t d = 0; d < values.size(); ++d) embedding[d] = static_cast<float>(values[d] / length);
  return embedding;
}

std::vector<double> Embedder::projected(std::span<const double> scores) const {
  std::vector<double> values(dimension_);
  for (std::size_t i = 0; i < scores.size(); ++i)
    for (std::size_t k = i * kProjectionBlocks; k < (i + 1) * kProjectionBlocks; ++k)
      values[places_[k] & ~kNegative] += (places_[k] & kNegative) != 0 ? -scores[i] : scores[i];
  return values;
}

void learn(std::span<const std::uint32_t> counts, std::uint64_t n, std::span<double> mean,
           std::span<double> squares) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    Moments moments{mean[i], squares[i]};
    moments.add(counts[i], n);
    mean[i] = moments.mean;
    squares[i] = moments.squares;
  }
}

}  // namespace sharpwave
