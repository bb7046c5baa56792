// Text of variable length, read past the library.
//
// HDF5 1.10 trusts a stored length twice: it allocates that much, and then copies as much as the global heap
// says that the object has. A file in which the two differ makes it write behind its buffer; a flipped bit
// is enough. So the reference (length, address, index) is taken from the attribute unconverted, and the
// heap is read here, with its bounds checked. Layout: HDF5 File Format Specification 2.0, sections III.E
// (global heap) and IV.B (variable-length data).
#include <algorithm>
#include <array>
#include <cstring>

#include "host/base/error.hpp"
#include "host/io/hdf5_internal.hpp"

namespace sharpwave::hdf5 {
namespace {

constexpr const char* kTag = "sharpwave: reference to text";

// As stored where addresses and lengths have 8 bytes, as every current writer has them.
constexpr std::size_t kReferenceBytes = 4 + 8 + 4;
constexpr std::size_t kHeapHeaderBytes = 4 + 1 + 3 + 8;
constexpr std::size_t kObjectHeaderBytes = 2 + 2 + 4 + 8;
// Collections have 4 KiB, or what one large object needs.
constexpr std::uint64_t kLargestHeapBytes = std::uint64_t{16} << 20;

// "Converts" by leaving the stored bytes as they are.
herr_t keep_bytes(hid_t source, hid_t target, H5T_cdata_t* data, std::size_t, std::size_t, std::size_t, void*,
                  void*, hid_t) {
  if (data->command != H5T_CONV_INIT) return 0;
  data->need_bkg = H5T_BKG_NO;
  char* tag = H5Tget_tag(target);
  const bool ours = tag != nullptr && std::strcmp(tag, kTag) == 0 && H5Tis_variable_str(source) > 0;
  H5free_memory(tag);
  return ours ? 0 : -1;
}

Id reference_type() {
  Id type(H5Tcreate(H5T_OPAQUE, kReferenceBytes), H5Tclose);
  H5Tset_tag(type.get(), kTag);
  return type;
}

bool has_wide_addresses(hid_t file) {
  const Id properties(H5Fget_create_plist(file), H5Pclose);
  std::size_t address_bytes = 0;
  std::size_t length_bytes = 0;
  return H5Pget_sizes(properties.get(), &address_bytes, &length_bytes) >= 0 && address_bytes == 8 &&
         length_bytes == 8;
}

std::uint64_t userblock_bytes(hid_t file) {
  const Id properties(H5Fget_create_plist(file), H5Pclose);
  hsize_t size = 0;
  return H5Pget_userblock(properties.get(), &size) < 0 ? 0 : size;
}

/// The collection of objects at `address`, whole; empty where there is none.
std::string read_collection(RawBytes& file, std::uint64_t address) {
  const std::string header = file.read(address, kHeapHeaderBytes);
  if (header.size() < kHeapHeaderBytes || !header.starts_with("GCOL")) return {};
  const auto size = little_endian<std::uint64_t>(header.data() + 8);
  if (size < kHeapHeaderBytes || size > kLargestHeapBytes) return {};
  std::string collection = file.read(address, size);
  return collection.size() == size ? collection : std::string();
}

/// The object of a collection that has this index, if it is there with at least `size` bytes.
std::optional<std::string> object_in(const std::string& collection, std::uint32_t index, std::uint64_t size) {
  std::size_t at = kHeapHeaderBytes;
  while (at < collection.size() && collection.size() - at >= kObjectHeaderBytes) {
    const auto found = little_endian<std::uint16_t>(collection.data() + at);
    const auto object_bytes = little_endian<std::uint64_t>(collection.data() + at + 8);
    at += kObjectHeaderBytes;
    if (found == 0 || object_bytes > collection.size() - at) return std::nullopt;  // 0: the free space
    if (found == index) {
      return size <= object_bytes ? std::optional(collection.substr(at, size)) : std::nullopt;
    }
    at += (object_bytes + 7) / 8 * 8;
  }
  return std::nullopt;
}

}  // namespace

void register_reference_conversion() {
  const Id text(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(text.get(), H5T_VARIABLE);
  H5Tregister(H5T_PERS_SOFT, "reference to text", text.get(), reference_type().get(), keep_bytes);
}

std::string variable_text(hid_t attribute, RawBytes file, std::size_t longest, const std::string& message) {
  const Id file_id = checked(H5Iget_file_id(attribute), H5Fclose, kDamaged, message);
  std::array<char, kReferenceBytes> reference{};
  if (!has_wide_addresses(file_id.get())) throw Error(kDamaged, message);
  check(H5Aread(attribute, reference_type().get(), reference.data()), kDamaged, message);
  const auto size = little_endian<std::uint32_t>(reference.data());
  const auto address = little_endian<std::uint64_t>(reference.data() + 4);
  const auto index = little_endian<std::uint32_t>(reference.data() + 12);
  if (size == 0) return {};
  if (size > longest || address == HADDR_UNDEF) throw Error(kDamaged, message);
  const std::string collection = read_collection(file, userblock_bytes(file_id.get()) + address);
  const std::optional<std::string> text = object_in(collection, index, size);
  if (!text) throw Error(kDamaged, message);
  return text->substr(0, text->find('\0'));
}

}  // namespace sharpwave::hdf5
