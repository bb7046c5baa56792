// Weights that were recorded are read again; what is no such file is refused with its place.
#include "host/io/weight_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/learning_writer.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::test {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

class WeightFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "weights_w.h5"; }

  /// Two samples, after 10 and 25 steps, as a run writes them.
  void write(bool is_negative, const std::vector<float>& first, const std::vector<float>& last) const {
    PlasticSynapses synapses{.sources = {0, 0, 7}, .targets = {1, 1, 0}, .delay_steps = {3, 15, 1}};
    WeightWriter writer(folder_.path(), {.name = "w", .w_max = 4, .is_negative = is_negative, .dt_ms = 0.1},
                        synapses);
    writer.append(10, first);
    writer.append(25, last);
    writer.finish();
  }

  /// A file made by hand, and why it is refused.
  [[nodiscard]] std::string refusal(const std::function<void(hdf5::Group&)>& fill) const {
    {
      hdf5::File file = hdf5::File::create(path());
      {
        hdf5::Group root = file.root();
        fill(root);
      }
      file.close();
    }
    try {
      static_cast<void>(read_weight_sample(path(), {}, 0.1));
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ExitCode::damaged_data || error.code() == ExitCode::invalid_config);
      const std::string what = error.what();
      EXPECT_EQ(what.find(path().string()), 0U) << what;
      return what;
    }
    return "not refused";
  }

  TemporaryFolder folder_;
};

/// One that is whole, but for what a case changes.
struct Parts {
  std::vector<double> times_ms{1.0};
  std::vector<std::uint32_t> sources{0, 1};
  std::vector<std::uint32_t> targets{1, 0};
  std::vector<double> delays_ms{0.3, 1.5};
  std::vector<float> weights{1, 2};
  std::uint64_t columns = 2;

  void put_into(hdf5::Group& root) const {
    hdf5::Group group = root.create_group("weights");
    group.write("time", times_ms);
    group.write("source", sources);
    group.write("target", targets);
    group.write("delay", delays_ms);
    hdf5::Dataset table = group.create_extendible("weight", hdf5::NumberType::f32, 4, columns);
    table.append(weights);
  }
};

TEST_F(WeightFile, IsReadAsItWasWritten) {
  write(false, {1, 0, 0.25F}, {2, 0.5F, 0.1F});
  const WeightSample last = read_weight_sample(path(), {}, 0.1);
  EXPECT_EQ(last.time_ms, 2.5);
  EXPECT_EQ(last.weighted.synapses.sources, (std::vector<std::uint32_t>{0, 0, 7}));
  EXPECT_EQ(last.weighted.synapses.targets, (std::vector<std::uint32_t>{1, 1, 0}));
  EXPECT_EQ(last.weighted.synapses.delay_steps, (std::vector<std::uint32_t>{3, 15, 1}));
  EXPECT_EQ(last.weighted.magnitudes, (std::vector<float>{2, 0.5F, 0.1F}));
  EXPECT_FALSE(last.is_negative);
  EXPECT_EQ(last.least, 2U);
  EXPECT_EQ(last.most, 0U);
  const WeightSample first = read_weight_sample(path(), {.time_ms = 1.0}, 0.1);
  EXPECT_EQ(first.weighted.magnitudes, (std::vector<float>{1, 0, 0.25F}));
  EXPECT_NE(first.digest, last.digest);
}

TEST_F(WeightFile, TellsInhibitionAlsoByZeros) {
  write(true, {0, 0, 0}, {1, 0, 3});
  const WeightSample zeros = read_weight_sample(path(), {.time_ms = 1.0}, 0.1);
  EXPECT_TRUE(zeros.is_negative);
  EXPECT_EQ(zeros.weighted.magnitudes, (std::vector<float>{0, 0, 0}));
  const WeightSample last = read_weight_sample(path(), {}, 0.1);
  EXPECT_TRUE(last.is_negative);
  EXPECT_EQ(last.weighted.magnitudes, (std::vector<float>{1, 0, 3}));
  const std::string digest = last.digest;
  write(false, {0, 0, 0}, {1, 0, 3});
  EXPECT_NE(read_weight_sample(path(), {}, 0.1).digest, digest);
}

TEST_F(WeightFile, ASampleThatIsNotThereIsNamed) {
  write(false, {1, 1, 1}, {2, 2, 2});
  try {
    static_cast<void>(read_weight_sample(path(), {.time_ms = 2.0}, 0.1));
    FAIL() << "read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_config);
    EXPECT_EQ(std::string(error.what()),
              path().string() + ": /weights/time: has no sample at 2 ms; its 2 are from 1 to 2.5 ms");
  }
}

TEST_F(WeightFile, OfNoSynapsesHasNoWeights) {
  WeightWriter writer(folder_.path(), {.name = "w", .w_max = 4, .dt_ms = 0.1}, PlasticSynapses{});
  writer.append(10, {});
  writer.finish();
  EXPECT_TRUE(read_weight_sample(path(), {}, 0.1).weighted.magnitudes.empty());
}

TEST_F(WeightFile, WhatIsMissingIsNamed) {
  EXPECT_NE(refusal([](hdf5::Group&) {}).find("weights"), std::string::npos);
  for (const char* name : {"time", "source", "target", "delay", "weight"}) {
    const std::string what = refusal([&](hdf5::Group& root) {
      hdf5::Group group = root.create_group("weights");
      const std::vector<double> one{1.0};
      const std::vector<std::uint32_t> index{0};
      for (const char* other : {"time", "delay"})
        if (std::string(other) != name) group.write(other, one);
      for (const char* other : {"source", "target"})
        if (std::string(other) != name) group.write(other, index);
    });
    EXPECT_NE(what.find(name), std::string::npos) << what;
  }
}

TEST_F(WeightFile, ValuesThatCannotBeAreNamed) {
  const auto with = [&](const std::function<void(Parts&)>& change) {
    return refusal([&](hdf5::Group& root) {
      Parts parts;
      change(parts);
      parts.put_into(root);
    });
  };
  const auto expect_named = [](const std::string& what, const std::string& expected) {
    EXPECT_NE(what.find(expected), std::string::npos) << what;
  };
  EXPECT_EQ(with([](Parts&) {}), "not refused");
  expect_named(with([](Parts& p) { p.weights[1] = kNaN; }),
               "/weights/weight: value 1 is nan; expected a finite weight");
  expect_named(with([](Parts& p) { p.weights[0] = std::numeric_limits<float>::infinity(); }),
               "/weights/weight: value 0 is inf; expected a finite weight");
  expect_named(with([](Parts& p) { p.weights[1] = -2; }),
               "/weights/weight: value 1 is -2; expected one of the sign that those before it have");
  expect_named(with([](Parts& p) {
                 p.weights = {1, 2, 3, 4};
               }),
               "/weights/weight: expected a table of 1 samples of 2 weights");
  expect_named(with([](Parts& p) { p.columns = 1; }),
               "/weights/weight: expected a table of 1 samples of 2 weights");
  expect_named(with([](Parts& p) { p.targets.push_back(1); }), "/weights/target: has 3 values; expected 2");
  expect_named(with([](Parts& p) { p.delays_ms.pop_back(); }), "/weights/delay: has 1 values; expected 2");
  for (const double delay_ms : {0.0, -0.3, 0.35, 1e9, static_cast<double>(kNaN)})
    expect_named(with([&](Parts& p) { p.delays_ms[1] = delay_ms; }), "/weights/delay: value 1 is ");
  expect_named(with([](Parts& p) {
                 p.times_ms.clear();
                 p.weights.clear();
               }),
               "/weights/time: has no sample; expected one at least");
}

TEST_F(WeightFile, OtherKindsOfNumbersAndShapesAreRefused) {
  const auto made = [&](const std::function<void(hdf5::Group&)>& fill) {
    return refusal([&](hdf5::Group& root) {
      hdf5::Group group = root.create_group("weights");
      fill(group);
    });
  };
  const std::vector<double> one{1.0};
  EXPECT_NE(made([&](hdf5::Group& group) {
              group.write("time", one);
              group.write("source", one);
            }).find("/weights/source: expected integers"),
            std::string::npos);
  EXPECT_NE(made([&](hdf5::Group& group) { static_cast<void>(group.create_group("time")); }).find("time"),
            std::string::npos);
  EXPECT_NE(made([&](hdf5::Group& group) {
              group.write("time", one);
              group.write("source", std::vector<std::int32_t>{-1});
            }).find("/weights/source: value 0 is -1"),
            std::string::npos);
  // More than any file holds.
  EXPECT_NE(made([&](hdf5::Group& group) {
              group.write("time", one);
              hdf5::Dataset huge = group.create_extendible("source", hdf5::NumberType::u32, 1024);
              huge.extend(std::uint64_t{1} << 60);
            }).find("/weights/source: says that it has"),
            std::string::npos);
}

/// WeightedEdges of one population that are whole, but for what a case changes.
struct WeightedEdges {
  std::vector<std::uint64_t> sources{2, 0, 2, 0};
  std::vector<std::uint64_t> targets{1, 5, 1, 4};
  std::vector<std::uint64_t> group_ids{0, 0, 0, 0};
  std::vector<std::uint64_t> positions{0, 1, 2, 3};
  std::vector<double> weights{-1, -2, -3, -4};
  std::vector<double> delays_ms{0.2, 1.5, 0.1, 1};
  std::vector<double> n_synapses;

  void put_into(hdf5::Group& edges, const std::string& name) const {
    hdf5::Group population = edges.create_group(name);
    population.write("source_node_id", sources);
    population.write("target_node_id", targets);
    population.write("edge_group_id", group_ids);
    population.write("edge_group_index", positions);
    hdf5::Group group = population.create_group("0");
    if (!weights.empty()) group.write("syn_weight", weights);
    if (!delays_ms.empty()) group.write("delay", delays_ms);
    if (!n_synapses.empty()) group.write("nsyns", n_synapses);
  }
};

class EdgeWeights : public WeightFile {
 protected:
  [[nodiscard]] std::string outcome(const WeightedEdges& edges,
                                    const std::vector<std::string>& names = {"a_to_b"}) const {
    return refusal([&](hdf5::Group& root) {
      hdf5::Group group = root.create_group("edges");
      for (const std::string& name : names) edges.put_into(group, name);
    });
  }
};

TEST_F(EdgeWeights, ComeInTheOrderOfSynapses) {
  WeightedEdges edges;
  ASSERT_EQ(outcome(edges), "not refused");
  const WeightSample sample = read_weight_sample(path(), {}, 0.1);
  EXPECT_FALSE(sample.time_ms);
  EXPECT_TRUE(sample.is_negative);
  EXPECT_EQ(sample.weighted.synapses.sources, (std::vector<std::uint32_t>{0, 0, 2, 2}));
  EXPECT_EQ(sample.weighted.synapses.targets, (std::vector<std::uint32_t>{4, 5, 1, 1}));
  EXPECT_EQ(sample.weighted.synapses.delay_steps, (std::vector<std::uint32_t>{10, 15, 1, 2}));
  EXPECT_EQ(sample.weighted.magnitudes, (std::vector<float>{4, 2, 3, 1}));
  EXPECT_EQ(sample.least, 3U);
  EXPECT_EQ(sample.most, 0U);
  edges.delays_ms.clear();
  ASSERT_EQ(outcome(edges), "not refused");
  const WeightedSynapses without = read_weight_sample(path(), {}, 0.1).weighted;
  EXPECT_EQ(without.magnitudes, (std::vector<float>{4, 2, 1, 3}))
      << "those of a pair as they are in the file";
  EXPECT_EQ(without.synapses.delay_steps, (std::vector<std::uint32_t>(4, 0)));
}

TEST_F(EdgeWeights, AreOfOnePopulation) {
  EXPECT_NE(outcome({}, {"a", "b"})
                .find("/edges: has 2 populations; expected edge_population to be one of its "
                      "own: a, b"),
            std::string::npos);
  EXPECT_EQ(read_weight_sample(path(), {.edge_population = "b"}, 0.1).weighted.magnitudes.size(), 4U);
  const auto refused = [&](const WeightChoice& choice) {
    return refusal_of(ExitCode::invalid_config,
                      [&] { static_cast<void>(read_weight_sample(path(), choice, 0.1)); });
  };
  EXPECT_NE(refused({.edge_population = "c"}).find("/edges: has no population 'c'; expected"),
            std::string::npos);
  EXPECT_NE(refused({.time_ms = 1, .edge_population = "b"}).find("expected no `time`"), std::string::npos);
  write(false, {1, 1, 1}, {2, 2, 2});
  EXPECT_NE(refused({.edge_population = "b"}).find("expected no `edge_population`"), std::string::npos);
}

TEST_F(EdgeWeights, WhatIsNoWeightOfASynapseIsNamed) {
  const auto expect_named = [&](const std::function<void(WeightedEdges&)>& change,
                                const std::string& expected) {
    WeightedEdges edges;
    change(edges);
    const std::string what = outcome(edges);
    EXPECT_NE(what.find(expected), std::string::npos) << what;
  };
  const std::string at = "/edges/a_to_b/";
  expect_named([](WeightedEdges& e) { e.weights[2] = 1; },
               at + "0/syn_weight: value 2 is 1; expected one of the sign that those before it have");
  expect_named([](WeightedEdges& e) { e.weights[0] = -1e300; },
               at + "0/syn_weight: value 0 is -1e+300; expected a weight that float32 holds");
  expect_named([](WeightedEdges& e) { e.weights.pop_back(); }, at + "0/syn_weight: has 3 values; expected 4");
  expect_named([](WeightedEdges& e) { e.weights.clear(); }, "syn_weight");
  expect_named([](WeightedEdges& e) { e.delays_ms[1] = 0.25; },
               at + "0/delay: value 1 is 0.25; expected a multiple of dt");
  expect_named([](WeightedEdges& e) { e.group_ids[3] = 1; }, at + "edge_group_id: value 3 is 1");
  expect_named(
      [](WeightedEdges& e) {
        e.positions = {0, 2, 1, 3};
      },
      at + "edge_group_index: value 1 is 2; expected 1, the edge itself");
  expect_named(
      [](WeightedEdges& e) {
        e.n_synapses = {1, 1, 1, 2};
      },
      at + "0/nsyns: value 3 is 2; expected 1: each synapse has a weight of its own");
  expect_named([](WeightedEdges& e) { e.targets.pop_back(); },
               at + "target_node_id: has 3 values; expected 4");
}

TEST_F(WeightFile, WhatIsNoHdf5IsRefused) {
  write_text(path(), "weights");
  EXPECT_THROW(static_cast<void>(read_weight_sample(path(), {}, 0.1)), Error);
  EXPECT_THROW(static_cast<void>(read_weight_sample(folder_ / "absent.h5", {}, 0.1)), Error);
}

}  // namespace
}  // namespace sharpwave::test
