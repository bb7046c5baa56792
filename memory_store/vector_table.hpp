// The embeddings of a space in memory, and their exact search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "memory_store/item.hpp"

namespace sharpwave::memory {

struct Neighbour {
  ItemId id = kNoItem;
  float similarity = 0;  ///< the cosine
  /// The nearer first, of equal ones the smaller id.
  [[nodiscard]] bool operator<(const Neighbour& other) const {
    return similarity != other.similarity ? similarity > other.similarity : id < other.id;
  }
  [[nodiscard]] bool operator==(const Neighbour&) const = default;
};

/// The one of two that comes first; kNoItem stands for none.
[[nodiscard]] inline Neighbour nearer(const Neighbour& a, const Neighbour& b) {
  if (a.id == kNoItem || b.id == kNoItem) return a.id == kNoItem ? b : a;
  return b < a ? b : a;
}

/// Which items count; null: all.
using IsMeant = std::function<bool(ItemId)>;

/// Vectors of length 1 by id, one behind the other. Guarded by whoever has it.
class VectorTable {
 public:
  explicit VectorTable(std::uint32_t dimension) : dimension_(dimension) {}

  [[nodiscard]] std::uint32_t dimension() const { return dimension_; }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  /// [size], in no order; valid until the next change.
  [[nodiscard]] std::span<const ItemId> ids() const { return ids_; }
  /// @param vector  [dimension]; `id` is a new one.
  void insert(ItemId id, std::span<const float> vector);
  /// The last one takes its place.
  void erase(ItemId id);
  /// [dimension]; valid until the next change. Empty where there is none.
  [[nodiscard]] std::span<const float> find(ItemId id) const;

  /// The `k` nearest to `query`, [dimension], nearest first, of those that `is_meant` takes (all where it is
  /// null). O(size * dimension).
  [[nodiscard]] std::vector<Neighbour> nearest(std::span<const float> query, std::size_t k,
                                               const IsMeant& is_meant) const;
  /// The smallest id of those whose vector equals `vector`; kNoItem where there is none.
  [[nodiscard]] ItemId identical(std::span<const float> vector, const IsMeant& is_meant) const;

 private:
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return {values_.data() + i * dimension_, dimension_};
  }

  std::uint32_t dimension_;
  std::vector<ItemId> ids_;
  std::vector<float> values_;  ///< [size, dimension]
  std::unordered_map<ItemId, std::size_t> rows_;
};

}  // namespace sharpwave::memory
