// Shared by the parts of the HDF5 layer; not for others.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave::hdf5 {

inline constexpr ExitCode kDamaged = ExitCode::damaged_data;

static_assert(std::is_same_v<hid_t, Id::Value>, "written for HDF5 1.10 and later");

/// Why the last call failed, from the library's error stack: its innermost entry, in parentheses and with a
/// space before it; empty where the stack is.
[[nodiscard]] std::string library_reason();

/// An identifier, or an exception that says what was attempted where.
[[nodiscard]] Id checked(hid_t id, Id::Close close, ExitCode code, const std::string& message);

/// The bytes of a file, read past the library: from the disk, or from where they lie in memory.
class RawBytes {
 public:
  RawBytes(const std::string& path, std::optional<std::string_view> image);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Less than asked for where the file ends.
  [[nodiscard]] std::string read(std::uint64_t address, std::uint64_t n_bytes);

 private:
  std::ifstream file_;
  std::optional<std::string_view> image_;
  std::uint64_t size_ = 0;
};

/// A number as it is stored, on a machine that stores numbers likewise.
template <typename T>
[[nodiscard]] T little_endian(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// To be called once, before variable_text().
void register_reference_conversion();
/// Text of variable length from an attribute that holds one, safely also from a damaged file.
/// @throws Error(damaged_data) with `message`.
[[nodiscard]] std::string variable_text(hid_t attribute, RawBytes file, std::size_t longest,
                                        const std::string& message);

/// To be called before the object `name` of `parent` is opened.
/// @throws Error(damaged_data) naming `where` for chunks and attributes on which the library would hang or
/// crash; of a file in memory also where more was opened than its links can lead to.
void check_header_of(hid_t parent, const std::string& name, const std::string& file, Opened& opened,
                     const std::string& where);

/// Takes it off what may still be read of a file in memory. @throws Error(damaged_data).
void spend(Opened& opened, std::uint64_t n_bytes, const std::string& where);

/// How a number is stored.
[[nodiscard]] hid_t file_type(NumberType type);
template <typename T>
[[nodiscard]] hid_t file_type_of() {
  if constexpr (std::is_same_v<T, float>) return file_type(NumberType::f32);
  if constexpr (std::is_same_v<T, double>) return file_type(NumberType::f64);
  if constexpr (std::is_same_v<T, std::int32_t>) return file_type(NumberType::i32);
  if constexpr (std::is_same_v<T, std::uint32_t>) return file_type(NumberType::u32);
  if constexpr (std::is_same_v<T, std::uint64_t>) return file_type(NumberType::u64);
}

/// Properties of a dataset that has no times: the library keeps those of modification, without which equal
/// runs give equal files.
[[nodiscard]] Id creation_properties(const std::string& message);

void check(herr_t status, ExitCode code, const std::string& message);

}  // namespace sharpwave::hdf5
