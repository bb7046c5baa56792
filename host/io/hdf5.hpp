// A small layer on the HDF5 C API: handles that close themselves, and errors that name file and object.
// Written for files that may be damaged or made to do harm: types, ranks and sizes are checked before
// anything is allocated, external data and plug-in filters are refused.
//
// The library behind it is not thread-safe. So one thread at a time has files open: File::open() and its like
// wait until no other thread has. Files and what was opened from them stay in the thread that opened them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sharpwave::hdf5 {

/// An identifier of the library (its hid_t) with the function that gives it back.
class Id {
 public:
  using Value = std::int64_t;
  using Close = int (*)(Value);
  Id() = default;
  Id(Value value, Close close) : value_(value), close_(close) {}
  ~Id() { reset(); }
  Id(Id&& other) noexcept : value_(std::exchange(other.value_, -1)), close_(other.close_) {}
  Id& operator=(Id&& other) noexcept {
    if (this != &other) {
      reset();
      value_ = std::exchange(other.value_, -1);
      close_ = other.close_;
    }
    return *this;
  }
  [[nodiscard]] Value get() const { return value_; }
  [[nodiscard]] bool valid() const { return value_ >= 0; }
  /// Closes now; the library's status (negative: failed).
  int reset() { return valid() ? close_(std::exchange(value_, -1)) : 0; }

 private:
  Value value_ = -1;
  Close close_ = nullptr;
};

/// Of the text of an attribute: far above any name or unit, below what a damaged length could make us
/// allocate.
inline constexpr std::size_t kLongestText = 4096;

/// The library to oneself; a thread may take it several times.
using LibraryLock = std::unique_lock<std::recursive_mutex>;
[[nodiscard]] LibraryLock lock_library();

/// What all that was opened from one file shares.
struct Opened {
  explicit Opened(LibraryLock with) : lock(std::move(with)) {}

  LibraryLock lock;  ///< as long as anything of the file is open
  std::uint64_t n_values_read = 0;
  /// The bytes of a file that lies in memory.
  std::optional<std::string_view> image;
  /// What may still be read of such a file, see File::open_image().
  std::uint64_t bytes_left = 0;
};

/// What groups and datasets share: an identifier, where it is, and attributes.
class Object {
 public:
  Object(Object&&) = default;
  Object& operator=(Object&&) = delete;

  [[nodiscard]] const std::string& file() const { return file_; }
  /// Within the file, e.g. "/edges/a_to_b/source_node_id".
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Both, as messages show them: "file.h5: /edges".
  [[nodiscard]] std::string where() const { return file_ + ": " + path_; }

  /// Text of an attribute; none where there is no such attribute.
  /// @throws Error(damaged_data) where it is not one piece of text of reasonable length.
  [[nodiscard]] std::optional<std::string> text_attribute(const std::string& name) const;
  void set_attribute(const std::string& name, const std::string& text);
  /// A one-byte enumeration (h5py and libsonata read it as such).
  void set_enum_attribute(const std::string& name, const std::vector<std::string>& names, int value);
  void set_attribute(const std::string& name, std::uint8_t value);
  void set_attribute(const std::string& name, std::int32_t value);
  void set_attribute(const std::string& name, std::uint64_t value);
  void set_attribute(const std::string& name, double value);

  /// A number, bit for bit. T: std::int32_t, std::uint64_t or double.
  /// @throws Error(damaged_data) where there is none, or one that is not stored as T (little-endian).
  template <typename T>
  [[nodiscard]] T number_attribute(const std::string& name) const;

 protected:
  void write_attribute(const std::string& name, Id::Value type, Id::Value space, const void* value);
  Object(Id id, std::string file, std::string path, std::shared_ptr<Opened> opened)
      : opened_(std::move(opened)), id_(std::move(id)), file_(std::move(file)), path_(std::move(path)) {}
  ~Object() = default;
  std::shared_ptr<Opened> opened_;
  Id id_;  // after `opened_`: closes while that holds the lock
  std::string file_;
  std::string path_;
};

enum class NumberType { f32, f64, i32, u32, u64 };

class Dataset : public Object {
 public:
  Dataset(Id id, std::string file, std::string path, std::shared_ptr<Opened> opened)
      : Object(std::move(id), std::move(file), std::move(path), std::move(opened)) {}

  /// Sizes of the dimensions.
  [[nodiscard]] std::vector<std::uint64_t> shape() const;

  /// All values of a one-dimensional dataset of integers or floating-point numbers.
  /// @param expected_size  any if none given.
  /// @throws Error(damaged_data) for another rank, type or size, or where the file holds less than it says.
  [[nodiscard]] std::vector<double> read_doubles(std::optional<std::uint64_t> expected_size = {}) const;

  /// The same values in their order, block by block, for those who do not keep them.
  /// @param visit  called with some of them, at least one, until all were there.
  void visit_doubles(std::optional<std::uint64_t> expected_size,
                     const std::function<void(std::span<const double>)>& visit) const;

  /// All values of a one- or two-dimensional dataset of numbers, row-major.
  [[nodiscard]] std::vector<float> read_floats() const;

  /// Some rows of a two-dimensional dataset of numbers, row-major.
  /// @throws Error(damaged_data) also where it does not have them.
  [[nodiscard]] std::vector<float> read_rows(std::uint64_t first_row, std::uint64_t n_rows) const;

  /// All values of a one-dimensional dataset of integers, each of which must be below `bound`.
  /// @param what  in messages: "a node id of population E".
  /// @throws Error(damaged_data) also for a negative or too large value, with its position.
  [[nodiscard]] std::vector<std::uint32_t> read_indices(
      std::uint64_t bound, const std::string& what, std::optional<std::uint64_t> expected_size = {}) const;

  /// Unsigned values of any size.
  [[nodiscard]] std::vector<std::uint64_t> read_unsigned(
      std::optional<std::uint64_t> expected_size = {}) const;

  /// All values of a one-dimensional dataset, bit for bit. T: float, double, std::int32_t, std::uint32_t or
  /// std::uint64_t.
  /// @throws Error(damaged_data) for another rank or size, and unless they are stored as T (little-endian),
  /// in one piece, in full.
  template <typename T>
  [[nodiscard]] std::vector<T> read_exactly(std::optional<std::uint64_t> expected_size = {}) const;

  /// What Group::write_text() wrote, byte for byte.
  /// @throws Error(damaged_data) for anything else, and beyond `longest` bytes.
  [[nodiscard]] std::string read_text(std::uint64_t longest) const;

  /// Appends along the first dimension of a dataset made by create_extendible(); `values` holds whole rows.
  void append(std::span<const double> values);
  void append(std::span<const float> values);
  void append(std::span<const std::uint64_t> values);
  /// Sets the size along the first dimension; rows that were never written read as zeros.
  void extend(std::uint64_t n_rows);

 private:
  /// Throws unless it is one-dimensional numbers, stored in full, of a size that a plan can be made for.
  [[nodiscard]] std::uint64_t check_readable(std::optional<std::uint64_t> expected_size, bool integers) const;
  /// The same for what is read as floats: one or two dimensions. Returns rows and columns.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> check_table() const;
  void check_storage(std::uint64_t n_values) const;
  /// Throws where links, of which any number may lead to one dataset, make a small file a large one.
  void count_values(std::uint64_t n_values) const;
  /// Throws unless the values lie in one piece in this file, `n_bytes` of them.
  void check_contiguous(std::uint64_t n_bytes) const;
  [[nodiscard]] bool is_signed() const;
  template <typename T>
  void read_block(std::uint64_t first, std::span<T> out) const;
  template <typename T>
  void append_rows(std::span<const T> values);
};

class Group : public Object {
 public:
  Group(Id id, std::string file, std::string path, std::shared_ptr<Opened> opened)
      : Object(std::move(id), std::move(file), std::move(path), std::move(opened)) {}

  enum class Kind { none, group, dataset, other };
  [[nodiscard]] Kind kind(const std::string& name) const;
  [[nodiscard]] bool has_group(const std::string& name) const { return kind(name) == Kind::group; }
  [[nodiscard]] bool has_dataset(const std::string& name) const { return kind(name) == Kind::dataset; }
  /// Names of all links, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

  /// @throws Error(damaged_data) naming what was expected where.
  [[nodiscard]] Group group(const std::string& name) const;
  [[nodiscard]] Dataset dataset(const std::string& name) const;

  [[nodiscard]] Group create_group(const std::string& name);
  /// The attributes by which a root group says that its file is SONATA 0.1.
  void mark_as_sonata();
  /// Chunked and uncompressed, of size 0 along its first dimension, which append() extends.
  /// @param row_size  0: one-dimensional; else values per row.
  [[nodiscard]] Dataset create_extendible(const std::string& name, NumberType type, std::uint64_t chunk_rows,
                                          std::uint64_t row_size = 0);
  /// One-dimensional, in one piece, uncompressed.
  Dataset write(const std::string& name, std::span<const float> values);
  Dataset write(const std::string& name, std::span<const double> values);
  Dataset write(const std::string& name, std::span<const std::int32_t> values);
  Dataset write(const std::string& name, std::span<const std::uint32_t> values);
  Dataset write(const std::string& name, std::span<const std::uint64_t> values);
  /// One piece of text of any length and content: a string of fixed length, or no value where it is empty.
  void write_text(const std::string& name, std::string_view text);

 private:
  [[nodiscard]] std::string child_path(const std::string& name) const;
  Dataset write_values(const std::string& name, NumberType type, std::uint64_t size, const void* values);
};

/// An open file. Close what was opened from it before it.
class File {
 public:
  File(File&&) = default;
  File& operator=(File&&) = delete;

  /// Opens for reading. @throws Error(io) where it cannot be read, Error(damaged_data) where it is no HDF5
  /// file or is truncated.
  [[nodiscard]] static File open(const std::filesystem::path& path);
  /// Creates for writing, replacing what is there. @throws Error(io).
  [[nodiscard]] static File create(const std::filesystem::path& path);

  /// Opens for reading what lies in memory, where it has to stay until the file and all that was opened from
  /// it are closed. No more is read of it than it has bytes, each object counting for its link: so a small
  /// file stays small, however its links lead. Only what create_image() makes is read: headers of version 1,
  /// values in one piece; of others the library is not safe from a hostile file.
  /// @param name  in messages.
  /// @throws Error(damaged_data) where it is no HDF5 file or is truncated.
  [[nodiscard]] static File open_image(std::string_view image, const std::string& name);
  /// Creates in memory, for image(); `userblock` bytes (0, or a power of 2 from 512 on) will stand before it.
  [[nodiscard]] static File create_image(std::uint64_t userblock, const std::string& name);
  /// What was written since create_image(), behind as many zeros as the user block has. Close all objects
  /// before.
  /// @throws Error(io).
  [[nodiscard]] std::string image();

  [[nodiscard]] Group root() const;
  /// Writes out everything, of open datasets too: closing those afterwards cannot lose data unnoticed.
  /// @throws Error(io).
  void flush();
  /// Writes out and closes a file being written; other threads can then open theirs.
  /// @throws Error(io), also where objects are still open.
  void close();

 private:
  File(LibraryLock lock, Id id, std::string name, std::uint64_t userblock = 0)
      : opened_(std::make_shared<Opened>(std::move(lock))),
        id_(std::move(id)),
        name_(std::move(name)),
        userblock_(userblock) {}
  std::shared_ptr<Opened> opened_;
  Id id_;  // after `opened_`: closes while that holds the lock
  std::string name_;
  std::uint64_t userblock_;
};

}  // namespace sharpwave::hdf5
