// The first 512 bytes of a checkpoint's file, which say whether the rest may be looked at
// (docs/formats/checkpoint.md). HDF5 has no part in this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/sha256.hpp"

namespace sharpwave {

inline constexpr std::size_t kCheckpointHeaderBytes = 512;
inline constexpr std::uint32_t kCheckpointFormatVersion = 6;

struct CheckpointHeader {
  std::uint32_t format_version = 0;
  std::uint64_t step = 0;  ///< of the instance that is furthest
  std::uint64_t file_bytes = 0;
  Sha256::Digest digest{};
};

/// Writes the header, digest included, over the first 512 bytes of `file`.
void seal_checkpoint(std::string& file, std::uint64_t step);

/// What the beginning of a file says, before the rest is read.
/// @param begin       its first 512 bytes, or all if it is shorter.
/// @param file_bytes  the file's length.
/// @param name        in messages.
/// @throws Error(damaged_data) where it is no checkpoint, one of a newer format, or not as long as it says.
[[nodiscard]] CheckpointHeader read_checkpoint_header(std::string_view begin, std::uint64_t file_bytes,
                                                      const std::string& name);

/// Proves that not one byte of `file` has changed since it was sealed.
/// @throws Error(damaged_data) as read_checkpoint_header() does, and where the digest is another one.
/// O(file), as fast as SHA-256 is.
CheckpointHeader verify_checkpoint(std::string_view file, const std::string& name);

}  // namespace sharpwave
