// Values of datasets: checked reading, appending.
#include <algorithm>
#include <array>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/hdf5_internal.hpp"

namespace sharpwave::hdf5 {
namespace {

constexpr std::uint64_t kBlockValues = std::uint64_t{1} << 20;
// Reading inflates a whole chunk in memory; nobody who writes SONATA files makes larger ones.
constexpr std::uint64_t kLargestChunkBytes = std::uint64_t{256} << 20;
// What was never written reads as zeros and takes no room in the file, which is legitimate; but not without
// limit, or a header of some bytes could ask for all memory there is.
constexpr std::uint64_t kMostUnwrittenValues = std::uint64_t{1} << 24;
// What may be read from one file in all: a value takes bytes of its own, unless it was never written or is
// the same as a thousand others, and is read a few times at most.
constexpr std::uint64_t kMostValuesInAll = std::uint64_t{1} << 28;
constexpr std::uint64_t kMostValuesPerByte = 64;
// The most that deflate shrinks anything (zlib's technical details, zlib.net/zlib_tech.html), rounded up.
constexpr std::uint64_t kStrongestCompression = 1100;

template <typename T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "[";
  for (const std::uint64_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

}  // namespace

std::vector<std::uint64_t> Dataset::shape() const {
  const std::string message = where() + ": cannot read the dataset's shape";
  const Id space = checked(H5Dget_space(id_.get()), H5Sclose, kDamaged, message);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0 || rank > H5S_MAX_RANK) throw Error(kDamaged, message + library_reason());
  std::array<hsize_t, H5S_MAX_RANK> sizes{};
  check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr), kDamaged, message);
  return {sizes.begin(), sizes.begin() + rank};
}

// Damaged or hostile headers claim sizes that the file does not hold, chunks that no memory does, or data
// that lie in another file.
void Dataset::check_storage(std::uint64_t n_values) const {
  const std::string message = where() + ": cannot read how the dataset is stored";
  const Id properties = checked(H5Dget_create_plist(id_.get()), H5Pclose, kDamaged, message);
  const H5D_layout_t layout = H5Pget_layout(properties.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(properties.get()) != 0) {
    throw Error(kDamaged, where() + ": the values lie in another file; expected them in this one");
  }
  const Id type = checked(H5Dget_type(id_.get()), H5Tclose, kDamaged, message);
  const std::uint64_t value_bytes = H5Tget_size(type.get());
  if (layout == H5D_CHUNKED) {
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk.data());
    if (rank < 0) throw Error(kDamaged, message + library_reason());
    std::uint64_t bytes = value_bytes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(rank) && bytes <= kLargestChunkBytes; ++i) {
      bytes *= std::max<hsize_t>(chunk.at(i), 1);
    }
    if (bytes > kLargestChunkBytes) {
      throw Error(kDamaged, where() + ": chunks of more than " + std::to_string(kLargestChunkBytes >> 20) +
                                " MiB; expected smaller ones");
    }
  }
  const std::uint64_t filters = H5Pget_nfilters(properties.get()) > 0 ? kStrongestCompression : 1;
  // For contiguous data the library repeats what the header says; the file's own size is the truth.
  const Id file = checked(H5Iget_file_id(id_.get()), H5Fclose, kDamaged, message);
  hsize_t file_bytes = 0;
  check(H5Fget_filesize(file.get(), &file_bytes), kDamaged, message);
  const std::uint64_t stored = std::min<std::uint64_t>(H5Dget_storage_size(id_.get()), file_bytes);
  const bool unwritten = layout == H5D_CHUNKED || H5Dget_offset(id_.get()) == HADDR_UNDEF;
  if (n_values > (unwritten ? kMostUnwrittenValues : 0) &&
      n_values / filters > stored / std::max<std::uint64_t>(value_bytes, 1)) {
    throw Error(kDamaged, where() + ": says that it has " + std::to_string(n_values) + " values of " +
                              std::to_string(value_bytes) + " bytes, but only " + std::to_string(stored) +
                              " bytes are stored; the file is damaged or incomplete");
  }
}

std::uint64_t Dataset::check_readable(std::optional<std::uint64_t> expected_size, bool integers) const {
  const std::vector<std::uint64_t> sizes = shape();
  if (sizes.size() != 1) {
    throw Error(kDamaged, where() + ": has the shape " + shape_text(sizes) + "; expected one dimension");
  }
  if (expected_size && sizes[0] != *expected_size) {
    throw Error(kDamaged, where() + ": has " + std::to_string(sizes[0]) + " values; expected " +
                              std::to_string(*expected_size));
  }
  const Id type = checked(H5Dget_type(id_.get()), H5Tclose, kDamaged, where() + ": has no readable type");
  const H5T_class_t type_class = H5Tget_class(type.get());
  const bool right = type_class == H5T_INTEGER || (!integers && type_class == H5T_FLOAT);
  if (!right || H5Tget_size(type.get()) > sizeof(std::uint64_t)) {
    throw Error(kDamaged, where() + ": expected " +
                              (integers ? "integers" : "integers or floating-point numbers") +
                              " of at most 8 bytes");
  }
  check_storage(sizes[0]);
  count_values(sizes[0]);
  return sizes[0];
}

void Dataset::count_values(std::uint64_t n_values) const {
  const std::string message = where() + ": cannot read the size of the file";
  const Id file = checked(H5Iget_file_id(id_.get()), H5Fclose, kDamaged, message);
  hsize_t file_bytes = 0;
  check(H5Fget_filesize(file.get(), &file_bytes), kDamaged, message);
  const std::uint64_t most = kMostValuesInAll + kMostValuesPerByte * file_bytes;
  opened_->n_values_read += n_values;
  if (opened_->n_values_read > most) {
    throw Error(kDamaged, where() + ": with it, " + std::to_string(opened_->n_values_read) +
                              " values are read from this file; expected at most " + std::to_string(most) +
                              ": do many links lead to one dataset?");
  }
}

bool Dataset::is_signed() const {
  const Id type = checked(H5Dget_type(id_.get()), H5Tclose, kDamaged, where() + ": has no readable type");
  return H5Tget_sign(type.get()) != H5T_SGN_NONE;
}

template <typename T>
void Dataset::read_block(std::uint64_t first, std::span<T> out) const {
  const std::string message = where() + ": cannot read values " + std::to_string(first) + " to " +
                              std::to_string(first + out.size()) + "; the file is truncated or damaged";
  const hsize_t start = first;
  const hsize_t count = out.size();
  const Id file_space = checked(H5Dget_space(id_.get()), H5Sclose, kDamaged, message);
  check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr), kDamaged,
        message);
  const Id memory_space = checked(H5Screate_simple(1, &count, nullptr), H5Sclose, kDamaged, message);
  check(H5Dread(id_.get(), native_type<T>(), memory_space.get(), file_space.get(), H5P_DEFAULT, out.data()),
        kDamaged, message);
}

std::vector<double> Dataset::read_doubles(std::optional<std::uint64_t> expected_size) const {
  std::vector<double> values(check_readable(expected_size, false));
  for (std::uint64_t first = 0; first < values.size(); first += kBlockValues) {
    const std::uint64_t n = std::min<std::uint64_t>(kBlockValues, values.size() - first);
    read_block(first, std::span(values).subspan(first, n));
  }
  return values;
}

void Dataset::visit_doubles(std::optional<std::uint64_t> expected_size,
                            const std::function<void(std::span<const double>)>& visit) const {
  const std::uint64_t size = check_readable(expected_size, false);
  std::vector<double> block;
  for (std::uint64_t first = 0; first < size; first += block.size()) {
    block.resize(std::min<std::uint64_t>(kBlockValues, size - first));
    read_block(first, std::span(block));
    visit(block);
  }
}

std::pair<std::uint64_t, std::uint64_t> Dataset::check_table() const {
  const std::vector<std::uint64_t> sizes = shape();
  const Id type = checked(H5Dget_type(id_.get()), H5Tclose, kDamaged, where() + ": has no readable type");
  const H5T_class_t type_class = H5Tget_class(type.get());
  if (sizes.empty() || sizes.size() > 2 || (type_class != H5T_FLOAT && type_class != H5T_INTEGER)) {
    throw Error(kDamaged, where() + ": expected numbers in one or two dimensions");
  }
  const std::uint64_t columns = sizes.size() == 2 ? sizes[1] : 1;
  if (columns != 0 && sizes[0] > std::numeric_limits<std::uint64_t>::max() / columns) {
    throw Error(kDamaged, where() + ": has the shape " + shape_text(sizes) + ", which no file holds");
  }
  check_storage(sizes[0] * columns);
  return {sizes[0], columns};
}

std::vector<float> Dataset::read_floats() const {
  const auto [rows, columns] = check_table();
  std::vector<float> values(rows * columns);
  if (!values.empty()) {
    check(H5Dread(id_.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), kDamaged,
          where() + ": cannot be read; the file is truncated or damaged");
  }
  return values;
}

std::vector<float> Dataset::read_rows(std::uint64_t first_row, std::uint64_t n_rows) const {
  const auto [rows, columns] = check_table();
  const std::string message = where() + ": cannot read rows " + std::to_string(first_row) + " to " +
                              std::to_string(first_row + n_rows) + "; the file is truncated or damaged";
  if (shape().size() != 2 || n_rows > rows || first_row > rows - n_rows) throw Error(kDamaged, message);
  std::vector<float> values(n_rows * columns);
  if (values.empty()) return values;
  const std::array<hsize_t, 2> start{first_row, 0};
  const std::array<hsize_t, 2> count{n_rows, columns};
  const Id file_space = checked(H5Dget_space(id_.get()), H5Sclose, kDamaged, message);
  check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
        kDamaged, message);
  const Id memory_space = checked(H5Screate_simple(2, count.data(), nullptr), H5Sclose, kDamaged, message);
  check(
      H5Dread(id_.get(), H5T_NATIVE_FLOAT, memory_space.get(), file_space.get(), H5P_DEFAULT, values.data()),
      kDamaged, message);
  return values;
}

// The library clamps on conversion, silently: so values are read at full width with the file's sign, and
// narrowed here.
std::vector<std::uint32_t> Dataset::read_indices(std::uint64_t bound, const std::string& what,
                                                 std::optional<std::uint64_t> expected_size) const {
  std::vector<std::uint32_t> indices(check_readable(expected_size, true));
  const std::uint64_t limit = std::min<std::uint64_t>(bound, std::uint64_t{1} << 32);
  const auto narrow = [&]<typename T>(T) {
    std::vector<T> block;
    for (std::uint64_t first = 0; first < indices.size(); first += block.size()) {
      block.resize(std::min<std::uint64_t>(kBlockValues, indices.size() - first));
      read_block(first, std::span(block));
      for (std::uint64_t i = 0; i < block.size(); ++i) {
        if (!std::in_range<std::uint64_t>(block[i]) || static_cast<std::uint64_t>(block[i]) >= limit) {
          throw Error(kDamaged, where() + ": value " + std::to_string(first + i) + " is " +
                                    std::to_string(block[i]) + "; expected " + what + ", 0 to " +
                                    std::to_string(limit - 1));
        }
        indices[first + i] = static_cast<std::uint32_t>(block[i]);
      }
    }
  };
  if (is_signed()) {
    narrow(std::int64_t{});
  } else {
    narrow(std::uint64_t{});
  }
  return indices;
}

std::vector<std::uint64_t> Dataset::read_unsigned(std::optional<std::uint64_t> expected_size) const {
  std::vector<std::uint64_t> values(check_readable(expected_size, true));
  std::vector<std::int64_t> with_sign(is_signed() ? values.size() : 0);
  if (values.empty()) return values;
  if (with_sign.empty()) {
    read_block(0, std::span(values));
    return values;
  }
  read_block(0, std::span(with_sign));
  for (std::uint64_t i = 0; i < values.size(); ++i) {
    if (with_sign[i] < 0) {
      throw Error(kDamaged, where() + ": value " + std::to_string(i) + " is " + std::to_string(with_sign[i]) +
                                "; expected none below 0");
    }
    values[i] = static_cast<std::uint64_t>(with_sign[i]);
  }
  return values;
}

void Dataset::extend(std::uint64_t n_rows) {
  std::vector<std::uint64_t> sizes = shape();
  SHARPWAVE_ASSERT(!sizes.empty());
  sizes[0] = n_rows;
  const std::vector<hsize_t> extent(sizes.begin(), sizes.end());
  check(H5Dset_extent(id_.get(), extent.data()), ExitCode::io, file_ + ": cannot write to " + path_);
}

template <typename T>
void Dataset::append_rows(std::span<const T> values) {
  if (values.empty()) return;
  const std::string message = file_ + ": cannot write to " + path_;
  const std::vector<std::uint64_t> before = shape();
  const std::uint64_t row_size = before.size() == 2 ? before[1] : 1;
  SHARPWAVE_ASSERT(before.size() <= 2 && row_size > 0 && values.size() % row_size == 0);
  const std::array<hsize_t, 2> start{before[0], 0};
  const std::array<hsize_t, 2> count{values.size() / row_size, row_size};
  extend(start[0] + count[0]);
  const Id file_space = checked(H5Dget_space(id_.get()), H5Sclose, ExitCode::io, message);
  check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
        ExitCode::io, message);
  const Id memory_space = checked(H5Screate_simple(static_cast<int>(before.size()), count.data(), nullptr),
                                  H5Sclose, ExitCode::io, message);
  check(
      H5Dwrite(id_.get(), native_type<T>(), memory_space.get(), file_space.get(), H5P_DEFAULT, values.data()),
      ExitCode::io, message);
}

void Dataset::append(std::span<const double> values) {
  append_rows(values);
}
void Dataset::append(std::span<const float> values) {
  append_rows(values);
}
void Dataset::append(std::span<const std::uint64_t> values) {
  append_rows(values);
}

Dataset Group::create_extendible(const std::string& name, NumberType type, std::uint64_t chunk_rows,
                                 std::uint64_t row_size) {
  const std::string message = file_ + ": cannot create dataset " + child_path(name);
  const int rank = row_size == 0 ? 1 : 2;
  const std::array<hsize_t, 2> size{0, row_size};
  const std::array<hsize_t, 2> limit{H5S_UNLIMITED, row_size};
  const std::array<hsize_t, 2> chunk{chunk_rows, row_size};
  const Id space =
      checked(H5Screate_simple(rank, size.data(), limit.data()), H5Sclose, ExitCode::io, message);
  const Id properties = creation_properties(message);
  check(H5Pset_chunk(properties.get(), rank, chunk.data()), ExitCode::io, message);
  return {checked(H5Dcreate2(id_.get(), name.c_str(), file_type(type), space.get(), H5P_DEFAULT,
                             properties.get(), H5P_DEFAULT),
                  H5Dclose, ExitCode::io, message),
          file_, child_path(name), opened_};
}

}  // namespace sharpwave::hdf5
