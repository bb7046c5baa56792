// A small network that is trained, labelled and tested: two kinds of images, neurons with adaptive thresholds
// and plastic synapses from the images.
#pragma once

#include <cstdint>
#include <memory>
#include <random>

#include "host/network/protocol_spec.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {

inline constexpr std::uint32_t kPixels = 16;
inline constexpr std::uint32_t kItems = 6;

/// Of even items the first half of the pixels is bright, of odd ones the other half.
inline StimulusSpec two_kinds(double bright_Hz) {
  StimulusSpec stimulus{.name = "halves", .population = 0, .size = kPixels, .n_items = kItems};
  stimulus.level_rates_Hz = {0, bright_Hz / 2, bright_Hz};
  for (std::uint32_t item = 0; item < kItems; ++item) {
    stimulus.labels.push_back(item % 2);
    for (std::uint32_t i = 0; i < kPixels; ++i) {
      const bool is_bright = (i < kPixels / 2) == (item % 2 == 0);
      stimulus.levels.push_back(static_cast<std::uint16_t>(is_bright ? 2 - i % 2 : 0));
    }
  }
  return stimulus;
}

/// Trials of 40 + 20 steps.
inline ProtocolSpec three_phases(double bright_Hz) {
  PhaseSpec train{.name = "train", .stimulus = 0, .items = {0, 1, 2, 3}, .epochs = 2, .is_shuffled = true};
  train.duration_steps = 40;
  train.rest_steps = 20;
  train.responses = 1;
  train.repeat = {.below = 6, .gain_step = 0.5, .most_times = 4};
  PhaseSpec label = train;
  label.name = "label";
  label.epochs = 1;
  label.is_shuffled = false;
  label.learning = false;
  label.is_to_label = true;
  PhaseSpec test = label;
  test.name = "test";
  test.items = {4, 5};
  test.is_to_label = false;
  test.is_to_test = true;
  const PhaseSpec rest{.name = "rest", .rest_steps = 30, .learning = false};
  return {.stimuli = {two_kinds(bright_Hz)}, .phases = {train, rest, label, test}, .n_classes = 2};
}

/// Sources, neurons with theta, inhibitory ones, and what the protocol presents.
inline ModelSpec trained_network(double bright_Hz = 400, std::uint32_t n_neurons = 10) {
  ModelSpec spec;
  spec.simulation.dt_ms = 0.5;
  spec.populations = {
      {.name = "input", .size = kPixels, .kind = PoissonSourceSpec{.presented_up_to_Hz = 2.5 * bright_Hz}},
      population("E", n_neurons, NeuronModel::iaf_cond_exp)};
  auto& neurons = std::get<NeuronSpec>(spec.populations[1].kind);
  neurons[NeuronParameter::theta_plus] = Distribution::constant(0.5);
  neurons[NeuronParameter::tau_theta] = Distribution::constant(1000);
  ProjectionSpec plastic = projection(spec, 0, 1, ConnectionRule::all_to_all, 12, 0);
  plastic.weight = Distribution{.kind = Distribution::Kind::uniform, .a = 4, .b = 20};
  plastic.delay_ms = Distribution{.kind = Distribution::Kind::uniform, .a = 0.5, .b = 5};
  plastic.plasticity = StdpSpec{.pairing = StdpPairing::symmetric,
                                .axonal = true,
                                .A_plus = 0,
                                .A_minus = 0.01,
                                .triplet_plus = 0.1,
                                .tau_slow_minus_ms = 40,
                                .w_max = 24,
                                .homeostasis = HomeostasisSpec{.interval_steps = 60, .total = 190}};
  spec.projections = {plastic, projection(spec, 1, 1, ConnectionRule::all_to_all, -3, 0.5)};
  spec.record_spikes = {whole(spec, 1)};
  spec.protocol = std::make_shared<const ProtocolSpec>(three_phases(bright_Hz));
  spec.simulation.steps = spec.protocol->most_steps();
  return spec;
}

}  // namespace sharpwave::testing
