// Accidents: whatever happens to the bytes of a file is found before HDF5 sees one of them. That is so
// because decode_checkpoint() begins with verify_checkpoint(), which knows nothing of HDF5; here it is shown
// that both say the same of each damage.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "tests/host/checkpoint/sample_checkpoint.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

template <typename Read>
std::string refusal(Read read) {
  try {
    static_cast<void>(read());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data) << error.what();
    return error.what();
  }
  return "";
}

/// Flips a bit, cuts the end off, or appends something.
std::string damaged(std::string bytes, std::mt19937_64& random) {
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  switch (below(5)) {
    case 0:
      bytes.resize(below(bytes.size()));
      return bytes;
    case 1:
      bytes.append(1 + below(5000), static_cast<char>(below(256)));
      return bytes;
    case 2:
      bytes[below(kCheckpointHeaderBytes)] ^= static_cast<char>(1U << below(8));
      return bytes;
    default:
      bytes[below(bytes.size())] ^= static_cast<char>(1U << below(8));
      return bytes;
  }
}

TEST(CheckpointDamage, IsFoundBeforeHdf5SeesAByte) {
  const std::string whole = encode_checkpoint(test::sample_checkpoint());
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "c.h5";
  std::mt19937_64 random(20240607);
  constexpr int kDamages = 500;
  for (int i = 0; i < kDamages; ++i) {
    const std::string bytes = damaged(whole, random);
    const std::string message = refusal([&] { return verify_checkpoint(bytes, file.string()); });
    ASSERT_EQ(message.find(file.string() + ": "), 0U) << i;
    ASSERT_EQ(refusal([&] { return decode_checkpoint(bytes, file.string()); }), message) << i;
    test::write_text(file, bytes);
    ASSERT_EQ(refusal([&] { return read_checkpoint(file); }), message) << i;
  }
}

TEST(CheckpointDamage, IsFoundInEveryBitOfTheHeader) {
  const std::string whole = encode_checkpoint(test::sample_checkpoint());
  for (std::size_t bit = 0; bit < 8 * kCheckpointHeaderBytes; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] ^= static_cast<char>(1U << bit % 8);
    ASSERT_NE(refusal([&] { return verify_checkpoint(bytes, "file"); }), "") << bit;
  }
}

TEST(CheckpointDamage, OfAHeaderIsFoundAlsoWhereTheDigestIsRight) {
  std::string bytes = encode_checkpoint(test::sample_checkpoint());
  const auto with_digest = [](std::string file) {
    const Sha256::Digest digest = sha256(file.substr(0, 32) + std::string(32, '\0') + file.substr(64));
    return file.replace(32, 32, std::string(digest.begin(), digest.end()));
  };
  ASSERT_EQ(with_digest(bytes), bytes);
  const auto refused = [&](std::size_t at, char value) {
    std::string changed = bytes;
    changed[at] = value;
    changed = with_digest(changed);
    return refusal([&] { return decode_checkpoint(changed, "file"); });
  };
  for (const std::size_t unused : {12, 15, 64, 511})
    EXPECT_NE(refused(unused, 1).find("zeros where nothing stands"), std::string::npos) << unused;
  EXPECT_NE(
      refused(8, 0).find("of format version 0, which an older sharpwave reads; this one reads version 6"),
      std::string::npos);
  EXPECT_NE(refused(16, 7).find("the furthest is at step 120; expected 7"), std::string::npos);
}

}  // namespace
}  // namespace sharpwave
