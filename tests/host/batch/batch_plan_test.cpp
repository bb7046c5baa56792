// Which instances share a network, what is said of those that cannot be, and how threads are dealt out.
#include "host/batch/batch_plan.hpp"

#include <gtest/gtest.h>

#include "host/config/diagnostic.hpp"
#include "tests/host/batch/small_batch.hpp"

namespace sharpwave {
namespace {

std::vector<std::size_t> groups(const std::string& vary) {
  const SmallBatch batch("{vary: {" + vary + "}}");
  std::vector<std::size_t> all;
  for (const BatchInstance& instance : batch.record.instances) all.push_back(instance.group);
  return all;
}

using Groups = std::vector<std::size_t>;
const Groups kShared = {0, 0};
const Groups kApart = {0, 1};

TEST(BatchPlan, SharesTheNetworkWhereConstructionReadsTheSame) {
  EXPECT_EQ(groups("simulation.seed: [1, 2]"), kShared);
  EXPECT_EQ(groups("simulation.duration: [50, 60]"), kShared);
  EXPECT_EQ(groups("populations.E.params.C_m: [250, 300]"), kShared);
  EXPECT_EQ(groups("populations.E.params.I_e: [0, {normal: {mean: 300, sd: 10}}]"), kShared);
  EXPECT_EQ(groups("populations.E.initial.V_m: [-70, -60]"), kShared);
  EXPECT_EQ(groups("inputs.0.rate: [100, 20000]"), kShared);
  EXPECT_EQ(groups("inputs.0.weight: [35, 40]"), kShared);  // on one grid
}

TEST(BatchPlan, BuildsAnotherNetworkWhereItReadsSomethingElse) {
  EXPECT_EQ(groups("simulation.network_seed: [1, 2]"), kApart);
  EXPECT_EQ(groups("simulation.dt: [0.1, 0.05]"), kApart);
  EXPECT_EQ(groups("simulation.precision: [float32, float64]"), kApart);
  EXPECT_EQ(groups("populations.E.size: [80, 81]"), kApart);
  EXPECT_EQ(groups("populations.I.model: [iaf_psc_exp, iaf_psc_delta]"), kApart);  // receptors
  EXPECT_EQ(groups("populations.P.rate: [100, 100000]"), kApart);  // events of a source in a step
  EXPECT_EQ(groups("projections.1.weight: [-80, -70]"), kApart);
  EXPECT_EQ(groups("projections.1.delay: [1, 2]"), kApart);
  EXPECT_EQ(groups("projections.1.probability: [0.2, 0.3]"), kApart);
  EXPECT_EQ(groups("projections.1.name: [IE, EI]"), kApart);
  EXPECT_EQ(groups("inputs.0.weight: [35, 0.01]"), kApart);  // a finer grid for all that E receives
}

// The grids of float64 hold the worst step, to which every input adds.
TEST(BatchPlan, InFloat64RatesAndWeightsOfInputsMakeAnotherNetwork) {
  EXPECT_EQ(groups("simulation.precision: [float64], inputs.0.rate: [100, 20000]"), kApart);
  EXPECT_EQ(groups("simulation.precision: [float64], inputs.0.weight: [35, 30]"), kApart);
  EXPECT_EQ(groups("simulation.precision: [float64], simulation.seed: [1, 2]"), kShared);
}

TEST(BatchPlan, GroupsCountTheirInstances) {
  const SmallBatch batch("{size: 12, vary: {projections.1.weight: [-80, -70], inputs.0.rate: [1, 2, 3]}}", 4);
  ASSERT_EQ(batch.record.groups.size(), 2u);
  for (const BatchGroup& group : batch.record.groups) {
    EXPECT_EQ(group.n_instances, 6u);
    EXPECT_EQ(group.workers, 4);
    EXPECT_EQ(group.threads_each, 1);
    EXPECT_EQ(group.peak_bytes(),
              group.synapse_bytes + group.transient_bytes + group.shared_bytes + 4 * group.state_bytes);
  }
  EXPECT_EQ(batch.record.instances[11].name, "0011");
  EXPECT_EQ(batch.record.instances[11].seed, 16u);
  EXPECT_EQ(batch.record.instances[11].planned_ms, 60);
}

TEST(BatchPlan, SmallNetworksGetAThreadEachAndLargeOnesWhatIsLeft) {
  const auto workers = [](std::uint64_t n, std::uint64_t n_neurons, int threads) {
    BatchGroup group;
    set_workers(group, n, n_neurons, threads);
    return std::pair(group.workers, group.threads_each);
  };
  EXPECT_EQ(workers(64, 100'000, 8), std::pair(8, 1));
  EXPECT_EQ(workers(2, 100'000, 8), std::pair(2, 4));
  EXPECT_EQ(workers(3, 100'000, 8), std::pair(3, 2));
  EXPECT_EQ(workers(1, 100'000, 8), std::pair(1, 8));
  EXPECT_EQ(workers(2, 100, 8), std::pair(2, 1));
  EXPECT_EQ(workers(2, 2'500, 8), std::pair(2, 2));
}

std::string refusal(const std::string& batch) {
  try {
    const SmallBatch planned(batch);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_config);
    return error.what();
  }
  return "accepted";
}

TEST(BatchPlan, SaysWhatIsWrongWithAllInstancesAtOnceAndWhere) {
  EXPECT_EQ(
      refusal("{vary: {populations.E.size: [5, -3, 0], inputs.background.rate: [1, -1]}}"),
      "net.yaml:15:40: populations.E.size: read '-3', expected an integer from 1 to 4294967039 (instances "
      "0002, 0003)\n"
      "net.yaml:15:44: populations.E.size: read '0', expected an integer from 1 to 4294967039 (instances "
      "0004, 0005)\n"
      "net.yaml:15:76: inputs[0].rate: read '-1', expected a number >= 0 Hz, {times: [...], rates: [...]}, "
      "or "
      "{file: ...} (instances 0001, 0003, 0005)");
}

TEST(BatchPlan, AMisspeltKeyIsNamedOnceForAllInstances) {
  EXPECT_EQ(refusal("{size: 8, vary: {populations.E.sze: [5, 6]}}"),
            "net.yaml:15:45: populations.E.sze: read key 'sze', expected a known key (did you mean 'size'?; "
            "instances 0000, 0001, 0002 and 5 more)");
}

// Else one of the two would have no effect, and the results would say that it had.
TEST(BatchPlan, NoTwoKeysMayChangeTheSame) {
  for (const std::string other : {"inputs.0.rate", "inputs[0].rate", "inputs.0", "inputs"}) {
    const std::string message = refusal("{vary: {inputs.background.rate: [3], \"" + other + "\": [1, 2]}}");
    EXPECT_NE(
        message.find("expected a key in `vary` that changes nothing that `inputs.background.rate` changes"),
        std::string::npos)
        << message;
  }
  EXPECT_EQ(refusal("{vary: {populations.E.params.C_m: [250], populations.E.params.tau_m: [10]}}"),
            "accepted");
}

TEST(BatchPlan, NorMayTwoThatTheCommandLineGives) {
  const ConfigText config(
      small_config("null"), "net.yaml",
      parse_overrides({"batch={vary: {inputs.0.rate: [1, 2], inputs.background.rate: [3, 4, 5]}}"}), ".");
  const ModelSpec base = config.load();
  EXPECT_EQ(base.batch->size, 6u);
  EXPECT_THROW(static_cast<void>(plan_batch(config, base, {}, 2)), ConfigError);
}

TEST(BatchPlan, WhatOnlyTheNetworkShowsIsSaidWithItsInstance) {
  const std::string message = refusal("{vary: {inputs.background.weight: [1, 1e25]}}");
  EXPECT_NE(message.find("beyond every grid"), std::string::npos) << message;
  EXPECT_NE(message.find("instance 0001"), std::string::npos) << message;
}

}  // namespace
}  // namespace sharpwave
