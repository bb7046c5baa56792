// Lines of files of any size, with a bound on what is held of one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace sharpwave::operate {

/// A line of the log has one message; what is longer is none of ours.
inline constexpr std::size_t kLongestLine = std::size_t{256} << 10;

struct LineOfFile {
  std::string_view text;     ///< without its line feed; of a longer one the first kLongestLine bytes
  std::uint64_t number = 0;  ///< from 1
  std::uint64_t bytes = 0;   ///< that it has, the line feed left out
};

/// Calls `take` with each line, in order; the last need not end in a line feed. Empty ones are left out.
/// @param file  a file or a pipe.
/// @param from_byte  where reading begins: the rest of the line that is cut there is left out. Of a pipe, 0.
/// @return bytes read.
/// @throws Error(io) naming the file, where it cannot be opened or read, or is a directory or a device.
/// Memory: kLongestLine and a block.
std::uint64_t for_each_line(const std::filesystem::path& file, std::uint64_t from_byte,
                            const std::function<void(const LineOfFile&)>& take);

}  // namespace sharpwave::operate
