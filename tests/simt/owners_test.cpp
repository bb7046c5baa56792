// Owners against the CPU engine, beyond the networks of the contract: windows of few steps, numbers of
// owners, the edges of what can fire and arrive, and runs that go on by other means.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "host/base/error.hpp"
#include "tests/contract/device_contract.hpp"
#include "tests/simt/simt_backend.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint64_t kAmple = 227 << 10;

std::unique_ptr<Engine> by_owners(const ModelSpec& spec, std::uint32_t n_owners,
                                  std::uint64_t shared_bytes = kAmple) {
  return make_device_engine(spec, 1,
                            {.make = device::make_executor_on<simt::SimtBackend>,
                             .owners = {.n_owners = n_owners, .shared_bytes = shared_bytes},
                             .draw_rows = device::draw_rows_on<simt::SimtBackend>});
}
std::unique_ptr<Engine> by_graph(const ModelSpec& spec) {
  return make_device_engine(spec, 1, {.make = device::make_executor_on<simt::SimtBackend>});
}
bool has_owners(const Engine& engine) {
  return engine.construction().layout.find("owners with") != std::string::npos;
}
void expect_spikes_of_the_cpu(Engine& engine, const ModelSpec& spec, std::uint64_t steps) {
  const std::vector<Spike> expected = simulate(spec, 1, steps);
  const std::vector<Spike> found = simulate(engine, steps, steps);
  EXPECT_EQ(found.size(), expected.size());
  EXPECT_EQ(digest_of(found), digest_of(expected));
}

/// 97 neurons: of a few owners, none has as many as another.
ModelSpec ring_of(NeuronModel model, double I_e_pA, double weight, const Values& delay_ms) {
  ModelSpec spec;
  spec.populations = {population("A", 97, model)};
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::I_e] =
      Distribution{.kind = Distribution::Kind::uniform, .a = I_e_pA, .b = 1.5 * I_e_pA};
  ProjectionSpec p = projection(spec, 0, 0, ConnectionRule::fixed_indegree, weight, 1.0);
  p.degree = {9};
  p.delay_ms = delay_ms;
  spec.projections = {p};
  return spec;
}
Distribution between(double low_ms, double high_ms) {
  return {.kind = Distribution::Kind::uniform, .a = low_ms, .b = high_ms};
}
NeuronSpec& neurons(ModelSpec& spec, std::uint32_t population) {
  return std::get<NeuronSpec>(spec.populations[population].kind);
}

/// Three models, one with parameters of its own for each neuron; all inputs, spikes of files, both signs.
ModelSpec mixed() {
  ModelSpec spec;
  spec.populations = {population("exp", 101, NeuronModel::iaf_psc_exp),
                      population("alpha", 40, NeuronModel::iaf_psc_alpha),
                      population("izhikevich", 33, NeuronModel::izhikevich),
                      {.name = "file",
                       .size = 3,
                       .kind = SpikeSourceSpec{{0, 1, 2, 1, 1, 0}, {0.0, 0.1, 3.04, 5.0, 5.0, 9}}}};
  neurons(spec, 0)[NeuronParameter::V_th] =
      Distribution{.kind = Distribution::Kind::uniform, .a = -52, .b = -50};
  neurons(spec, 1)[NeuronParameter::I_e] =
      Distribution{.kind = Distribution::Kind::uniform, .a = 300, .b = 500};
  const auto add = [&](std::uint32_t source, std::uint32_t target, double w, double high_ms) {
    ProjectionSpec p = projection(spec, source, target, ConnectionRule::fixed_indegree, 0, 0);
    p.name += std::to_string(spec.projections.size());
    p.degree = {3};
    p.weight = Distribution{.kind = Distribution::Kind::normal, .a = w, .b = std::abs(w)};
    p.delay_ms = between(0.1, high_ms);
    spec.projections.push_back(p);
  };
  add(0, 0, 60, 2);
  add(0, 1, 40, 1);
  add(1, 0, -80, 4);
  add(2, 2, 1, 1.5);
  add(3, 0, 500, 1.5);
  spec.inputs.push_back(
      {"noise", whole(spec, 0), NoiseInputSpec{.mean_pA = 300, .std_pA = 300, .interval_steps = 7}});
  spec.inputs.push_back({"ac", whole(spec, 1), AcInputSpec{80, 20, 40, 90}});
  spec.inputs.push_back({"steps", {1, 5, 40, 2}, CurrentInputSpec{{2.0, 6.0, 9.0}, {50, -100, 20}}});
  spec.inputs.push_back({"drive", whole(spec, 2), CurrentInputSpec{{0}, {9}}});
  spec.inputs.push_back({"poisson", {0, 3, 101, 2}, PoissonInputSpec{{{0.0, 5.0}, {9000, 12000}}, 45}});
  spec.inputs.push_back({"copies", {0, 1, 100, 3}, MipInputSpec{{{{0}, {3000}}, 60}, 0.3}});
  return spec;
}

class Owners : public ::testing::Test {
 protected:
  void SetUp() override { setenv("SHARPWAVE_GPU_KERNEL", "persistent", 1); }
  void TearDown() override { unsetenv("SHARPWAVE_GPU_KERNEL"); }
};

TEST_F(Owners, GiveTheSpikesOfTheCpuWhateverTheirNumber) {
  const ModelSpec spec = ring_of(NeuronModel::iaf_psc_exp, 420, 90, between(0.1, 2.0));
  for (std::uint32_t n = 1; n <= simt::SimtBackend::kMostOwners; ++n) {
    SCOPED_TRACE(n);
    const auto engine = by_owners(spec, n);
    ASSERT_TRUE(has_owners(*engine)) << engine->construction().layout;
    expect_spikes_of_the_cpu(*engine, spec, 400);
  }
}

TEST_F(Owners, GiveTheSpikesOfTheCpuFromWindowsOfFewSteps) {
  setenv("SHARPWAVE_GPU_KERNEL", "persistent", 1);
  const std::uint32_t n_owners = 5;
  const std::uint64_t row_bytes = 32 * sizeof(std::int32_t);
  for (const auto& [model, weight] :
       {std::pair(NeuronModel::iaf_psc_exp, 90.0), std::pair(NeuronModel::iaf_psc_delta, 1.0)}) {
    const ModelSpec spec = ring_of(model, 420, weight, between(0.1, 2.0));
    std::uint32_t n_fitting = 0;
    for (std::uint64_t bytes = 0; n_fitting < 5; bytes += row_bytes) {
      const auto engine = by_owners(spec, n_owners, bytes);
      if (!has_owners(*engine)) continue;
      ++n_fitting;
      EXPECT_EQ(engine->construction().layout.find(" 0 % of"), std::string::npos) << "nothing is far";
      SCOPED_TRACE(engine->construction().layout);
      expect_spikes_of_the_cpu(*engine, spec, 300);
    }
  }
}

// Schedules: late input, input that acts at once, no delay of one step.
TEST_F(Owners, GiveTheSpikesOfTheCpuForTheShortestAndTheLongestDelays) {
  for (const auto& [model, weight] :
       {std::pair(NeuronModel::iaf_psc_exp, 90.0), std::pair(NeuronModel::iaf_psc_delta, 1.0)})
    for (const Distribution& delay :
         {between(0.1, 0.1), between(0.2, 0.2), between(0.2, 3.3), between(25, 25), between(0.1, 180)}) {
      const ModelSpec spec = ring_of(model, 420, weight, delay);
      const auto engine = by_owners(spec, 4);
      ASSERT_TRUE(has_owners(*engine)) << engine->construction().layout;
      SCOPED_TRACE(std::to_string(delay.a) + " to " + std::to_string(delay.b) + " ms, " +
                   engine->construction().layout);
      expect_spikes_of_the_cpu(*engine, spec, 500);
    }
}

// More than a letter has words, and as many as there are neurons.
TEST_F(Owners, GiveTheSpikesOfTheCpuWhereAllFireInEachStep) {
  for (const NeuronModel model : {NeuronModel::iaf_psc_exp, NeuronModel::iaf_psc_delta}) {
    ModelSpec spec = ring_of(model, 1e6, 1, between(0.1, 1.0));
    neurons(spec, 0)[NeuronParameter::t_ref] = Distribution{.a = 0};
    const auto engine = by_owners(spec, 3);
    ASSERT_TRUE(has_owners(*engine)) << engine->construction().layout;
    EXPECT_EQ(simulate(spec, 1, 30).size(), 30u * 97);
    expect_spikes_of_the_cpu(*engine, spec, 30);
  }
}

TEST_F(Owners, AreSilentWhereNobodyFires) {
  const ModelSpec spec = ring_of(NeuronModel::iaf_psc_exp, 1, 1, between(0.1, 1.0));
  const auto engine = by_owners(spec, 3);
  ASSERT_TRUE(has_owners(*engine)) << engine->construction().layout;
  EXPECT_TRUE(simulate(*engine, 100, 30).empty());
}

TEST_F(Owners, GiveTheSpikesOfTheCpuWithSeveralModelsAndAllInputs) {
  ModelSpec spec = mixed();
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    spec.simulation.precision = precision;
    const auto engine = by_owners(spec, 6);
    ASSERT_TRUE(has_owners(*engine)) << engine->construction().layout;
    expect_spikes_of_the_cpu(*engine, spec, 400);
  }
}

// A sum that 32 bits might not hold, though it never comes to that.
TEST_F(Owners, AddUpIn64BitsWhereTheyHaveTo) {
  ModelSpec spec = ring_of(NeuronModel::iaf_psc_exp, 420, 90, between(0.1, 2.0));
  spec.inputs.push_back({"storm", whole(spec, 0), PoissonInputSpec{{{0}, {2e6}}, 60000}});
  spec.inputs.push_back({"calm", whole(spec, 0), PoissonInputSpec{{{0}, {2e6}}, -60000}});
  const auto engine = by_owners(spec, 6);
  ASSERT_TRUE(has_owners(*engine)) << engine->construction().layout;
  EXPECT_EQ(engine->construction().grids.at(0).accumulator_bits, 64);
  expect_spikes_of_the_cpu(*engine, spec, 200);
}

TEST_F(Owners, CutRunsGiveTheSpikesOfWholeOnes) {
  const ModelSpec spec = mixed();
  const auto whole_run = by_owners(spec, 5);
  const auto cut = by_owners(spec, 5);
  EXPECT_EQ(simulate(*cut, 211, 7), simulate(*whole_run, 211, 211));
  EXPECT_EQ(cut->save(), whole_run->save());
}

// CPU, owners, graph, other owners with a smaller window, CPU.
TEST_F(Owners, RunsGoOnByOtherMeans) {
  const ModelSpec spec = mixed();
  const auto cpu = make_cpu_engine(spec, 2);
  const std::unique_ptr<Engine> others[] = {by_owners(spec, 5), by_graph(spec), by_owners(spec, 3, 24 << 10),
                                            make_cpu_engine(spec, 1)};
  ASSERT_TRUE(has_owners(*others[0]) && has_owners(*others[2])) << others[2]->construction().layout;
  simulate(*cpu, 53, 53);
  EngineState state = cpu->save();
  for (const auto& other : others) {
    other->restore(state);
    EXPECT_EQ(other->save(), state);
    EXPECT_EQ(simulate(*other, 61, 40), simulate(*cpu, 61, 61));
    state = other->save();
    EXPECT_EQ(state, cpu->save());
  }
}

// What is sampled is sampled by the graph of kernels, on the rows of owners.
TEST_F(Owners, LetTheGraphGoOnWhileAReportIsSampled) {
  const ModelSpec spec = mixed();
  const auto cpu = make_cpu_engine(spec, 1);
  const auto engine = by_owners(spec, 5);
  const std::vector<ReportSpec> reports = {{.name = "r",
                                            .slice = whole(spec, 1),
                                            .variables = {StateVariable::V_m},
                                            .times = {.first_step = 0, .last_step = 500, .interval = 3}}};
  Block expected;
  Block found;
  for (const bool samples : {false, true, false}) {
    cpu->record(samples ? reports : std::vector<ReportSpec>{});
    engine->record(samples ? reports : std::vector<ReportSpec>{});
    cpu->advance(50, expected);
    engine->advance(50, found);
    EXPECT_EQ(found.ids, expected.ids);
    ASSERT_EQ(found.reports.size(), expected.reports.size());
    for (std::size_t r = 0; r < found.reports.size(); ++r)
      EXPECT_EQ(found.reports[r].values, expected.reports[r].values);
  }
}

TEST_F(Owners, AreTakenOrLeftAsIsAskedFor) {
  const ModelSpec spec = mixed();
  setenv("SHARPWAVE_GPU_KERNEL", "graph", 1);
  const auto engine = by_owners(spec, 5);
  EXPECT_FALSE(has_owners(*engine));
  EXPECT_NE(engine->construction().layout.find("SHARPWAVE_GPU_KERNEL=graph"), std::string::npos);
  expect_spikes_of_the_cpu(*engine, spec, 100);
}

}  // namespace
}  // namespace sharpwave::testing
