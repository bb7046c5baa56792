// A checkpoint as the bytes of a file, and back: docs/formats/checkpoint.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/checkpoint/checkpoint.hpp"
#include "host/checkpoint/checkpoint_header.hpp"

namespace sharpwave {

/// The step of the instance that is furthest.
[[nodiscard]] std::uint64_t step_of(const Checkpoint& checkpoint);

/// Equal content gives equal bytes. Values keep every bit.
/// @param checkpoint  keeps the rules of the format; one that does not is a bug of who made it.
/// @throws Error(invalid_config) for a name that is longer than hdf5::kLongestText or contains a NUL.
/// Takes about twice as much memory as the result, that of `checkpoint` included where it is moved here: what
/// is large is let go as it is written. Waits while another thread uses HDF5.
[[nodiscard]] std::string encode_checkpoint(Checkpoint checkpoint);

/// @param file  the whole of it.
/// @param name  in messages.
/// @throws Error(damaged_data) as verify_checkpoint() does, before HDF5 has seen a byte; and for a file whose
///         digest is right and whose content is not, naming the object.
/// Takes about three times as much memory as the file. One thread at a time.
[[nodiscard]] Checkpoint decode_checkpoint(std::string_view file, const std::string& name);

/// The bytes of a checkpoint's file, which verify_checkpoint() has passed. A file whose header is wrong is
/// not read further.
/// @throws Error(io) where it cannot be read, and as verify_checkpoint() does.
[[nodiscard]] std::string read_checkpoint_bytes(const std::filesystem::path& file);

/// Both of the above.
[[nodiscard]] Checkpoint read_checkpoint(const std::filesystem::path& file);

}  // namespace sharpwave
