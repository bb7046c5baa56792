#include "memory_store/log_damage.hpp"

#include <nmmintrin.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

namespace sharpwave::memory {

namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;           // checksum, length, type
constexpr std::size_t kRecycledHeaderBytes = 11;  // and the number of the log
constexpr std::uint8_t kFull = 1;
constexpr std::uint8_t kFirst = 2;
constexpr std::uint8_t kLastType = 4;          // full, first, middle, last
constexpr std::uint8_t kLastRecycledType = 8;  // likewise
constexpr std::uint8_t kLastKnownType = 10;    // and two that hold settings

/// CRC-32C, as RocksDB stores it.
std::uint32_t masked_checksum(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFF;
  for (const char c : bytes) sum = _mm_crc32_u8(sum, static_cast<unsigned char>(c));
  sum = ~sum;
  return (sum >> 15 | sum << 17) + 0xA282EAD8U;
}

struct Record {
  std::size_t bytes;  ///< with its header
  std::uint8_t type;
  std::string_view data;
};

/// The record that begins at `at`; none where there is no whole one.
std::optional<Record> record_at(std::string_view log, std::size_t at) {
  const std::size_t end = std::min(log.size(), (at / kBlockBytes + 1) * kBlockBytes);
  if (end - at < kHeaderBytes) return std::nullopt;
  std::uint32_t checksum = 0;
  std::uint16_t length = 0;
  std::memcpy(&checksum, log.data() + at, sizeof checksum);
  std::memcpy(&length, log.data() + at + 4, sizeof length);
  const auto type = static_cast<std::uint8_t>(log[at + 6]);
  const bool is_recycled = type > kLastType && type <= kLastRecycledType;
  if (type == 0 || type > kLastKnownType) return std::nullopt;
  const std::size_t header = is_recycled ? kRecycledHeaderBytes : kHeaderBytes;
  if (end - at < header + length) return std::nullopt;
  const std::string_view covered = log.substr(at + 6, header - 6 + length);
  if (masked_checksum(covered) != checksum) return std::nullopt;
  return Record{header + length, type, log.substr(at + header, length)};
}

/// Follows the numbers of the batches that records are the pieces of: 8 bytes number of its first key, 4
/// bytes how many keys.
class WriteNumbers {
 public:
  void take(const Record& record) {
    const std::uint8_t kind = record.type > kLastType ? record.type - kLastType : record.type;
    if (record.type > kLastRecycledType) return;  // settings
    if (kind == kFull || kind == kFirst) begin_.clear();
    begin_ += record.data.substr(0, kBatchHeaderBytes - begin_.size());
    if ((kind != kFull && kind != kLastType) || begin_.size() < kBatchHeaderBytes) return;
    std::uint64_t number = 0;
    std::uint32_t n_keys = 0;
    std::memcpy(&number, begin_.data(), sizeof number);
    std::memcpy(&n_keys, begin_.data() + sizeof number, sizeof n_keys);
    if (next_ == 0) first_ = number;
    next_ = number + n_keys;
    batches_ += n_keys > 0 ? 1 : 0;
  }
  void write_to(LogDamage& damage) const {
    damage.first_write = first_;
    damage.next_write = next_;
    damage.batches = batches_;
  }

 private:
  static constexpr std::size_t kBatchHeaderBytes = 12;
  std::string begin_;
  std::uint64_t first_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t batches_ = 0;
};

LogEnd end_of(std::string_view log, std::size_t at) {
  const std::string_view rest = log.substr(at);
  if (std::all_of(rest.begin(), rest.end(), [](char c) { return c == '\0'; })) return LogEnd::whole;
  if (rest.size() < kHeaderBytes) return LogEnd::cut_off;
  std::uint16_t length = 0;
  std::memcpy(&length, rest.data() + 4, sizeof length);
  const std::size_t needed = kHeaderBytes + length;
  const bool reaches_behind = needed > rest.size() && at % kBlockBytes + needed <= kBlockBytes;
  return reaches_behind ? LogEnd::cut_off : LogEnd::damaged;
}

}  // namespace

LogDamage find_log_damage(std::string_view log) {
  std::size_t at = 0;
  LogDamage damage;
  WriteNumbers numbers;
  while (at < log.size()) {
    const std::size_t left_in_block = kBlockBytes - at % kBlockBytes;
    if (left_in_block < kHeaderBytes) {
      at += left_in_block;  // the trailer of a block
      continue;
    }
    const std::optional<Record> record = record_at(log, at);
    if (!record) break;
    numbers.take(*record);
    at += record->bytes;
    ++damage.records;
  }
  numbers.write_to(damage);
  if (at >= log.size()) return damage;
  damage.at_byte = at;
  for (std::size_t next = at + 1; next < log.size();) {
    const std::optional<Record> record = record_at(log, next);
    damage.records_behind += record ? 1 : 0;
    next += record ? record->bytes : 1;
  }
  damage.end = damage.records_behind > 0 ? LogEnd::damaged : end_of(log, at);
  return damage;
}

}  // namespace sharpwave::memory
