// An engine whose spikes can be worked out by hand, and the network that goes with it.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// Neuron i of 5 spikes in the steps that are multiples of i + 1; one report value a step: the step number.
class FakeEngine : public Engine {
 public:
  static constexpr std::uint32_t kNeurons = 5;

  FakeEngine() { construction_.out_degrees = {1, 10, 100, 1000, 10000}; }

  [[nodiscard]] const ConstructionReport& construction() const override { return construction_; }
  [[nodiscard]] std::uint64_t step() const override { return step_; }
  void advance(std::uint64_t n_steps, Block& out) override {
    blocks.push_back(n_steps);
    out.first_step = step_ + 1;
    out.n_steps = n_steps;
    out.offsets.assign(1, 0);
    out.ids.clear();
    out.reports.assign(1, {});
    for (std::uint64_t i = 0; i < n_steps; ++i) {
      ++step_;
      for (std::uint32_t id = 0; id < kNeurons; ++id) {
        if (step_ % (id + 1) == 0) out.ids.push_back(id);
      }
      out.offsets.push_back(out.ids.size());
      out.reports[0].steps.push_back(step_);
      out.reports[0].values.push_back(static_cast<float>(step_));
    }
  }
  void present(const Presented&) override {}
  void record(std::vector<ReportSpec>) override {}
  [[nodiscard]] EngineState save() const override { return {.step = step_}; }
  [[nodiscard]] EngineState save_neurons() const override { return save(); }
  void restore(const EngineState& state) override { step_ = state.step; }
  [[nodiscard]] std::vector<PlasticityReading> read_plasticity() const override { return {}; }
  [[nodiscard]] std::vector<LearningReading> read_learning() const override { return {}; }
  [[nodiscard]] std::vector<float> read_weights(std::uint32_t, std::uint32_t) const override { return {}; }
  [[nodiscard]] PlasticSynapses plastic_synapses(std::uint32_t, std::uint32_t) const override { return {}; }
  [[nodiscard]] std::vector<ModulatorLevels> read_modulators() const override { return {}; }
  void give_reward(std::uint32_t, double) override {}
  void give_novelty(std::uint32_t, double, double) override {}
  void replay(Replay) override {}
  [[nodiscard]] std::vector<PhaseTime> phases() const override {
    return {{"update", static_cast<double>(step_ - phases_from_)}};
  }
  void reset_phases() override { phases_from_ = step_; }
  void profile(StepProfile*) override {}

  std::vector<std::uint64_t> blocks;

 private:
  ConstructionReport construction_;
  std::uint64_t step_ = 0;
  std::uint64_t phases_from_ = 0;
};

/// Populations A (2 neurons), a virtual source, and B (3 neurons).
inline ModelSpec five_neurons(std::uint64_t warm_up_steps, std::uint64_t steps) {
  ModelSpec spec;
  spec.simulation.warm_up_steps = warm_up_steps;
  spec.simulation.steps = steps;
  spec.populations = {{"A", 2, NeuronSpec{}}, {"noise", 7, PoissonSourceSpec{}}, {"B", 3, NeuronSpec{}}};
  for (WatchdogAction& action : spec.watchdog.actions) action = WatchdogAction::off;  // no neurons fire so
  spec.record_spikes = {{.population = 0, .start = 0, .stop = 2}, {.population = 2, .start = 1, .stop = 2}};
  spec.reports = {{.name = "trace",
                   .slice = {.population = 2, .start = 0, .stop = 1},
                   .variables = {StateVariable::V_m}}};
  return spec;
}

}  // namespace sharpwave
