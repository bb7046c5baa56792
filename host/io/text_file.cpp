#include "host/io/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "host/base/error.hpp"

namespace sharpwave {

std::string read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    throw Error(ExitCode::io, path.string() + ": is a directory; expected a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ExitCode::io, path.string() + ": cannot be opened: " + std::strerror(errno));
  std::string text;
  std::string block(1 << 16, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_bytes) {
      throw Error(ExitCode::damaged_data, path.string() + ": is larger than " + std::to_string(max_bytes) +
                                              " bytes; expected a smaller file");
    }
  }
  if (file.bad()) throw Error(ExitCode::io, path.string() + ": cannot be read: " + std::strerror(errno));
  return text;
}

}  // namespace sharpwave
