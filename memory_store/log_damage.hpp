// Where a log of RocksDB is damaged, and whether it goes on behind that.
#pragma once

#include <cstdint>
#include <string_view>

namespace sharpwave::memory {

enum class LogEnd : std::uint8_t {
  whole,    ///< every record is, maybe with zeros behind the last
  cut_off,  ///< the last record ends behind the end of the file, as a crash leaves it
  damaged
};

struct LogDamage {
  LogEnd end = LogEnd::whole;
  std::uint64_t at_byte = 0;         ///< the first record that is none
  std::uint64_t records = 0;         ///< whole ones before it
  std::uint64_t records_behind = 0;  ///< and behind it; then it is damaged

  /// RocksDB numbers what it writes, each key of a batch, without gaps. Of what stands before `at_byte`: the
  /// number of the first, and the one that has to come next; 0 and 0 where no whole batch stands there.
  std::uint64_t first_write = 0;
  std::uint64_t next_write = 0;
  std::uint64_t batches = 0;  ///< whole ones there with something in them
};

/// Looks at the records of a log by their checksums, also behind a damaged one. RocksDB's own reader gives up
/// the rest of a block of 32 KiB then, in every recovery mode, so that it cannot tell a log whose end was cut
/// off from one that is damaged in its middle; and where a damaged length reaches behind the end of the file,
/// it says nothing at all.
///
/// @param log  the bytes of a file NNNNNN.log. The format is that of RocksDB's db/log_format.h, since 2012.
[[nodiscard]] LogDamage find_log_damage(std::string_view log);

}  // namespace sharpwave::memory
