#include "host/run/recorder.hpp"

#include <gtest/gtest.h>

#include "host/io/hdf5.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

TEST(Recorder, WritesTheChosenSpikesWithTheirTimes) {
  const TemporaryDirectory directory;
  const ModelSpec spec = five_neurons(0, 12);
  FakeEngine engine;
  Recorder recorder(spec, directory.path());
  Block block;
  for (const std::uint64_t n : {std::uint64_t{5}, std::uint64_t{7}}) {
    engine.advance(n, block);
    recorder.record(block);
  }
  const auto files = recorder.finish();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0], directory.path() / "spikes.h5");
  EXPECT_EQ(files[1], directory.path() / "report_trace.h5");

  const hdf5::File file = hdf5::File::open(files[0]);
  const hdf5::Group spikes = file.root().group("spikes");
  EXPECT_EQ(spikes.names(), (std::vector<std::string>{"A", "B"})) << "no virtual source";
  const hdf5::Group a = spikes.group("A");
  EXPECT_EQ(a.dataset("node_ids").read_unsigned(18).size(), 18U);
  // Of B only its neuron 1 (id 3) is recorded; it fires every fourth step.
  const hdf5::Group b = spikes.group("B");
  EXPECT_EQ(b.dataset("node_ids").read_unsigned(), (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(b.dataset("timestamps").read_doubles(), (std::vector<double>{0.4, 0.8, 1.2}));
}

TEST(Recorder, MakesNoFileWhereNothingIsRecorded) {
  const TemporaryDirectory directory;
  ModelSpec spec = five_neurons(0, 12);
  spec.record_spikes.clear();
  spec.reports.clear();
  Recorder recorder(spec, directory.path());
  EXPECT_TRUE(recorder.finish().empty());
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(PopulationIds, SplitsAtThePopulationsAndSkipsEmptyOnes) {
  ModelSpec spec;
  spec.populations = {{"A", 2, NeuronSpec{}},
                      {"empty", 0, NeuronSpec{}},
                      {"source", 9, PoissonSourceSpec{}},
                      {"B", 3, ParrotSpec{}}};
  const PopulationIds populations(spec);
  EXPECT_EQ(populations.n_ids(), 5U);
  std::vector<std::pair<std::size_t, std::vector<std::uint32_t>>> seen;
  const std::vector<std::uint32_t> ids{1, 2, 2, 4};
  populations.split(ids, [&](std::size_t rank, std::span<const std::uint32_t> part) {
    seen.push_back({rank, {part.begin(), part.end()}});
  });
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].first, 0U);
  EXPECT_EQ(seen[0].second, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(seen[1].first, 2U);
  EXPECT_EQ(populations.index_in_spec(seen[1].first), 3U);
  EXPECT_EQ(seen[1].second, (std::vector<std::uint32_t>{2, 2, 4}));
}

}  // namespace
}  // namespace sharpwave
