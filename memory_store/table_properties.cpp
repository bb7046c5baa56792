#include "memory_store/table_properties.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/error.hpp"
#include "host/io/file_descriptor.hpp"

namespace sharpwave::memory {

namespace {

// RocksDB's table/format.h: type of the checksums, two handles, padded, format, magic.
constexpr std::uint64_t kFooterBytes = 53;
constexpr std::uint64_t kMostBlockBytes = 64 << 10;  // a larger one has no such index
constexpr unsigned char kIsIndexed = 0x80;           // in the last byte of a block

struct Block {
  std::uint64_t offset;
  std::uint64_t bytes;
};

std::optional<std::string> read_block(const FileDescriptor& file, const Block& block) {
  if (block.bytes == 0 || block.bytes > kMostBlockBytes) return std::nullopt;
  std::string bytes(block.bytes, '\0');
  const ssize_t n = pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(block.offset));
  if (n != static_cast<ssize_t>(bytes.size())) return std::nullopt;
  return bytes;
}

/// Takes a number of 7 bits a byte, the lowest first, from the front.
std::optional<std::uint64_t> take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

std::optional<Block> take_handle(std::string_view& bytes) {
  const auto offset = take_number(bytes);
  const auto size = take_number(bytes);
  if (!offset || !size) return std::nullopt;
  return Block{*offset, *size};
}

/// Where the properties are, as the block that names such blocks says.
std::optional<Block> find_properties(std::string_view names) {
  std::string key;
  while (!names.empty()) {
    const auto n_shared = take_number(names);
    const auto n_own = take_number(names);
    const auto n_value = take_number(names);
    if (!n_shared || !n_own || !n_value || *n_shared > key.size() || *n_own > names.size() ||
        *n_value > names.size() - *n_own)
      return std::nullopt;
    key = key.substr(0, *n_shared).append(names.substr(0, *n_own));
    std::string_view value = names.substr(*n_own, *n_value);
    if (key == "rocksdb.properties") return take_handle(value);
    names.remove_prefix(*n_own + *n_value);
  }
  return std::nullopt;
}

std::optional<Block> properties_of(const FileDescriptor& file) {
  const off_t end = lseek(file.get(), 0, SEEK_END);
  if (end < static_cast<off_t>(kFooterBytes)) return std::nullopt;
  const auto footer = read_block(file, {static_cast<std::uint64_t>(end) - kFooterBytes, kFooterBytes});
  if (!footer) return std::nullopt;
  std::string_view handles = std::string_view(*footer).substr(1);
  const auto names_at = take_handle(handles);
  const auto names = names_at ? read_block(file, *names_at) : std::nullopt;
  return names ? find_properties(*names) : std::nullopt;
}

}  // namespace

void expect_plain_properties(const std::filesystem::path& table) {
  const FileDescriptor file(table, O_RDONLY);
  if (!file.is_open()) return;
  const std::optional<Block> at = properties_of(file);
  const auto properties = at ? read_block(file, *at) : std::nullopt;
  if (properties && (static_cast<unsigned char>(properties->back()) & kIsIndexed) != 0)
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: its properties are not as they were written", table.string()));
}

}  // namespace sharpwave::memory
