#include "tests/fuzz/hdf5_edits.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "host/io/hdf5.hpp"

namespace sharpwave::fuzz {
namespace {

using hdf5::Id;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Sizes of the network's populations and lists, and such as a damaged or hostile file says. What was never
// written takes no room in it; our reader accepts 2^24 of such values.
constexpr std::array<hsize_t, 12> kSizes = {0,          1,        2, 3, 4, 5, 6, 100, 4096, (1U << 24) + 1,
                                            1ULL << 40, ~0ULL - 1};
constexpr hsize_t kMostWritten = 64;
constexpr std::array kValues = {
    0.0,    1.0,        2.0,    3.0,       4.0,        5.0,
    6.0,    7.0,        9.0,    20.0,      21.0,       30.0,
    0.1,    0.5,        1.5,    -0.0,      -1.0,       -8.0,
    0x1p31, 0x1p32 - 1, 0x1p32, 0x1p53,    0x1p63,     0x1p64,
    1e-308, 1e308,      -1e308, kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN()};
const std::array<std::string, 9> kTexts = {"cells", "input",  "ms",       "milliseconds",        "s",
                                           "",      "cells ", "\xff\xfe", std::string(5000, 'x')};

Id text_type(std::size_t size) {
  Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), size);
  return type;
}

Id compound_type() {
  Id type(H5Tcreate(H5T_COMPOUND, 16), H5Tclose);
  H5Tinsert(type.get(), "a", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(type.get(), "b", 8, H5T_NATIVE_INT64);
  return type;
}

Id wide_integer_type() {
  Id type(H5Tcopy(H5T_NATIVE_INT64), H5Tclose);
  H5Tset_size(type.get(), 16);
  return type;
}

Id array_type() {
  const hsize_t size = 2;
  return {H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &size), H5Tclose};
}

Id odd_float_type() {
  Id type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
  H5Tset_size(type.get(), 2);
  return type;
}

/// A type of values, most often one of numbers.
Id value_type(Choices& choices) {
  const std::array<hid_t, 10> numbers = {H5T_STD_U64LE,  H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_IEEE_F32LE,
                                         H5T_STD_U32LE,  H5T_STD_I32BE,  H5T_STD_U8LE,  H5T_STD_I16LE,
                                         H5T_IEEE_F64BE, H5T_STD_B64LE};
  const std::uint8_t choice = choices.next();
  switch (choice % 32) {
    case 31:
      return text_type(8);
    case 30:
      return text_type(H5T_VARIABLE);
    case 29:
      return compound_type();
    case 28:
      return wide_integer_type();
    case 27:
      return array_type();
    case 26:
      return odd_float_type();
    case 25:
      return {H5Tcreate(H5T_OPAQUE, 8), H5Tclose};
    case 24:
      return {H5Tenum_create(H5T_STD_U8LE), H5Tclose};
    case 23:
      return {H5Tvlen_create(H5T_STD_U64LE), H5Tclose};
    default:
      return {H5Tcopy(numbers[choice % numbers.size()]), H5Tclose};
  }
}

Id value_space(Choices& choices, hsize_t& n_values, std::vector<hsize_t>& sizes) {
  const std::uint8_t choice = choices.next() % 16;
  n_values = 1;
  if (choice == 15) return {H5Screate(H5S_SCALAR), H5Sclose};
  if (choice == 14) return {H5Screate(H5S_NULL), H5Sclose};
  sizes.assign(choice == 13 ? 3 : choice == 12 ? 2 : 1, 0);
  for (hsize_t& size : sizes) {
    size = choices.among(kSizes);
    n_values = size == 0 || n_values <= kMostWritten / size ? n_values * size : kMostWritten + 1;
  }
  return {H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose};
}

/// False where the values lie in another file, which is not to be written.
bool choose_storage(Id::Value properties, const std::vector<hsize_t>& sizes, Choices& choices) {
  const std::uint8_t choice = choices.next() % 8;
  if (choice == 1) H5Pset_layout(properties, H5D_COMPACT);
  if (choice == 2) H5Pset_external(properties, "/dev/zero", 0, H5F_UNLIMITED);
  if (choice == 2) return false;
  if (choice < 3 || sizes.empty()) return true;
  std::vector<hsize_t> chunk;
  for (const hsize_t size : sizes) chunk.push_back(std::clamp<hsize_t>(size, 1, 1 + choices.next()));
  H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
  if (choice >= 6) H5Pset_shuffle(properties);
  if (choice == 7) H5Pset_deflate(properties, 1);
  if (choice == 5) H5Pset_fletcher32(properties);
  return true;
}

/// Links are made with the groups that lead to them.
Id link_properties() {
  Id properties(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(properties.get(), 1);
  return properties;
}

void put_dataset(Id::Value file, const std::string& path, Choices& choices) {
  const Id type = value_type(choices);
  hsize_t n_values = 0;
  std::vector<hsize_t> sizes;
  const Id space = value_space(choices, n_values, sizes);
  const Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  const bool within = choose_storage(properties.get(), sizes, choices);
  const double fill = choices.among(kValues);
  if (n_values > kMostWritten) H5Pset_fill_value(properties.get(), H5T_NATIVE_DOUBLE, &fill);
  // Contiguous data would take their room at once.
  if (n_values > kMostWritten) H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_INCR);
  const Id dataset(H5Dcreate2(file, path.c_str(), type.get(), space.get(), link_properties().get(),
                              properties.get(), H5P_DEFAULT),
                   H5Dclose);
  if (!dataset.valid() || !within || n_values == 0 || n_values > kMostWritten) return;
  std::vector<double> values(n_values);
  for (double& value : values) value = choices.among(kValues);
  H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
}

void put_attribute(Id::Value file, const std::string& path, const std::vector<std::string>& names,
                   Choices& choices) {
  const char* name = choices.among(names).c_str();
  const Id object(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose);
  if (!object.valid()) return;
  H5Adelete(object.get(), name);
  const std::string& text = choices.among(kTexts);
  const std::uint8_t choice = choices.next() % 8;
  const hsize_t size = choice == 7 ? 2 : 1;
  const Id space(H5Screate_simple(1, &size, nullptr), H5Sclose);
  const bool variable = choice < 4;
  const Id type = choice == 6 ? Id(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose)
                  : variable  ? text_type(H5T_VARIABLE)
                              : text_type(std::max<std::size_t>(text.size(), 8));
  const Id attribute(H5Acreate2(object.get(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                     H5Aclose);
  const std::string padded = text + std::string(32, '\0') + text;
  const char* const pointer = text.c_str();
  if (attribute.valid())
    H5Awrite(attribute.get(), type.get(), variable ? static_cast<const void*>(&pointer) : padded.data());
}

}  // namespace

void edit_hdf5(const std::filesystem::path& path, const Editable& editable, Choices& choices) {
  const Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  if (!file.valid()) return;
  const std::string& object = choices.among(editable.objects);
  const std::string& other = choices.among(editable.objects);
  const std::uint8_t action = choices.next() % 16;
  if (action >= 12) return put_attribute(file.get(), object, editable.attributes, choices);
  H5Ldelete(file.get(), object.c_str(), H5P_DEFAULT);
  const Id links = link_properties();
  switch (action) {
    case 0:
      return;
    case 1:
      Id(H5Gcreate2(file.get(), object.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose).reset();
      return;
    case 2:
      H5Lcreate_soft(other.c_str(), file.get(), object.c_str(), links.get(), H5P_DEFAULT);
      return;
    case 3:
      H5Lcreate_hard(file.get(), other.c_str(), file.get(), object.c_str(), links.get(), H5P_DEFAULT);
      return;
    case 4:
      H5Lcreate_external("input.h5", "/nodes/input/node_id", file.get(), object.c_str(), links.get(),
                         H5P_DEFAULT);
      return;
    case 5:
      H5Tcommit2(file.get(), object.c_str(), compound_type().get(), links.get(), H5P_DEFAULT, H5P_DEFAULT);
      return;
    default:
      put_dataset(file.get(), object, choices);
  }
}

}  // namespace sharpwave::fuzz

// What libhdf5 does with a damaged size: it asks for that much, is refused, and reports it. Memory that our
// reader is refused is an exception, and thus a finding.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
// And it loses some of its own memory on the way out.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5\n";
}
