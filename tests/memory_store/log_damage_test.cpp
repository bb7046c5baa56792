#include "memory_store/log_damage.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sharpwave::memory {
namespace {

/// CRC-32C bit by bit.
std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFF;
  for (const char c : bytes) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0x82F63B78U : 0U);
  }
  return ~sum;
}

/// A record as RocksDB's db/log_format.h lays it out: masked checksum of type and data, length, type, data.
std::string record(std::string_view data, std::uint8_t type = 1) {
  std::string covered(1, static_cast<char>(type));
  covered += data;
  const std::uint32_t sum = crc32c(covered);
  const std::uint32_t masked = (sum >> 15 | sum << 17) + 0xA282EAD8U;
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(static_cast<std::uint8_t>(masked >> (8 * i)));
  bytes += static_cast<char>(static_cast<std::uint8_t>(data.size()));
  bytes += static_cast<char>(static_cast<std::uint8_t>(data.size() >> 8));
  return bytes + covered;
}

TEST(LogDamage, TheReferenceIsThePublishedChecksum) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);  // RFC 3720, appendix B.4, and every catalogue of checksums
}

TEST(LogDamage, AWholeLogIsWholeAlsoWithZerosBehindIt) {
  const std::string log = record("one") + record("two") + record(std::string(300, 'x'));
  EXPECT_EQ(find_log_damage("").end, LogEnd::whole);
  EXPECT_EQ(find_log_damage(log).end, LogEnd::whole);
  EXPECT_EQ(find_log_damage(log + std::string(100, '\0')).end, LogEnd::whole);
  EXPECT_EQ(find_log_damage(log + std::string(3, '\0')).end, LogEnd::whole);
}

TEST(LogDamage, WhatACrashCutsOffIsCutOff) {
  const std::string before = record("one") + record("two");
  const std::string last = record("the last one");
  for (std::size_t n = 1; n < last.size(); ++n) {
    const LogDamage damage = find_log_damage(before + last.substr(0, n));
    EXPECT_EQ(damage.end, LogEnd::cut_off) << n;
    EXPECT_EQ(damage.at_byte, before.size());
  }
}

TEST(LogDamage, EveryFlippedBitIsFoundWithWhatStandsBehindIt) {
  const std::array records{record("one"), record("two and more"), record("three")};
  const std::string log = records[0] + records[1] + records[2];
  for (std::size_t bit = 0; bit < 8 * log.size(); ++bit) {
    std::string flipped = log;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const std::size_t hit = bit / 8 < records[0].size()                ? 0
                            : bit / 8 < log.size() - records[2].size() ? 1
                                                                       : 2;
    const LogDamage damage = find_log_damage(flipped);
    EXPECT_NE(damage.end, LogEnd::whole) << bit;
    EXPECT_EQ(damage.records_behind, 2 - hit) << bit;
    // A length that reaches behind the end looks as if it had been cut off only where nothing stands behind.
    if (hit < 2) {
      EXPECT_EQ(damage.end, LogEnd::damaged) << bit;
    }
  }
}

TEST(LogDamage, RecordsGoOnOverBlocksOf32KiB) {
  constexpr std::size_t kBlock = 32768;
  // A record that fills the first block but 3 bytes, which no header fits into; then one in three parts.
  std::string log = record(std::string(kBlock - 7 - 3, 'a')) + std::string(3, '\0');
  log += record(std::string(kBlock - 7, 'b'), 2);
  log += record(std::string(kBlock - 7, 'b'), 3);
  log += record("b", 4) + record("c");
  EXPECT_EQ(find_log_damage(log).end, LogEnd::whole);
  log[kBlock + 100] = 'x';
  const LogDamage damage = find_log_damage(log);
  EXPECT_EQ(damage.at_byte, kBlock);
  EXPECT_EQ(damage.records_behind, 3U);
}

/// A batch of `n_keys` keys, the first of which is write `number`.
std::string batch(std::uint8_t number, std::uint8_t n_keys, const std::string& rest) {
  return std::string(1, static_cast<char>(number)) + std::string(7, '\0') +
         std::string(1, static_cast<char>(n_keys)) + std::string(3, '\0') + rest;
}

TEST(LogDamage, WritesAreNumberedFromTheFirstToTheLastThatIsWhole) {
  const std::string whole = record(batch(5, 2, "ab")) + record(batch(7, 0, ""));
  EXPECT_EQ(find_log_damage(whole).first_write, 5U);
  EXPECT_EQ(find_log_damage(whole).next_write, 7U) << "a batch without keys takes no number";
  EXPECT_EQ(find_log_damage(whole).batches, 1U);
  // One in three pieces, the first of which ends within the numbers.
  const std::string pieces = batch(7, 3, "abcdef");
  const std::string first = record(pieces.substr(0, 3), 2) + record(pieces.substr(3, 11), 3);
  const std::string log = whole + first + record(pieces.substr(14), 4);
  EXPECT_EQ(find_log_damage(log).next_write, 10U);
  EXPECT_EQ(find_log_damage(log).records, 5U);
  EXPECT_EQ(find_log_damage(log).batches, 2U);
  EXPECT_EQ(find_log_damage(whole + first).next_write, 7U) << "its last piece is missing";
  EXPECT_EQ(find_log_damage("").next_write, 0U);
}

}  // namespace
}  // namespace sharpwave::memory
