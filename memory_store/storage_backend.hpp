// What a memory space needs of whatever stores it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sharpwave::memory {

enum class Column : std::uint8_t { items, vectors, edges, signals, meta };
inline constexpr Column kColumns[] = {Column::items, Column::vectors, Column::edges, Column::signals,
                                      Column::meta};
[[nodiscard]] const char* name_of(Column column);

enum class Order : std::uint8_t { ascending, descending };

/// Writes that happen together or not at all, in their order.
class WriteBatch {
 public:
  struct Operation {
    Column column;
    std::string key;
    std::optional<std::string> value;  ///< none: the key is erased
  };
  void put(Column column, std::string key, std::string value) {
    operations_.push_back({column, std::move(key), std::move(value)});
  }
  void erase(Column column, std::string key) {
    operations_.push_back({column, std::move(key), std::nullopt});
  }
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] bool empty() const { return operations_.empty(); }

 private:
  std::vector<Operation> operations_;
};

/// Ordered bytes in columns. What a backend gives back is what was written, or it throws: never something
/// else, and nothing that was acknowledged is missing. Checksums of values are above it (codec.hpp).
///
/// Every function @throws Error(io), Error(no_room) where the disk is full, Error(damaged_data) naming what
/// is damaged. Safe from several threads.
class StorageBackend {
 public:
  StorageBackend() = default;
  StorageBackend(const StorageBackend&) = delete;
  StorageBackend& operator=(const StorageBackend&) = delete;
  virtual ~StorageBackend() = default;

  /// Returns when it is done; with `sync`, when no power cut can take it.
  virtual void write(const WriteBatch& batch, bool sync) = 0;
  /// All that was written so far is on the disk when it returns.
  virtual void sync() = 0;
  [[nodiscard]] virtual std::optional<std::string> get(Column column, std::string_view key) const = 0;
  /// Calls visit(key, value) for the keys that begin with `prefix`, ascending or descending, as of one
  /// moment, until it returns false. What comes before a damaged place is visited before this throws.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual void scan(Column column, std::string_view prefix, Order order, const Visit& visit) const = 0;
  /// Bytes on the disk, its log included; of a store in memory those it takes.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  /// How much of the memory for what is not in tables yet is in use, from 0; above 1 where writing is held
  /// up.
  [[nodiscard]] virtual double write_buffer_fill() const = 0;
};

}  // namespace sharpwave::memory
