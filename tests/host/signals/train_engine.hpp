// An engine whose spikes are a function of the step alone, and a network with a memory that goes with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "host/network/memory_spec.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/reference/signal_reference.hpp"

namespace sharpwave::testing {

inline constexpr std::uint32_t kOthers = 7;
inline constexpr std::uint32_t kNeurons = 20;

/// Population A of 7, a virtual source, and B of 20 neurons, whose ids begin with 7.
inline ModelSpec remembering(std::uint64_t warm_up_steps, std::uint64_t steps, MemorySpec memory) {
  ModelSpec spec;
  spec.simulation.warm_up_steps = warm_up_steps;
  spec.simulation.steps = steps;
  spec.populations = {
      {"A", kOthers, NeuronSpec{}}, {"noise", 7, PoissonSourceSpec{}}, {"B", kNeurons, NeuronSpec{}}};
  for (WatchdogAction& action : spec.watchdog.actions) action = WatchdogAction::off;  // no neurons fire so
  if (memory.populations.empty()) memory.populations = {{2, "default"}};
  spec.memory = std::make_shared<const MemorySpec>(std::move(memory));
  return spec;
}

/// Of step `step`: few spikes, in some stretches many; ids ascend, some twice, as a parrot's may.
inline std::vector<std::uint32_t> ids_of(std::uint64_t step) {
  std::mt19937_64 random(step * 2654435761U + 17);
  const std::uint64_t stretch = step / 130;
  const bool is_burst = stretch % 11 == 5;
  const bool is_silent = stretch % 13 == 3;
  std::vector<std::uint32_t> ids;
  const std::uint64_t n = is_silent ? 0 : (is_burst ? 3 : 0) + (random() % 8 == 0 ? random() % 4 : 0);
  for (std::uint64_t k = 0; k < n; ++k) {
    // Neurons prefer stretches, so that patterns come back.
    const std::uint64_t id = random() % (kOthers + kNeurons);
    ids.push_back(static_cast<std::uint32_t>((id + stretch % 3 * 5) % (kOthers + kNeurons)));
  }
  std::ranges::sort(ids);
  return ids;
}

class TrainEngine : public FakeEngine {
 public:
  TrainEngine() { at_start_.out_degrees.assign(kOthers + kNeurons, 1); }
  [[nodiscard]] const ConstructionReport& construction() const override { return at_start_; }
  void advance(std::uint64_t n_steps, Block& out) override {
    out.first_step = step() + 1;
    out.n_steps = n_steps;
    out.offsets.assign(1, 0);
    out.ids.clear();
    for (std::uint64_t k = 1; k <= n_steps; ++k) {
      const auto ids = ids_of(step() + k);
      out.ids.insert(out.ids.end(), ids.begin(), ids.end());
      out.offsets.push_back(out.ids.size());
    }
    restore({.step = step() + n_steps});
  }

 private:
  ConstructionReport at_start_;
};

/// Of B, by index.
inline reference::Train train_of_B(std::uint64_t n_steps) {
  reference::Train train;
  for (std::uint64_t step = 1; step <= n_steps; ++step)
    for (const std::uint32_t id : ids_of(step))
      if (id >= kOthers) train.emplace_back(step, id - kOthers);
  return train;
}

}  // namespace sharpwave::testing
