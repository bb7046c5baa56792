#include "host/checkpoint/checkpoint_header.hpp"

#include <algorithm>
#include <cstring>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

// As in PNG: the first byte is no text, the last one shows where line ends were converted.
constexpr std::string_view kMagic = "\x89SWCKPT\n";
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kStepAt = 16;
constexpr std::size_t kFileBytesAt = 24;
constexpr std::size_t kDigestAt = 32;
constexpr std::size_t kDigestBytes = sizeof(Sha256::Digest);
constexpr std::size_t kUnusedAt = kDigestAt + kDigestBytes;

[[noreturn]] void damaged(const std::string& name, const std::string& what) {
  throw Error(ExitCode::damaged_data, name + ": " + what);
}

template <typename T>
void put(std::string& bytes, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
}

template <typename T>
T get(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;)
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[at + i]));
  return value;
}

Sha256::Digest digest_of(std::string_view file) {
  constexpr Sha256::Digest kZeros{};
  Sha256 hash;
  hash.update(file.data(), kDigestAt);
  hash.update(kZeros.data(), kZeros.size());
  hash.update(file.data() + kUnusedAt, file.size() - kUnusedAt);
  return hash.finish();
}

bool is_zero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

}  // namespace

void seal_checkpoint(std::string& file, std::uint64_t step) {
  SHARPWAVE_ASSERT(file.size() >= kCheckpointHeaderBytes);
  std::fill_n(file.begin(), kCheckpointHeaderBytes, '\0');
  std::ranges::copy(kMagic, file.begin());
  put(file, kVersionAt, kCheckpointFormatVersion);
  put(file, kStepAt, step);
  put(file, kFileBytesAt, std::uint64_t{file.size()});
  const Sha256::Digest digest = digest_of(file);
  std::memcpy(&file[kDigestAt], digest.data(), digest.size());
}

CheckpointHeader read_checkpoint_header(std::string_view begin, std::uint64_t file_bytes,
                                        const std::string& name) {
  if (begin.empty()) damaged(name, "is empty; expected a checkpoint of sharpwave");
  if (!begin.starts_with(kMagic.substr(0, begin.size()))) {
    damaged(name, "is no checkpoint of sharpwave: begins with the bytes " +
                      to_hex({reinterpret_cast<const std::uint8_t*>(begin.data()),
                              std::min(begin.size(), kMagic.size())}) +
                      "; expected " +
                      to_hex({reinterpret_cast<const std::uint8_t*>(kMagic.data()), kMagic.size()}));
  }
  if (begin.size() < kCheckpointHeaderBytes) {
    damaged(name, "is truncated: has " + std::to_string(file_bytes) + " bytes; expected at least the " +
                      std::to_string(kCheckpointHeaderBytes) + " of a checkpoint's header");
  }
  CheckpointHeader header{.format_version = get<std::uint32_t>(begin, kVersionAt),
                          .step = get<std::uint64_t>(begin, kStepAt),
                          .file_bytes = get<std::uint64_t>(begin, kFileBytesAt)};
  std::memcpy(header.digest.data(), begin.data() + kDigestAt, kDigestBytes);
  // First of all: of another format nothing else is known.
  if (header.format_version != kCheckpointFormatVersion) {
    const char* other = header.format_version > kCheckpointFormatVersion ? "a newer" : "an older";
    damaged(name, "is a checkpoint of format version " + std::to_string(header.format_version) + ", which " +
                      other + " sharpwave reads; this one reads version " +
                      std::to_string(kCheckpointFormatVersion));
  }
  if (header.file_bytes != file_bytes) {
    damaged(name, std::string(file_bytes < header.file_bytes ? "is truncated" : "has more than it should") +
                      ": " + std::to_string(file_bytes) + " bytes; expected the " +
                      std::to_string(header.file_bytes) + " that its header says");
  }
  return header;
}

CheckpointHeader verify_checkpoint(std::string_view file, const std::string& name) {
  CheckpointHeader header = read_checkpoint_header(file.substr(0, kCheckpointHeaderBytes), file.size(), name);
  if (const Sha256::Digest digest = digest_of(file); digest != header.digest) {
    damaged(name, "is damaged: its bytes have the SHA-256 " + to_hex(digest) + "; expected " +
                      to_hex(header.digest) + ", as its header says");
  }
  if (!is_zero(file.substr(kVersionAt + 4, kStepAt - kVersionAt - 4)) ||
      !is_zero(file.substr(kUnusedAt, kCheckpointHeaderBytes - kUnusedAt))) {
    damaged(name, "has a header that no program of this name writes: expected zeros where nothing stands");
  }
  return header;
}

}  // namespace sharpwave
