// Spike trains for tests: what SpikeTrains views, owned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "host/analysis/spike_statistics.hpp"

namespace sharpwave::analysis::test {

struct Spike {
  std::uint64_t step;
  std::uint32_t id;
  auto operator<=>(const Spike&) const = default;
};

struct Recorded {
  std::uint64_t n_neurons = 1;
  std::uint64_t n_steps = 100;
  double dt_ms = 1;
  std::uint64_t first_step = 0;
};

class SomeTrains {
 public:
  SomeTrains(std::vector<Spike> spikes, const Recorded& recorded) {
    std::sort(spikes.begin(), spikes.end());
    for (const Spike& spike : spikes) {
      steps_.push_back(spike.step);
      neurons_.push_back(spike.id);
    }
    ids_ = number_those_that_fired(neurons_);
    view_ = {.steps = steps_,
             .neurons = neurons_,
             .n_fired = ids_.size(),
             .n_recorded = recorded.n_neurons,
             .first_step = recorded.first_step,
             .n_steps = recorded.n_steps,
             .dt_ms = recorded.dt_ms};
  }
  SomeTrains(const SomeTrains&) = delete;
  SomeTrains& operator=(const SomeTrains&) = delete;
  operator const SpikeTrains&() const { return view_; }  // NOLINT: stands for the view
  [[nodiscard]] const std::vector<std::uint32_t>& ids() const { return ids_; }

 private:
  std::vector<std::uint64_t> steps_;
  std::vector<std::uint32_t> neurons_;
  std::vector<std::uint32_t> ids_;
  SpikeTrains view_;
};

/// Spikes of neurons that fire at random, neuron i in a share of steps that grows with i. All of them at once
/// in every 50th step now and then, so that there is something to correlate.
inline std::vector<Spike> random_spikes(const Recorded& recorded, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Spike> spikes;
  for (std::uint64_t offset = 0; offset < recorded.n_steps; ++offset) {
    const bool together = offset % 50 == 0 && random() % 3 == 0;
    for (std::uint32_t id = 0; id < recorded.n_neurons; ++id) {
      const bool fires = random() % 1000 < 3 * (id + 1) || (together && random() % 2 == 0);
      if (fires) spikes.push_back({recorded.first_step + 1 + offset, id});
    }
  }
  return spikes;
}

}  // namespace sharpwave::analysis::test
