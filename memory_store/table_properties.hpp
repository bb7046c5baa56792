// What RocksDB trusts in a table before it has compared a checksum.
#pragma once

#include <filesystem>

namespace sharpwave::memory {

/// RocksDB 7.8 looks for an index in the block of a table's properties before it compares their checksum.
/// Where the bit is set that says that there is one, which no table of ours has, it aborts the process,
/// unless it was built without assertions (Debian's was not).
/// @throws Error(damaged_data) naming the table where that bit is set. All else RocksDB finds itself, also
/// where no properties are found, or no file.
void expect_plain_properties(const std::filesystem::path& table);

}  // namespace sharpwave::memory
