// A network in which every spike of the targets is known, and what plastic synapses do changes nobody's
// spikes.
#pragma once

#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "tests/support/networks.hpp"

namespace sharpwave::testing {

inline constexpr std::uint32_t kSources = 12;
inline constexpr std::uint32_t kTargets = 9;
inline constexpr double kInitial = 5e-4;  ///< magnitude of all plastic weights at first, mV

inline SpikeSourceSpec random_spikes(std::uint32_t size, int steps, double probability,
                                     std::mt19937& random) {
  std::bernoulli_distribution fires(probability);
  SpikeSourceSpec source;
  for (int step = 1; step < steps; ++step)
    for (std::uint32_t i = 0; i < size; ++i)
      if (fires(random)) {
        source.indices.push_back(i);
        source.times_ms.push_back(0.1 * step);
      }
  return source;
}

inline std::vector<int> steps_of(const SpikeSourceSpec& source, std::uint32_t index) {
  std::vector<int> steps;
  for (std::size_t k = 0; k < source.indices.size(); ++k)
    if (source.indices[k] == index) steps.push_back(static_cast<int>(source.times_ms[k] * 10 + 0.5));
  return steps;
}

/// A rule to teach, and the sign of the weights that it changes.
struct NamedRule {
  std::string name;
  StdpSpec rule;
  double sign = 1;
};
/// How GoogleTest names one in a message.
inline void PrintTo(const NamedRule& rule, std::ostream* out) {
  *out << rule.name;
}

struct Taught {
  SpikeSourceSpec sources;
  ModelSpec spec;
};

/// Sources whose plastic synapses are too weak to make anybody fire, and teachers that do: of target j the
/// delay is 1 + 4 j steps.
/// @param probability  of a spike, of each source and teacher in each step.
inline Taught taught(const StdpSpec& rule, double sign, int steps, double probability) {
  std::mt19937 random(17);
  Taught t{.sources = random_spikes(kSources, steps, probability, random), .spec = {}};
  t.spec.populations = {
      {.name = "source", .size = kSources, .kind = t.sources},
      {.name = "teacher", .size = kTargets, .kind = random_spikes(kTargets, steps, probability, random)},
      population("target", kTargets, NeuronModel::iaf_psc_delta)};
  std::get<NeuronSpec>(t.spec.populations[2].kind)[NeuronParameter::t_ref] = Distribution::constant(0);
  ProjectionSpec plastic = projection(t.spec, 0, 2, ConnectionRule::all_to_all, sign * kInitial, 0);
  std::vector<double> delays;
  for (std::uint32_t j = 0; j < kTargets; ++j) delays.push_back(0.1 * (1 + 4 * j));
  plastic.delay_ms = delays;
  plastic.plasticity = rule;
  t.spec.projections = {plastic, projection(t.spec, 1, 2, ConnectionRule::one_to_one, 40, 0.1)};
  return t;
}

}  // namespace sharpwave::testing
