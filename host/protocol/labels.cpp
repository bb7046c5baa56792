#include "host/protocol/labels.hpp"

#include "host/network/protocol_spec.hpp"

namespace sharpwave {
namespace {

__extension__ using Wide = unsigned __int128;

/// a / n > b / m, of sums that may be as large as 64 bits hold; a mean over nothing is none.
struct Mean {
  std::uint64_t sum = 0;
  std::uint64_t n = 1;
  [[nodiscard]] bool is_above(const Mean& other) const {
    return static_cast<Wide>(sum) * other.n > static_cast<Wide>(other.sum) * n;
  }
};

}  // namespace

std::vector<std::uint32_t> classes_of_neurons(std::span<const std::uint64_t> responses,
                                              std::span<const std::uint64_t> trials, std::size_t n_neurons) {
  std::vector<std::uint32_t> classes(n_neurons, kNoClass);
  for (std::size_t neuron = 0; neuron < n_neurons; ++neuron) {
    Mean highest;
    for (std::size_t c = 0; c < trials.size(); ++c) {
      const Mean mean{responses[c * n_neurons + neuron], trials[c]};
      if (mean.n == 0 || !mean.is_above(highest)) continue;
      highest = mean;
      classes[neuron] = static_cast<std::uint32_t>(c);
    }
  }
  return classes;
}

std::uint32_t told_class(std::span<const std::uint32_t> counts, std::span<const std::uint32_t> classes,
                         std::size_t n_classes) {
  std::vector<Mean> means(n_classes, {0, 0});
  for (std::size_t neuron = 0; neuron < counts.size(); ++neuron) {
    if (classes[neuron] == kNoClass) continue;
    means[classes[neuron]].sum += counts[neuron];
    ++means[classes[neuron]].n;
  }
  Mean highest;
  std::uint32_t told = kNoClass;
  for (std::size_t c = 0; c < n_classes; ++c) {
    if (means[c].n == 0 || !means[c].is_above(highest)) continue;
    highest = means[c];
    told = static_cast<std::uint32_t>(c);
  }
  return told;
}

}  // namespace sharpwave
