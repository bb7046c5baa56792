#include "host/checkpoint/checkpoint_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_content.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void unreadable(const std::filesystem::path& file, const std::string& why) {
  throw Error(ExitCode::io, file.string() + ": cannot be read: " + why);
}

/// Appends up to `n_bytes`, fewer where the file ends.
void read_some(std::ifstream& stream, std::uint64_t n_bytes, std::string& bytes,
               const std::filesystem::path& file) {
  const std::size_t before = bytes.size();
  bytes.resize(before + n_bytes);
  errno = 0;
  stream.read(bytes.data() + before, static_cast<std::streamsize>(n_bytes));
  if (stream.bad()) unreadable(file, std::strerror(errno));
  bytes.resize(before + static_cast<std::size_t>(stream.gcount()));
}

}  // namespace

std::uint64_t step_of(const Checkpoint& checkpoint) {
  std::uint64_t step = 0;
  for (const InstanceState& instance : checkpoint.instances) step = std::max(step, instance.engine.step);
  return step;
}

std::string encode_checkpoint(Checkpoint checkpoint) {
  const std::uint64_t step = step_of(checkpoint);
  std::string file = encode_checkpoint_content(std::move(checkpoint), kCheckpointHeaderBytes);
  seal_checkpoint(file, step);
  return file;
}

Checkpoint decode_checkpoint(std::string_view file, const std::string& name) {
  const CheckpointHeader header = verify_checkpoint(file, name);
  Checkpoint checkpoint = decode_checkpoint_content(file, name);
  if (header.step != step_of(checkpoint)) {
    throw Error(ExitCode::damaged_data, name + ": /instances: the furthest is at step " +
                                            std::to_string(step_of(checkpoint)) + "; expected " +
                                            std::to_string(header.step) + ", as the header says");
  }
  return checkpoint;
}

std::string read_checkpoint_bytes(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (error) unreadable(file, error.message());
  // Others may have no end, or be waited for.
  if (!std::filesystem::is_regular_file(status)) unreadable(file, "it is no regular file");
  const std::uint64_t size = std::filesystem::file_size(file, error);
  if (error) unreadable(file, error.message());
  std::ifstream stream(file, std::ios::binary);
  if (!stream) unreadable(file, std::strerror(errno));
  std::string bytes;
  read_some(stream, std::min<std::uint64_t>(size, kCheckpointHeaderBytes), bytes, file);
  static_cast<void>(read_checkpoint_header(bytes, size, file.string()));
  read_some(stream, size - bytes.size(), bytes, file);
  verify_checkpoint(bytes, file.string());
  return bytes;
}

Checkpoint read_checkpoint(const std::filesystem::path& file) {
  const std::string bytes = read_checkpoint_bytes(file);
  return decode_checkpoint(bytes, file.string());
}

}  // namespace sharpwave
