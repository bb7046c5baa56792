// Values and texts that come back bit for bit, as they were written: no conversion, one piece, in full.
#include <algorithm>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/hdf5_internal.hpp"

namespace sharpwave::hdf5 {
namespace {

template <typename T>
constexpr const char* kStoredAs = "";
template <>
constexpr const char* kStoredAs<float> = "32-bit floating-point numbers";
template <>
constexpr const char* kStoredAs<double> = "64-bit floating-point numbers";
template <>
constexpr const char* kStoredAs<std::int32_t> = "signed 32-bit integers";
template <>
constexpr const char* kStoredAs<std::uint32_t> = "unsigned 32-bit integers";
template <>
constexpr const char* kStoredAs<std::uint64_t> = "unsigned 64-bit integers";

/// A string of exactly this many bytes, none of which means an end.
Id text_type(std::size_t size) {
  Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), size);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

}  // namespace

hid_t file_type(NumberType type) {
  switch (type) {
    case NumberType::f32:
      return H5T_IEEE_F32LE;
    case NumberType::f64:
      return H5T_IEEE_F64LE;
    case NumberType::i32:
      return H5T_STD_I32LE;
    case NumberType::u32:
      return H5T_STD_U32LE;
    case NumberType::u64:
      return H5T_STD_U64LE;
  }
  return -1;
}

Id creation_properties(const std::string& message) {
  Id properties = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, ExitCode::io, message);
  check(H5Pset_obj_track_times(properties.get(), false), ExitCode::io, message);
  return properties;
}

// ---- Reading ------------------------------------------------------------------------------------------

void Dataset::check_contiguous(std::uint64_t n_bytes) const {
  const std::string message = where() + ": cannot read how the dataset is stored";
  const Id properties = checked(H5Dget_create_plist(id_.get()), H5Pclose, kDamaged, message);
  if (H5Pget_layout(properties.get()) != H5D_CONTIGUOUS || H5Pget_external_count(properties.get()) != 0) {
    throw Error(kDamaged, where() + ": expected values that lie in this file, in one piece");
  }
  const Id file = checked(H5Iget_file_id(id_.get()), H5Fclose, kDamaged, message);
  hsize_t file_bytes = 0;
  check(H5Fget_filesize(file.get(), &file_bytes), kDamaged, message);
  // For contiguous data the library repeats what the header says; the file's own size is the truth.
  const std::uint64_t stored = std::min<std::uint64_t>(H5Dget_storage_size(id_.get()), file_bytes);
  if (n_bytes > stored || (n_bytes > 0 && H5Dget_offset(id_.get()) == HADDR_UNDEF)) {
    throw Error(kDamaged, where() + ": says that it has " + std::to_string(n_bytes) + " bytes, but only " +
                              std::to_string(stored) + " are stored; the file is damaged or incomplete");
  }
  spend(*opened_, n_bytes, where());
}

template <typename T>
std::vector<T> Dataset::read_exactly(std::optional<std::uint64_t> expected_size) const {
  const Id type = checked(H5Dget_type(id_.get()), H5Tclose, kDamaged, where() + ": has no readable type");
  const std::vector<std::uint64_t> sizes = shape();
  if (sizes.size() != 1 || H5Tequal(type.get(), file_type_of<T>()) <= 0) {
    throw Error(kDamaged, where() + ": expected " + kStoredAs<T> + " (little-endian) in one dimension");
  }
  if (expected_size && sizes[0] != *expected_size) {
    throw Error(kDamaged, where() + ": has " + std::to_string(sizes[0]) + " values; expected " +
                              std::to_string(*expected_size));
  }
  if (sizes[0] > std::numeric_limits<std::uint64_t>::max() / sizeof(T)) {
    throw Error(kDamaged,
                where() + ": says that it has " + std::to_string(sizes[0]) + " values, which no file holds");
  }
  check_contiguous(sizes[0] * sizeof(T));
  std::vector<T> values(sizes[0]);
  if (values.empty()) return values;
  check(H5Dread(id_.get(), file_type_of<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), kDamaged,
        where() + ": cannot be read; the file is truncated or damaged");
  return values;
}

template std::vector<float> Dataset::read_exactly(std::optional<std::uint64_t>) const;
template std::vector<double> Dataset::read_exactly(std::optional<std::uint64_t>) const;
template std::vector<std::int32_t> Dataset::read_exactly(std::optional<std::uint64_t>) const;
template std::vector<std::uint32_t> Dataset::read_exactly(std::optional<std::uint64_t>) const;
template std::vector<std::uint64_t> Dataset::read_exactly(std::optional<std::uint64_t>) const;

std::string Dataset::read_text(std::uint64_t longest) const {
  const std::string message = where() + ": expected one piece of text of fixed length";
  const Id type = checked(H5Dget_type(id_.get()), H5Tclose, kDamaged, message);
  const Id space = checked(H5Dget_space(id_.get()), H5Sclose, kDamaged, message);
  const H5S_class_t extent = H5Sget_simple_extent_type(space.get());
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0 ||
      (extent != H5S_NULL && extent != H5S_SCALAR)) {
    throw Error(kDamaged, message);
  }
  if (extent == H5S_NULL) return {};
  const std::uint64_t size = H5Tget_size(type.get());
  if (size > longest) {
    throw Error(kDamaged, where() + ": is a text of " + std::to_string(size) + " bytes; expected at most " +
                              std::to_string(longest));
  }
  check_contiguous(size);
  std::string text(size, '\0');
  check(H5Dread(id_.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), kDamaged, message);
  return text;
}

template <typename T>
T Object::number_attribute(const std::string& name) const {
  const std::string message =
      where() + ": attribute '" + name + "': expected one of " + kStoredAs<T> + " (little-endian)";
  const htri_t exists = H5Aexists(id_.get(), name.c_str());
  check(exists, kDamaged, message);
  if (exists == 0) throw Error(kDamaged, message);
  const Id attribute = checked(H5Aopen(id_.get(), name.c_str(), H5P_DEFAULT), H5Aclose, kDamaged, message);
  const Id space = checked(H5Aget_space(attribute.get()), H5Sclose, kDamaged, message);
  const Id type = checked(H5Aget_type(attribute.get()), H5Tclose, kDamaged, message);
  if (H5Sget_simple_extent_type(space.get()) != H5S_SCALAR || H5Tequal(type.get(), file_type_of<T>()) <= 0) {
    throw Error(kDamaged, message);
  }
  T value{};
  check(H5Aread(attribute.get(), file_type_of<T>(), &value), kDamaged, message);
  return value;
}

template std::int32_t Object::number_attribute(const std::string&) const;
template std::uint64_t Object::number_attribute(const std::string&) const;
template double Object::number_attribute(const std::string&) const;

// ---- Writing ------------------------------------------------------------------------------------------

Dataset Group::write_values(const std::string& name, NumberType type, std::uint64_t size,
                            const void* values) {
  const std::string message = file_ + ": cannot write dataset " + child_path(name);
  const hsize_t extent = size;
  const Id space = checked(H5Screate_simple(1, &extent, nullptr), H5Sclose, ExitCode::io, message);
  Id dataset = checked(H5Dcreate2(id_.get(), name.c_str(), file_type(type), space.get(), H5P_DEFAULT,
                                  creation_properties(message).get(), H5P_DEFAULT),
                       H5Dclose, ExitCode::io, message);
  check(H5Dwrite(dataset.get(), file_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), ExitCode::io,
        message);
  return {std::move(dataset), file_, child_path(name), opened_};
}

Dataset Group::write(const std::string& name, std::span<const float> values) {
  return write_values(name, NumberType::f32, values.size(), values.data());
}
Dataset Group::write(const std::string& name, std::span<const double> values) {
  return write_values(name, NumberType::f64, values.size(), values.data());
}
Dataset Group::write(const std::string& name, std::span<const std::int32_t> values) {
  return write_values(name, NumberType::i32, values.size(), values.data());
}
Dataset Group::write(const std::string& name, std::span<const std::uint32_t> values) {
  return write_values(name, NumberType::u32, values.size(), values.data());
}
Dataset Group::write(const std::string& name, std::span<const std::uint64_t> values) {
  return write_values(name, NumberType::u64, values.size(), values.data());
}

void Group::write_text(const std::string& name, std::string_view text) {
  const std::string message = file_ + ": cannot write text " + child_path(name);
  const Id type = text_type(std::max<std::size_t>(text.size(), 1));
  const Id space(H5Screate(text.empty() ? H5S_NULL : H5S_SCALAR), H5Sclose);
  const Id dataset = checked(H5Dcreate2(id_.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT,
                                        creation_properties(message).get(), H5P_DEFAULT),
                             H5Dclose, ExitCode::io, message);
  if (text.empty()) return;
  check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), ExitCode::io,
        message);
}

}  // namespace sharpwave::hdf5
