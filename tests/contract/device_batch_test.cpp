// What instances of one network on a device must not notice of each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "tests/contract/device_contract.hpp"
#include "tests/host/batch/batch_fixture.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

/// Calls of several threads, all begun.
void at_once(const std::vector<std::function<void()>>& calls) {
  std::vector<std::thread> threads;
  for (const auto& call : calls) threads.emplace_back(call);
  for (std::thread& thread : threads) thread.join();
}

/// Another instance of the same network.
ModelSpec instance(const ModelSpec& spec, std::uint64_t i) {
  ModelSpec other = spec;
  other.simulation.seed += i;
  return other;
}

/// Of all neurons, in every step.
std::vector<ReportSpec> potentials(const ModelSpec& spec) {
  std::vector<ReportSpec> reports;
  for (std::uint32_t p = 0; p < spec.populations.size(); ++p)
    if (spec.populations[p].neurons() != nullptr)
      reports.push_back({.name = spec.populations[p].name,
                         .slice = whole(spec, p),
                         .variables = {StateVariable::V_m},
                         .times = {.first_step = 0, .last_step = 1000, .interval = 1}});
  return reports;
}

class Together : public ::testing::TestWithParam<NamedNetwork> {
 protected:
  void SetUp() override {
    if (const std::string reason = device_.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  }

  [[nodiscard]] BuiltNetwork build(std::uint32_t instances) const {
    return build_device_network(GetParam().spec, 1, instances, device_.make_executor);
  }
  void expect_as_alone(const ModelSpec& spec, const std::vector<Spike>& found) const {
    EXPECT_EQ(found, simulate(spec, 1, steps_)) << "seed " << spec.simulation.seed;
  }

  DeviceUnderTest device_ = device_under_test();
  std::uint64_t steps_ = std::min<std::uint64_t>(device_.steps, 120);
};

// In blocks of different lengths.
TEST_P(Together, EachGivesTheSpikesOfItsRunAlone) {
  constexpr std::uint64_t kInstances = 3;
  const BuiltNetwork built = build(kInstances);
  std::vector<std::unique_ptr<Engine>> engines;
  for (std::uint64_t i = 0; i < kInstances; ++i)
    engines.push_back(make_engine(instance(GetParam().spec, i), built));
  std::vector<std::vector<Spike>> found(kInstances);
  std::vector<std::function<void()>> runs;
  for (std::uint64_t i = 0; i < kInstances; ++i)
    runs.emplace_back([&, i] {
      found[i] = simulate(*engines[i], steps_, 37 + 30 * i);
      engines[i].reset();  // else the others wait for it
    });
  at_once(runs);
  for (std::uint64_t i = 0; i < kInstances; ++i) expect_as_alone(instance(GetParam().spec, i), found[i]);
  EXPECT_NE(found[0], found[1]) << "the instances are all the same";
}

// One ends early, another takes its seat; the third goes on.
TEST_P(Together, MayLeaveAndMakeRoomForOthers) {
  const BuiltNetwork built = build(2);
  const ModelSpec& spec = GetParam().spec;
  std::vector<Spike> whole, later;
  std::unique_ptr<Engine> long_one = make_engine(spec, built);
  at_once({[&] {
             whole = simulate(*long_one, steps_, 20);
             long_one.reset();
           },
           [&] {
             static_cast<void>(simulate(*make_engine(instance(spec, 1), built), 25, 10));
             later = simulate(*make_engine(instance(spec, 2), built), steps_, 15);
           }});
  expect_as_alone(spec, whole);
  expect_as_alone(instance(spec, 2), later);
}

// As the watchdog does to find a step: back to a state, in single steps, with more recorded.
TEST_P(Together, OneMayGoBackWhileTheOthersGoOn) {
  const BuiltNetwork built = build(2);
  const ModelSpec& spec = GetParam().spec;
  const std::uint64_t half = steps_ / 2;
  std::vector<Spike> first, again, other;
  std::unique_ptr<Engine> searched = make_engine(spec, built);
  std::unique_ptr<Engine> watched = make_engine(instance(spec, 1), built);
  EngineState after;
  at_once({[&] {
             static_cast<void>(simulate(*searched, half, 50));
             const EngineState state = searched->save();
             first = simulate(*searched, 20, 20);
             after = searched->save();
             searched->restore(state);
             searched->record(potentials(spec));
             again = simulate(*searched, 20, 1);
             EXPECT_EQ(searched->save(), after);
             searched.reset();
           },
           [&] {
             other = simulate(*watched, steps_, 11);
             watched.reset();
           }});
  EXPECT_EQ(again, first);
  expect_as_alone(instance(spec, 1), other);
  const auto cpu = make_cpu_engine(spec, 1);
  static_cast<void>(simulate(*cpu, half, 50));
  EXPECT_EQ(simulate(*cpu, 20, 20), first);
  EXPECT_EQ(cpu->save(), after);
}

// Each has the samples of its own run: one some, one none, one others.
TEST_P(Together, EachHasItsOwnReports) {
  const BuiltNetwork built = build(3);
  std::vector<ModelSpec> specs;
  for (std::uint64_t i = 0; i < 3; ++i) {
    specs.push_back(instance(GetParam().spec, i));
    if (i == 1) continue;
    for (std::uint32_t p = 0; p < specs[i].populations.size() && specs[i].reports.size() <= i / 2; ++p)
      if (specs[i].populations[p].neurons() != nullptr)
        specs[i].reports.push_back(
            {.name = specs[i].populations[p].name,
             .slice = {p, 0, specs[i].populations[p].size, 1 + static_cast<std::uint32_t>(i)},
             .variables = {StateVariable::V_m},
             .times = {.first_step = 0, .last_step = 50, .interval = 3 + i}});
  }
  std::vector<Block> found(3);
  std::vector<std::unique_ptr<Engine>> engines;
  for (const ModelSpec& spec : specs) engines.push_back(make_engine(spec, built));
  std::vector<std::function<void()>> runs;
  for (std::size_t i = 0; i < 3; ++i)
    runs.emplace_back([&, i] {
      engines[i]->advance(40, found[i]);
      engines[i].reset();
    });
  at_once(runs);
  for (std::size_t i = 0; i < 3; ++i) {
    Block expected;
    make_cpu_engine(specs[i], 1)->advance(40, expected);
    ASSERT_EQ(found[i].reports.size(), expected.reports.size());
    for (std::size_t r = 0; r < expected.reports.size(); ++r) {
      EXPECT_EQ(found[i].reports[r].steps, expected.reports[r].steps);
      EXPECT_EQ(found[i].reports[r].values, expected.reports[r].values);
    }
    EXPECT_EQ(found[i].ids, expected.ids);
  }
}

std::vector<NamedNetwork> networks_in_batches() {
  std::vector<NamedNetwork> chosen;
  for (const NamedNetwork& network : contract_networks())
    for (const char* name : {"exp", "sources", "currents", "dense_float64"})
      if (network.name == name) chosen.push_back(network);
  for (const NamedNetwork& network : plastic_networks())
    if (network.name == "stdp_presynaptic") chosen.push_back(network);
  return chosen;
}
INSTANTIATE_TEST_SUITE_P(Networks, Together, ::testing::ValuesIn(networks_in_batches()),
                         [](const auto& network) { return network.param.name; });

/// Whole batches, as the program runs them.
class BatchOnADevice : public BatchFixture {
 protected:
  void SetUp() override {
    BatchFixture::SetUp();
    const DeviceUnderTest device = device_under_test();
    if (const std::string reason = device.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
    device_ = {.on_gpu = true,
               .name = "device under test",
               .free_bytes = std::uint64_t{1} << 32,
               .make_executor = device.make_executor};
  }

  /// Of different lengths and parameters, at most three at once.
  SmallBatch batch() {
    SmallBatch batch(
        "{mode: zip, vary: {simulation.duration: [8, 12, 6, 8, 10], simulation.warm_up: [2, 2, 2, 4, 1], "
        "populations.E.params.C_m: [250, {normal: {mean: 250, sd: 10}, min: 200}, 250, 220, 250], "
        "inputs.background.rate: [4000, 2500, 3000, 4000, 5000]}}",
        1, "", device_);
    EXPECT_EQ(batch.record.groups.size(), 1u);
    EXPECT_EQ(batch.record.groups[0].workers, 5) << "there is room for all";
    batch.record.groups[0].workers = 3;
    return batch;
  }
};

TEST_F(BatchOnADevice, EachInstanceHasTheFilesOfTheSameRunAloneOnTheCpu) {
  SmallBatch some = batch();
  EXPECT_EQ(run(some), ExitCode::ok);
  EXPECT_EQ(sink_.n_built, 1);
  for (const BatchInstance& instance : some.record.instances) expect_as_alone(some, instance, 1);
}

TEST_F(BatchOnADevice, ASignalStopsAllAndTheyGoOn) {
  SmallBatch some = batch();
  sink_.stop_at = "0003";
  EXPECT_EQ(run(some), ExitCode::interrupted);
  EXPECT_LT(read_batch_json(here()).count(InstanceStatus::done), 5u);
  sink_.stop_at.clear();
  EXPECT_EQ(resume(some), ExitCode::ok);
  for (const BatchInstance& instance : some.record.instances) expect_as_alone(some, instance, 1);
}

// It is halted in the middle: the watchdog finds the step by running again, while the others go on.
TEST_F(BatchOnADevice, AnInstanceThatFailsIsTakenOutAndTheOthersGoOn) {
  SmallBatch some(
      "{mode: zip, vary: {populations.E.params.I_e: [400, -1000000, 380], watchdog.bound: [1000, 1000, "
      "1000]}}",
      1, "", device_);
  EXPECT_EQ(some.record.groups.at(0).workers, 3);
  EXPECT_EQ(run(some), ExitCode::non_finite);
  EXPECT_EQ(some.record.instances[1].status, InstanceStatus::halted);
  EXPECT_EQ(some.record.instances[1].code, ExitCode::non_finite);
  EXPECT_NE(some.record.instances[1].message.find("divergence: V_m of neuron"), std::string::npos)
      << some.record.instances[1].message;
  for (const std::size_t i : {0, 2}) expect_as_alone(some, some.record.instances[i], 1);
}

// More can arrive at it in a step than the others' sums hold: it has a network of its own beside theirs.
TEST_F(BatchOnADevice, AnInstanceMayAddUpInMoreBitsThanTheOthers) {
  SmallBatch some(
      "{mode: zip, vary: {simulation.duration: [10, 8, 12], inputs.background.rate: [4000, 5000000, 3000], "
      "inputs.background.weight: [100, 7000, 100]}}",
      1, "", device_);
  EXPECT_EQ(some.record.groups.size(), 1u);
  EXPECT_EQ(run(some), ExitCode::ok);
  EXPECT_EQ(sink_.n_built, 1);
  for (std::size_t i = 0; i < 3; ++i) {
    const BatchInstance& instance = some.record.instances[i];
    EXPECT_EQ(read_run_json(here() / instance_folder(instance) / "run.json").grids.at(0).accumulator_bits,
              i == 1 ? 64 : 32);
    expect_as_alone(some, instance, 1);
  }
}

// What the memory has room for is planned before, and is refused with the figures.
TEST_F(BatchOnADevice, AsManyRunAtOnceAsThereIsRoomFor) {
  const ModelSpec spec = SmallBatch("{size: 2}").base;
  const DevicePlan plan = plan_device_network(spec, 1);
  const auto workers = [&](std::uint64_t free_bytes) {
    device_.free_bytes = free_bytes;
    return SmallBatch("{size: 9}", 1, "", device_).record.groups.at(0).workers;
  };
  EXPECT_EQ(workers(plan.bytes(1)), 1);
  EXPECT_EQ(workers(plan.bytes(4) + plan.instance_bytes() / 2), 4);
  EXPECT_EQ(workers(plan.bytes(100)), 9);
  device_.free_bytes = plan.bytes(1) - 1;
  SmallBatch none("{size: 9}", 1, "", device_);
  try {
    static_cast<void>(run(none));
    FAIL() << "it began";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::no_room);
    EXPECT_NE(std::string(error.what()).find("the GPU's memory"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace sharpwave::testing
