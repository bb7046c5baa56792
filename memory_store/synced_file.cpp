#include "memory_store/synced_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cstring>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"
#include "memory_store/file_bytes.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSyncedMagic = "SWSYNCED";
constexpr std::uint32_t kSyncedFormat = 1;
constexpr std::size_t kBytes = 32;
constexpr std::size_t kCovered = 16;  // the last ones

std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

fs::path file_in(const fs::path& space) {
  return space / "synced";
}

}  // namespace

std::string encode_synced(std::uint64_t sequence) {
  const std::array<std::uint64_t, 2> covered{sequence, 0};
  std::string bytes(kSyncedMagic);
  bytes.append(reinterpret_cast<const char*>(&kSyncedFormat), sizeof kSyncedFormat);
  const std::string_view tail(reinterpret_cast<const char*>(covered.data()), kCovered);
  const std::uint32_t checksum = checksum_of(tail);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes.append(tail);
}

std::uint64_t decode_synced(std::string_view bytes, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw Error(ExitCode::damaged_data, fmt::format("{}: {}", where, what));
  };
  if (bytes.size() != kBytes) fail(fmt::format("{} bytes, expected {}", bytes.size(), kBytes));
  std::uint64_t sequence = 0;
  std::memcpy(&sequence, bytes.data() + kBytes - kCovered, sizeof sequence);
  if (bytes != encode_synced(sequence)) fail("not what was written: magic, format, checksum or zeros differ");
  return sequence;
}

std::optional<std::uint64_t> read_synced(const fs::path& space) {
  const fs::path file = file_in(space);
  const std::optional<std::string> bytes = read_file_if_there(file, kBytes + 1);
  if (!bytes) return std::nullopt;
  return decode_synced(*bytes, file.string());
}

void write_synced(const fs::path& space, std::uint64_t sequence) {
  write_file_atomically(file_in(space), encode_synced(sequence));
}

void remove_synced(const fs::path& space) {
  if (!is_there(file_in(space))) return;
  remove_file(file_in(space));
  sync_folder(space);
}

}  // namespace sharpwave::memory
