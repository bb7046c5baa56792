// The HDF5 part of a checkpoint's file; use checkpoint_file.hpp, which adds and checks the header.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave {

/// Behind `header_bytes` zeros. @throws Error(invalid_config), see encode_checkpoint().
[[nodiscard]] std::string encode_checkpoint_content(Checkpoint checkpoint, std::size_t header_bytes);

/// @param file  with its header, which is not looked at.
/// @throws Error(damaged_data) naming the object.
[[nodiscard]] Checkpoint decode_checkpoint_content(std::string_view file, const std::string& name);

}  // namespace sharpwave
