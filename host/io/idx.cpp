#include "host/io/idx.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

constexpr std::uint8_t kUnsignedBytes = 0x08;  // of the types that an IDX file can hold
constexpr int kMostSizes = 4;

/// The bytes of a file one after the other, inflated where it is compressed.
class FileBytes {
 public:
  FileBytes(std::string_view file, const std::string& name) : rest_(file), name_(name) {
    is_compressed_ = file.size() >= 2 && file[0] == '\x1f' && file[1] == '\x8b';
    if (!is_compressed_) return;
    constexpr int kGzip = 16;
    if (inflateInit2(&stream_, kGzip + MAX_WBITS) != Z_OK) fail("cannot be inflated");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data()));  // read only
    stream_.avail_in = static_cast<uInt>(file.size());
  }
  ~FileBytes() {
    if (is_compressed_) inflateEnd(&stream_);
  }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  /// How many of `n` there were.
  std::size_t take(std::uint8_t* out, std::size_t n) {
    if (is_compressed_) return inflate_to(out, n);
    const std::size_t taken = std::min(n, rest_.size());
    std::memcpy(out, rest_.data(), taken);
    rest_.remove_prefix(taken);
    return taken;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ExitCode::damaged_data, name_ + ": " + what);
  }

 private:
  std::size_t inflate_to(std::uint8_t* out, std::size_t n) {
    stream_.next_out = out;
    stream_.avail_out = static_cast<uInt>(n);
    while (stream_.avail_out > 0 && !is_over_) {
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END)
        is_over_ = true;
      else if (result == Z_BUF_ERROR)
        fail("its compressed data end too early");
      else if (result != Z_OK)
        fail(std::string("its compressed data are damaged") +
             (stream_.msg == nullptr ? "" : std::string(": ") + stream_.msg));
    }
    return n - stream_.avail_out;
  }

  std::string_view rest_;
  const std::string& name_;
  bool is_compressed_ = false;
  bool is_over_ = false;
  z_stream stream_{};
};

std::vector<std::uint32_t> read_shape(FileBytes& bytes) {
  std::array<std::uint8_t, 4> magic{};
  if (bytes.take(magic.data(), magic.size()) != magic.size()) bytes.fail("ends before its header does");
  if (magic[0] != 0 || magic[1] != 0) bytes.fail("is no IDX file: it does not begin with two zeros");
  if (magic[2] != kUnsignedBytes)
    bytes.fail("holds values of type " + std::to_string(magic[2]) + "; expected 8, unsigned bytes");
  const int n_sizes = magic[3];
  if (n_sizes < 1 || n_sizes > kMostSizes)
    bytes.fail("has " + std::to_string(n_sizes) + " dimensions; expected 1 to 4");
  std::vector<std::uint32_t> shape;
  std::uint64_t n_values = 1;
  for (int k = 0; k < n_sizes; ++k) {
    std::array<std::uint8_t, 4> size{};
    if (bytes.take(size.data(), size.size()) != size.size()) bytes.fail("ends before its header does");
    shape.push_back(std::uint32_t{size[0]} << 24 | std::uint32_t{size[1]} << 16 |
                    std::uint32_t{size[2]} << 8 | size[3]);
    if (shape.back() == 0) bytes.fail("has a dimension of size 0");
    if (shape.back() > kLargestIdxBytes / n_values)
      bytes.fail("has more than " + std::to_string(kLargestIdxBytes) + " values");
    n_values *= shape.back();
  }
  return shape;
}

}  // namespace

IdxArray read_idx(std::string_view file, const std::string& name) {
  FileBytes bytes(file, name);
  IdxArray array{.shape = read_shape(bytes), .values = {}};
  std::uint64_t left = 1;
  for (const std::uint32_t size : array.shape) left *= size;
  // Room comes with what is there, not with what the header claims.
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;
  while (left > 0) {
    const std::size_t n = std::min<std::uint64_t>(left, kAtOnce);
    const std::size_t before = array.values.size();
    array.values.resize(before + n);
    const std::size_t taken = bytes.take(array.values.data() + before, n);
    if (taken != n)
      bytes.fail("ends after " + std::to_string(before + taken) + " values; expected " +
                 std::to_string(before + left));
    left -= n;
  }
  std::uint8_t more = 0;
  if (bytes.take(&more, 1) != 0) bytes.fail("goes on behind its last value");
  return array;
}

}  // namespace sharpwave
