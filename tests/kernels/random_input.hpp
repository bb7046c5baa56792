// Random synaptic input for runs of neuron models.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace sharpwave {

struct SynapticInput {
  std::vector<double> ex, in;
};

/// In each step an excitatory event with probability `p_ex` and an inhibitory one with 0.1, each of a size
/// between 0 and the given one.
inline SynapticInput random_input(std::uint32_t seed, std::size_t steps, double p_ex, double size_ex,
                                  double size_in) {
  SynapticInput input{std::vector<double>(steps), std::vector<double>(steps)};
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (std::size_t k = 0; k < steps; ++k) {
    if (uniform(random) < p_ex) input.ex[k] = size_ex * uniform(random);
    if (uniform(random) < 0.1) input.in[k] = size_in * uniform(random);
  }
  return input;
}

}  // namespace sharpwave
