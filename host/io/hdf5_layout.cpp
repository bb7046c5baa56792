// A look at a dataset's header, before the library opens it.
//
// HDF5 1.10 divides by the sizes of a dataset's chunks while it opens it, also where a damaged file says that
// they are 0 or that there are none: the process ends there (github.com/HDFGroup/hdf5/issues/578). Where
// chunks have another number of dimensions than the data, it goes on for minutes. One flipped bit is enough
// for either. It also copies as much of an attribute's message as the sizes in it say, from behind its end if
// they are wrong. So these are read here first, from the object's header. Headers of the newer kind ("OHDR")
// have a check sum. Layout: HDF5 File Format Specification 2.0, sections IV.A.1.a (object header, version 1),
// IV.A.2.b (dataspace), IV.A.2.i (data layout), IV.A.2.m (attribute) and IV.A.2.q (continuation).
#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/hdf5_internal.hpp"

namespace sharpwave::hdf5 {
namespace {

constexpr std::uint16_t kDataspace = 0x0001;
constexpr std::uint16_t kDataLayout = 0x0008;
constexpr std::uint16_t kAttribute = 0x000C;
constexpr std::uint16_t kContinuation = 0x0010;
constexpr std::uint8_t kIsShared = 0x02;  // the message stands elsewhere
constexpr std::size_t kPrefixBytes = 16;
constexpr std::size_t kMessagePrefixBytes = 8;
constexpr std::size_t kAddressBytes = 8;  // as every current writer has them
// Far above what any dataset has; what is beyond is left to the library.
constexpr std::uint64_t kLargestBlockBytes = std::uint64_t{1} << 20;
constexpr std::size_t kMostBlocks = 64;

struct Block {
  std::uint64_t address;
  std::uint64_t size;
};

/// Sizes of the chunks, the last of which is that of a value; none where the data are not chunked.
std::optional<std::vector<std::uint32_t>> chunk_sizes(const std::string& message) {
  if (message.size() < 3) return std::nullopt;
  const char version = message[0];
  const bool old = version == 1 || version == 2;
  const bool chunked = message[old ? 2 : 1] == 2;
  if (!chunked || !(old || version == 3)) return std::nullopt;
  const auto n_sizes = static_cast<unsigned char>(message[old ? 1 : 2]);
  const std::size_t first = (old ? 8 : 3) + kAddressBytes;
  std::vector<std::uint32_t> sizes(n_sizes, 0);
  for (std::size_t i = 0; i < n_sizes && first + 4 * (i + 1) <= message.size(); ++i) {
    sizes[i] = little_endian<std::uint32_t>(message.data() + first + 4 * i);
  }
  return sizes;
}

/// Whether what an attribute consists of (name, type, shape, value) ends within its message.
bool attribute_fits(const std::string& message) {
  if (message.size() < 8) return false;
  const char version = message[0];
  // Others the library refuses; flags, which version 1 lacks, say that a part stands elsewhere.
  if (version < 1 || version > 3 || (version > 1 && message[1] != 0)) return true;
  const auto part_bytes = [&](std::size_t at) {
    const std::size_t bytes = little_endian<std::uint16_t>(&message[at]);
    return version == 1 ? (bytes + 7) / 8 * 8 : bytes;
  };
  const std::size_t type = (version == 3 ? 9 : 8) + part_bytes(2);
  const std::size_t shape = type + part_bytes(4);
  const std::size_t value = shape + part_bytes(6);
  if (shape < type + 8 || value < shape + 4 || value > message.size()) return false;
  const std::size_t first_size = shape + (message[shape] == 1 ? 8 : 4);
  const std::size_t rank = static_cast<unsigned char>(message[shape + 1]);
  if (first_size + 8 * rank > value) return false;
  const std::uint64_t room = message.size() - value;
  std::uint64_t bytes = little_endian<std::uint32_t>(&message[type + 4]);
  for (std::size_t i = 0; i < rank; ++i) {
    const auto size = little_endian<std::uint64_t>(&message[first_size + 8 * i]);
    if (size != 0 && bytes > room / size) return false;
    bytes *= size;
  }
  const bool is_null = message[shape] == 2 && message[shape + 3] == 2;
  return is_null || bytes <= room;
}

/// The messages of an object's header, in their order.
class Messages {
 public:
  Messages(RawBytes file, std::uint64_t address, std::uint64_t base) : file_(std::move(file)), base_(base) {
    const std::string prefix = file_.read(base + address, kPrefixBytes);
    is_known_ = prefix.size() == kPrefixBytes && prefix[0] == 1;
    if (!is_known_) return;
    blocks_.push_back({base + address + kPrefixBytes, little_endian<std::uint32_t>(&prefix[8])});
  }

  /// Whether the header is of the kind that this reads, version 1.
  [[nodiscard]] bool is_known() const { return is_known_; }

  template <class Visit>
  void visit(Visit visit) {
    for (std::size_t i = 0; i < blocks_.size() && i < kMostBlocks; ++i) {
      const std::string bytes = file_.read(blocks_[i].address, std::min(blocks_[i].size, kLargestBlockBytes));
      for (std::size_t at = 0; at + kMessagePrefixBytes <= bytes.size();) {
        const auto type = little_endian<std::uint16_t>(&bytes[at]);
        const std::string message =
            bytes.substr(at + kMessagePrefixBytes, little_endian<std::uint16_t>(&bytes[at + 2]));
        const bool is_shared = (static_cast<std::uint8_t>(bytes[at + 4]) & kIsShared) != 0;
        at += kMessagePrefixBytes + message.size();
        // Of the layout and of a continuation the library takes no notice of that flag.
        if (is_shared && (type == kDataspace || type == kAttribute)) continue;
        visit(type, message);
        if (type == kContinuation && message.size() >= 2 * kAddressBytes) {
          blocks_.push_back({base_ + little_endian<std::uint64_t>(message.data()),
                             little_endian<std::uint64_t>(message.data() + kAddressBytes)});
        }
      }
    }
  }

 private:
  RawBytes file_;
  std::uint64_t base_;
  bool is_known_ = false;
  std::vector<Block> blocks_;
};

bool lies_in_one_piece(const std::string& layout) {
  constexpr char kContiguous = 1;
  return layout.size() >= 2 && layout[0] == 3 && layout[1] == kContiguous;
}

/// @param strict  what is not looked at here the library does not get to see either.
void check_header(hid_t file_id, RawBytes file, std::uint64_t address, bool strict,
                  const std::string& where) {
  const Id properties(H5Fget_create_plist(file_id), H5Pclose);
  hsize_t user_block = 0;
  std::size_t address_bytes = 0;
  std::size_t length_bytes = 0;
  if (H5Pget_userblock(properties.get(), &user_block) < 0 ||
      H5Pget_sizes(properties.get(), &address_bytes, &length_bytes) < 0 || address_bytes != kAddressBytes ||
      length_bytes != kAddressBytes) {
    if (strict) throw Error(ExitCode::damaged_data, where + ": expected addresses and lengths of 8 bytes");
    return;
  }
  Messages messages(std::move(file), address, user_block);
  if (strict && !messages.is_known()) {
    throw Error(ExitCode::damaged_data, where + ": expected an object header of version 1");
  }
  std::optional<std::size_t> rank;
  std::optional<std::vector<std::uint32_t>> sizes;
  messages.visit([&](std::uint16_t type, const std::string& message) {
    if (strict && type == kDataLayout && !lies_in_one_piece(message)) {
      throw Error(ExitCode::damaged_data, where + ": expected values that lie in this file, in one piece");
    }
    if (type == kDataspace && message.size() >= 2) rank = static_cast<unsigned char>(message[1]);
    if (type == kDataLayout && !sizes) sizes = chunk_sizes(message);
    if (type == kAttribute && !attribute_fits(message)) {
      throw Error(ExitCode::damaged_data, where + ": an attribute does not end where it says");
    }
  });
  if (!sizes) return;
  if (sizes->empty() || (rank && sizes->size() != *rank + 1) || std::ranges::count(*sizes, 0U) > 0) {
    throw Error(
        ExitCode::damaged_data,
        where + ": expected chunks of as many dimensions as the data, none of them 0; the file is damaged");
  }
}

}  // namespace

RawBytes::RawBytes(const std::string& path, std::optional<std::string_view> image) : image_(image) {
  if (image_) {
    size_ = image_->size();
    return;
  }
  file_.open(path, std::ios::binary);
  file_.seekg(0, std::ios::end);
  size_ = static_cast<std::uint64_t>(std::max<std::streamoff>(file_.tellg(), 0));
}

std::string RawBytes::read(std::uint64_t address, std::uint64_t n_bytes) {
  if (address > size_) return {};
  n_bytes = std::min(n_bytes, size_ - address);
  if (image_) return std::string(image_->substr(address, n_bytes));
  std::string bytes(n_bytes, '\0');
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(address));
  file_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file_.gcount()));
  return bytes;
}

void spend(Opened& opened, std::uint64_t n_bytes, const std::string& where) {
  if (!opened.image) return;
  if (n_bytes > opened.bytes_left) {
    throw Error(ExitCode::damaged_data, where + ": with it, more is read from this file than its " +
                                            std::to_string(opened.image->size()) +
                                            " bytes; do many links lead to one object?");
  }
  opened.bytes_left -= n_bytes;
}

void check_header_of(hid_t parent, const std::string& name, const std::string& file, Opened& opened,
                     const std::string& where) {
  constexpr std::uint64_t kLeastLinkBytes = 8;
  spend(opened, kLeastLinkBytes, where);
  H5O_info_t object;
  check(H5Oget_info_by_name(parent, name.c_str(), &object, H5P_DEFAULT), ExitCode::damaged_data,
        where + ": cannot be opened");
  const Id file_id = checked(H5Iget_file_id(parent), H5Fclose, ExitCode::damaged_data, where);
  check_header(file_id.get(), RawBytes(file, opened.image), object.addr, opened.image.has_value(), where);
}

}  // namespace sharpwave::hdf5
