#include "host/checkpoint/checkpoint_file.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "tests/host/checkpoint/sample_checkpoint.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

using test::same_bits;
using test::sample_checkpoint;

TEST(CheckpointFile, KeepsEveryBit) {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    const Checkpoint written = sample_checkpoint(precision);
    const std::string bytes = encode_checkpoint(written);
    const Checkpoint read = decode_checkpoint(bytes, "file");
    EXPECT_TRUE(same_bits(written, read));
    EXPECT_EQ(encode_checkpoint(read), bytes);
  }
}

TEST(CheckpointFile, KeepsWhatIsEmptyAndWhatIsLong) {
  Checkpoint checkpoint = sample_checkpoint();
  checkpoint.config_path.clear();
  checkpoint.config = std::string("a\0b ", 4) + std::string(200'000, 'x') + std::string(2, '\0');
  checkpoint.overrides.clear();
  checkpoint.injections.clear();
  checkpoint.grids.clear();
  checkpoint.program_version.clear();
  checkpoint.populations.clear();
  checkpoint.wall_s = 0;
  checkpoint.instances.resize(1);
  checkpoint.instances[0] = {};
  checkpoint.instances[0].engine.populations = {{"", {}, {}}, {std::string(4096, 'n'), {{"", {}}}, {}}};
  EXPECT_TRUE(same_bits(decode_checkpoint(encode_checkpoint(checkpoint), "file"), checkpoint));
}

TEST(CheckpointFile, KeepsManyValues) {
  Checkpoint checkpoint = sample_checkpoint(Precision::float64);
  PopulationState& e = checkpoint.instances[0].engine.populations[0];
  constexpr std::size_t kSize = 300'000;
  std::vector<double> values(kSize);
  for (std::size_t i = 0; i < kSize; ++i) values[i] = 0.1 * static_cast<double>(i);
  e.variables.resize(1);
  e.variables[0].values = values;
  e.refractory_steps.assign(kSize, 3);
  const std::string bytes = encode_checkpoint(checkpoint);
  EXPECT_LT(bytes.size(), kSize * (sizeof(double) + sizeof(std::int32_t)) + 100'000);
  EXPECT_TRUE(same_bits(decode_checkpoint(bytes, "file"), checkpoint));
}

TEST(CheckpointFile, HasTheHeaderThatTheFormatSays) {
  const std::string bytes = encode_checkpoint(sample_checkpoint());
  const std::string begin = bytes.substr(0, 32);
  const std::uint64_t size = bytes.size();
  std::string expected =
      "\x89SWCKPT\n" + std::string("\6\0\0\0\0\0\0\0", 8) + std::string("\x78\0\0\0\0\0\0\0", 8);
  for (int i = 0; i < 8; ++i) expected += static_cast<char>(size >> (8 * i) & 0xFF);
  EXPECT_EQ(begin, expected);
  EXPECT_EQ(bytes.substr(64, 448), std::string(448, '\0'));
  EXPECT_EQ(bytes.substr(512, 8), "\x89HDF\r\n\x1A\n");
  const Sha256::Digest digest = sha256(begin + std::string(32, '\0') + bytes.substr(64));
  EXPECT_EQ(bytes.substr(32, 32), std::string(digest.begin(), digest.end()));
  const CheckpointHeader header = verify_checkpoint(bytes, "file");
  EXPECT_EQ(header.format_version, 6U);
  EXPECT_EQ(header.step, 120U);
  EXPECT_EQ(header.file_bytes, size);
  EXPECT_EQ(header.digest, digest);
}

TEST(CheckpointFile, IsReadFromAFile) {
  const test::TemporaryFolder folder;
  const Checkpoint checkpoint = sample_checkpoint();
  test::write_text(folder / "c.h5", encode_checkpoint(checkpoint));
  EXPECT_TRUE(same_bits(read_checkpoint(folder / "c.h5"), checkpoint));
}

// encode_checkpoint(test::sample_checkpoint()) of format version 6, with HDF5 1.10.8: what a version has
// written is read as long as the program reads that version.
TEST(CheckpointFile, IsReadAsVersion6HasWrittenIt) {
  EXPECT_TRUE(same_bits(read_checkpoint(SHARPWAVE_CHECKPOINT_OF_FORMAT_6), sample_checkpoint()));
}

void expect_refused(const std::filesystem::path& file, ExitCode code, const std::string& part) {
  try {
    static_cast<void>(read_checkpoint(file));
    FAIL() << "read " << file;
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.code(), code) << message;
    EXPECT_EQ(message.find(file.string()), 0U) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

TEST(CheckpointFile, SaysWhatIsWrongWithAFile) {
  const test::TemporaryFolder folder;
  const std::string whole = encode_checkpoint(sample_checkpoint());
  const auto refused = [&](const std::string& bytes, const std::string& part) {
    test::write_text(folder / "c.h5", bytes);
    expect_refused(folder / "c.h5", ExitCode::damaged_data, part);
  };
  refused("", "is empty");
  refused("simulation: {dt: 0.1}\n", "is no checkpoint of sharpwave: begins with the bytes 73696d756c617469");
  refused(whole.substr(512), "is no checkpoint");  // an HDF5 file
  refused(whole.substr(0, 5), "is truncated: has 5 bytes; expected at least the 512");
  refused(whole.substr(0, whole.size() - 1), "is truncated: " + std::to_string(whole.size() - 1));
  refused(whole + "x", "has more than it should");
  std::string changed = whole;
  changed[8] = 7;
  refused(changed, "format version 7, which a newer sharpwave reads; this one reads version 6");
  changed[8] = 5;
  refused(changed, "format version 5, which an older sharpwave reads; this one reads version 6");
  changed = whole;
  changed[changed.size() / 2] ^= 1;
  refused(changed, "is damaged: its bytes have the SHA-256 ");
  expect_refused(folder / "absent.h5", ExitCode::io, "No such file");
  expect_refused(folder.path(), ExitCode::io, "no regular file");
  expect_refused("/dev/null", ExitCode::io, "no regular file");
}

TEST(CheckpointFile, RefusesNamesThatNoAttributeHolds) {
  for (const std::string& name : {std::string(4097, 'n'), std::string("a\0b", 3)}) {
    Checkpoint checkpoint = sample_checkpoint();
    checkpoint.instances[0].engine.populations[0].name = name;
    EXPECT_THROW(static_cast<void>(encode_checkpoint(checkpoint)), Error);
  }
}

TEST(CheckpointFile, IsNotMadeOfContentThatWouldBeRefused) {
  Checkpoint checkpoint = sample_checkpoint();
  checkpoint.instances[0].engine.populations[0].refractory_steps.pop_back();
  try {
    static_cast<void>(encode_checkpoint(checkpoint));
    FAIL() << "made";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::internal);
  }
}

/// What another reader prints of a file; none where that reader is not here.
std::optional<std::string> output_of(const std::string& probe, const std::string& command) {
  if (std::system((probe + " >/dev/null 2>&1").c_str()) != 0) return std::nullopt;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  std::array<char, 4096> block{};
  while (pipe != nullptr && fgets(block.data(), block.size(), pipe) != nullptr) output += block.data();
  EXPECT_EQ(pclose(pipe), 0) << output;
  return output;
}

TEST(CheckpointFile, IsReadByH5py) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "c.h5", encode_checkpoint(sample_checkpoint()));
  std::optional<std::string> output;
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (output) break;
    output = output_of(python + " -c 'import h5py'", python + " '" SHARPWAVE_READ_CHECKPOINT_SCRIPT "' '" +
                                                         (folder / "c.h5").string() + "'");
  }
  if (!output) GTEST_SKIP() << "SKIPPED, NOT TESTED: no Python with h5py; install the package python3-h5py";
  EXPECT_EQ(
      *output,
      "digest right\n"
      "run 0.1.0 float32 0.1 20 1000 1.5\n"
      "config /networks/net.yaml 'simulation: {duration: 10}\\n# é\\n'\n"
      "overrides ['populations.E.size=2', '']\n"
      "injections ['nan@step=130,population=E,neuron=1,variable=V_m']\n"
      "digests aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0123456789abcdef\n"
      "populations [('E', 2), ('in/hib ä ', 3), ('relay', 1)]\n"
      "grid 'E' ex 20 32\n"
      "grid 'in/hib ä ' all -3 64\n"
      "instance 0 step 120 events 1234 recording 99 digest 01080f161d242b32 spikes "
      "[5, 18446744073709551615, 0]\n"
      "watchdog divergence_is_known 0 input_gain 1.5 non_finite_is_known 1 repairs 2 weight_gain 0.81\n"
      "watchdog found [1, 0, 2, 0, 9, 3, 0, 4] uint64 in_silent_window [3, 4, 18446744073709551615] uint64 "
      "in_window [1, 0, 2] uint64 recent [11, 0, 12, 13, 1, 14] uint64 signs [9, 2, 4] uint32\n"
      "frozen 100 has_fired [1] uint32 levels [0.5, 0.25, 0.5, 0.5, -1.0] float64 "
      "modulator_events [3, 0, 0, 0] uint32 modulator_is_frozen [0, 1, 0, 0] uint32 updates [5] uint64 "
      "weight_sums [16777216] uint64 weights_are_frozen [0] uint32\n"
      "under way [0, 1, 1, 4] uint64 [4, 0, 0, 3] uint32\n"
      "'E' [2147483647, 0] int32\n"
      "  V_m float32 7f800001 ffff5432\n"
      "  I_syn_ex float32 7f800001 ffff5432\n"
      "'in/hib ä ' [2147483647, 0, 0] int32\n"
      "  V_m float32 7f800001 ffff5432 ff800000\n"
      "plastic 'E->in/hib ä' counts [50, 7, 9, 1000, 2000, 300, 400, 3] uint64 flight_age [9, 7, 7] uint64 "
      "flight_before_last_age [91, 18446744073709551615, 18446744073709551615] uint64 "
      "flight_last_age [90, 18446744073709551615, 9] uint64 flight_rate [1.0, 0.0, 0.75] float32 "
      "flight_since_age [9, 18446744073709551615, 8] uint64 flight_slow [0.0, 1.0, 2.5] float32 "
      "flight_source [0, 1, 0] uint32 flight_spikes [1.0, 1.0, 2.0] float32 "
      "flight_trace [0.0, 0.0, 1.0] float32 gate [3.0, 1.0, 0.5, 0.0, -0.125] float64 "
      "post_age [88, 0] uint64 post_neuron [2, 0] uint32 post_rate [1.5, 0.0] float32 "
      "post_slow [0.0, 0.25] float32 post_trace [1.0, 1.5] float32 scaled_age [17] uint64 "
      "source_before_last_age [90, 18446744073709551615] uint64 "
      "source_last_age [3, 18446744073709551615] uint64 "
      "source_since_age [2, 18446744073709551615] uint64 source_slow [0.5, 0.0] float32 "
      "source_spikes [2.0, 1.0] float32 source_trace [0.25, 0.0] float32 "
      "target_spikes [0, 4, 4294967295] uint32 traces [0.0, 1.25, 2.0] float32 "
      "weights [0.5, 0.0, 1.401298464324817e-45] float32\n"
      "region 'région' given [1.0, -0.25, 0.375] float64 level_phasic [-0.0, 1e-300] float64 "
      "level_target [0.5, 0.25] float64 "
      "level_tonic [0.5, 0.75] float64 release_amount [0.5, -0.5, 2.0] float64 release_in [1, 1, 40] uint64 "
      "release_modulator [0, 3, 1] uint32 reward [0.625, -1.0] float64 trigger_draws [7, 0] uint64 "
      "trigger_source_age [0, 18446744073709551615] uint64\n"
      "presented gain [1.5, 1.0] float64 item [7, 0] uint32 learning [1, 0] uint32 step [80, 95] uint64 "
      "stimulus [1, 4294967295] uint32\n"
      "protocol confusion [1, 0, 0, 0, 0, 1] uint64 correct [0, 1] uint64 counts [1, 2] uint32 "
      "labelled [2, 2] uint64 position [1, 2, 0, 90, 3] uint64 repeats [1, 0] uint64 "
      "responses [5, 0, 6, 7] uint64 trials [4, 2] uint64\n"
      "instance 1 step 120 events 1234 recording 99 digest 01080f161d242b32 spikes [0, 0, 0]\n"
      "watchdog divergence_is_known 0 input_gain 1.5 non_finite_is_known 1 repairs 2 weight_gain 0.81\n"
      "watchdog found [1, 0, 2, 0, 9, 3, 0, 4] uint64 in_silent_window [3, 4, 18446744073709551615] uint64 "
      "in_window [1, 0, 2] uint64 recent [11, 0, 12, 13, 1, 14] uint64 signs [9, 2, 4] uint32\n"
      "frozen 100 has_fired [1] uint32 levels [0.5, 0.25, 0.5, 0.5, -1.0] float64 "
      "modulator_events [3, 0, 0, 0] uint32 modulator_is_frozen [0, 1, 0, 0] uint32 updates [5] uint64 "
      "weight_sums [16777216] uint64 weights_are_frozen [0] uint32\n"
      "under way [0] uint64 [] uint32\n"
      "'E' [2147483647, 0] int32\n"
      "  V_m float32 7f800001 ffff5432\n"
      "  I_syn_ex float32 7f800001 ffff5432\n"
      "presented gain [] float64 item [] uint32 learning [] uint32 step [] uint64 stimulus [] uint32\n"
      "protocol confusion [] uint64 correct [] uint64 counts [] uint32 labelled [] uint64 position [] uint64 "
      "repeats [] uint64 responses [] uint64 trials [] uint64\n");
}

TEST(CheckpointFile, IsReadByH5dump) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "c.h5", encode_checkpoint(sample_checkpoint()));
  const auto output = output_of("h5dump --version", "h5dump '" + (folder / "c.h5").string() + "'");
  if (!output) GTEST_SKIP() << "SKIPPED, NOT TESTED: no h5dump; install the package hdf5-tools";
  for (const char* part :
       {"ATTRIBUTE \"wall_s\"", "simulation: {duration: 10}", "2147483647", "H5T_IEEE_F32LE"})
    EXPECT_NE(output->find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace sharpwave
