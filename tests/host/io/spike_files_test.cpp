#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/sonata.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave {
namespace {

using test::refusal_of;
using Ids = std::vector<std::uint64_t>;
using Times = std::vector<double>;

void write_population(hdf5::Group& spikes, const std::string& name, const char* id_name, const Ids& ids,
                      const Times& times) {
  hdf5::Group group = name.empty() ? std::move(spikes) : spikes.create_group(name);
  group.write(id_name, ids);
  group.write("timestamps", times);
}

/// A spike file with the same spikes in every population named; "" is the layout without populations.
std::filesystem::path spike_file(const test::TemporaryFolder& folder, const std::vector<std::string>& names,
                                 const char* id_name, const Ids& ids, const Times& times) {
  const std::filesystem::path path = folder / "spikes.h5";
  hdf5::File file = hdf5::File::create(path);
  {
    hdf5::Group root = file.root();
    hdf5::Group spikes = root.create_group("spikes");
    for (const std::string& name : names) write_population(spikes, name, id_name, ids, times);
  }
  file.close();
  return path;
}

TEST(SonataSpikes, AreReadFromBothLayoutsAndSorted) {
  const test::TemporaryFolder folder;
  for (const auto& [names, ids] :
       {std::pair{std::vector<std::string>{""}, "gids"}, std::pair{std::vector<std::string>{"a"}, "node_ids"},
        std::pair{std::vector<std::string>{"b", "a"}, "node_ids"}}) {
    const auto path = spike_file(folder, names, ids, {4, 2, 1}, {2.5, 1.0, 2.5});
    const SpikeSourceSpec spikes = read_sonata_spikes(path, "a", 5);
    EXPECT_EQ(spikes.indices, (std::vector<std::uint32_t>{2, 1, 4}));
    EXPECT_EQ(spikes.times_ms, (Times{1.0, 2.5, 2.5}));
  }
}

TEST(SonataSpikes, NeedAPopulationThatIsThere) {
  const test::TemporaryFolder folder;
  const auto path = spike_file(folder, {"a", "b"}, "node_ids", {1}, {1.0});
  EXPECT_NE(refusal_of(ExitCode::invalid_config, [&] { return read_sonata_spikes(path, "c", 0); })
                .find("populations a, b; expected 'c'"),
            std::string::npos);
  EXPECT_NE(refusal_of(ExitCode::invalid_config, [&] { return read_sonata_spikes(path, "", 0); })
                .find("expected exactly one"),
            std::string::npos);
}

TEST(SonataSpikes, AreRefusedOutsideThePopulationAndBeforeTheStart) {
  const test::TemporaryFolder folder;
  const auto too_high = spike_file(folder, {"a"}, "node_ids", {1, 5}, {1.0, 2.0});
  EXPECT_NE(refusal_of(ExitCode::damaged_data, [&] { return read_sonata_spikes(too_high, "a", 5); })
                .find("/spikes/a/node_ids: value 1 is 5; expected a node id, 0 to 4"),
            std::string::npos);
  EXPECT_EQ(read_sonata_spikes(too_high, "a", 6).indices.size(), 2U);
  for (const double time : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    const auto path = spike_file(folder, {"a"}, "node_ids", {1}, {time});
    EXPECT_NE(refusal_of(ExitCode::damaged_data, [&] { return read_sonata_spikes(path, "a", 0); })
                  .find("/spikes/a/timestamps: value 0 is"),
              std::string::npos);
  }
}

TEST(SonataSpikes, AreRefusedInOtherUnits) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder / "spikes.h5";
  hdf5::File file = hdf5::File::create(path);
  {
    hdf5::Group root = file.root();
    hdf5::Group spikes = root.create_group("spikes");
    spikes.write("gids", Ids{1});
    spikes.write("timestamps", Times{1.0});
    spikes.dataset("timestamps").set_attribute("units", std::string("s"));
  }
  file.close();
  EXPECT_NE(refusal_of(ExitCode::invalid_config, [&] { return read_sonata_spikes(path, "", 0); })
                .find("attribute 'units' is 's'; expected 'ms'"),
            std::string::npos);
}

TEST(TextSpikes, AreReadInAnyOrderWithComments) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "s.txt", "# index time\n3 2.5\n\n  1\t0.5 # early\r\n0 2.5");
  const SpikeSourceSpec spikes = read_text_spikes(folder / "s.txt");
  EXPECT_EQ(spikes.indices, (std::vector<std::uint32_t>{1, 0, 3}));
  EXPECT_EQ(spikes.times_ms, (Times{0.5, 2.5, 2.5}));
}

TEST(TextSpikes, MayBeNone) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "s.txt", "# nothing\n");
  EXPECT_TRUE(read_text_spikes(folder / "s.txt").indices.empty());
}

TEST(TextSpikes, AreRefusedWithTheirLine) {
  const test::TemporaryFolder folder;
  for (const char* line : {"1", "1 2 3", "-1 2.0", "x 2.0", "1.5 2.0", "10 2.0", "99999999999999999999 1",
                           "1 0", "1 -2", "1 nan", "1 inf", "1 2.0x", "1 1e999"}) {
    test::write_text(folder / "s.txt", std::string("0 1.0\n") + line + "\n");
    EXPECT_NE(refusal_of(ExitCode::damaged_data, [&] { return read_text_spikes(folder / "s.txt", 10); })
                  .find("s.txt:2: "),
              std::string::npos)
        << line;
  }
}

TEST(TextSpikes, SayWhereTheFileIsMissing) {
  const test::TemporaryFolder folder;
  EXPECT_NE(refusal_of(ExitCode::io, [&] { return read_text_spikes(folder / "absent.txt"); })
                .find("absent.txt: cannot be opened: No such file"),
            std::string::npos);
  EXPECT_NE(refusal_of(ExitCode::io, [&] { return read_text_spikes(folder.path()); }).find("is a directory"),
            std::string::npos);
}

}  // namespace
}  // namespace sharpwave
