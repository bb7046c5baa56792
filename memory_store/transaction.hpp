// Changes of a space that happen together or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory_store/item.hpp"
#include "memory_store/storage_backend.hpp"
#include "memory_store/vector_table.hpp"

namespace sharpwave::memory {

/// What changes have done so far to what lies below them, as nobody else sees it yet.
struct Pending {
  struct Counters {
    std::uint64_t sequence = 0;  ///< of the last change
    ItemId next_id = 1;
    std::uint32_t dimension = 0;  ///< of the vectors; 0: there was none yet
  };
  Counters counters;
  std::map<ItemId, std::optional<Item>> items;             ///< none: erased
  std::map<ItemId, std::vector<float>> vectors;            ///< of new items
  std::map<std::string, std::optional<Edge>> edges;        ///< by their keys; none: erased
  std::map<std::string, std::uint64_t> watermarks;         ///< by keys of signals
  std::map<std::string, std::optional<std::string>> meta;  ///< payloads by key; none: erased

  [[nodiscard]] bool is_empty() const {
    return items.empty() && edges.empty() && watermarks.empty() && meta.empty();
  }
  /// Which items are not erased here; null: all.
  [[nodiscard]] IsMeant those_left() const;
  /// Of the vectors here; kNoItem where there are none.
  [[nodiscard]] Neighbour nearest(std::span<const float> query, const IsMeant& is_meant) const;
  [[nodiscard]] ItemId identical(std::span<const float> vector, const IsMeant& is_meant) const;

  /// What `later`, which was made on top of this, has done as well.
  void merge(Pending&& later);
  /// All of it, sealed, with the counters.
  [[nodiscard]] WriteBatch batch() const;
};

/// One change. It reads through to what is below, so that it sees what it and those before it did.
class Transaction {
 public:
  /// What lies below: the changes before it and the space.
  struct Below {
    std::function<std::optional<Item>(ItemId)> item;
    std::function<std::optional<Edge>(const std::string& key)> edge;
    /// All edges from or to an item.
    std::function<std::vector<Edge>(ItemId)> edges_of;
    std::function<std::uint64_t(const std::string& key)> watermark;
    std::function<std::optional<std::string>(const std::string& key)> meta;
    std::function<Neighbour(std::span<const float> query, const IsMeant&)> nearest;
    std::function<ItemId(std::span<const float> vector, const IsMeant&)> identical;
  };
  /// @param below  outlives it. The change gets the sequence behind that of `counters`.
  Transaction(const Below& below, const Pending::Counters& counters);

  [[nodiscard]] std::optional<Item> find(ItemId id) const;
  [[nodiscard]] std::optional<Edge> find(const Edge& edge) const;
  /// 0 where no signal of it was taken.
  [[nodiscard]] std::uint64_t watermark(const Provenance& provenance) const;
  [[nodiscard]] std::optional<std::string> meta(const std::string& meta_key) const;
  [[nodiscard]] std::uint64_t number(const std::string& meta_key) const;
  [[nodiscard]] std::uint32_t dimension() const { return pending_.counters.dimension; }
  /// Of this change.
  [[nodiscard]] std::uint64_t sequence() const { return pending_.counters.sequence; }
  /// The item nearest to `query`, of length 1 and of dimension(), exactly; kNoItem where there is none. Ties
  /// go to the smaller id. It sees what this change and those before it have made and erased.
  [[nodiscard]] Neighbour nearest(std::span<const float> query) const;
  /// An item whose vector equals `vector`; the smallest id, kNoItem where there is none.
  [[nodiscard]] ItemId identical(std::span<const float> vector) const;

  /// @param item    its id and sequence are set.
  /// @param vector  of length 1, and of dimension(), where that is not 0.
  ItemId insert(Item item, std::span<const float> vector);
  /// @param item  there is one of its id; its sequence is set.
  void update(Item item);
  /// With its vector and edges. False where there is none.
  bool erase(ItemId id);
  /// Between two items that there are.
  void put(const Edge& edge);
  void set_watermark(const Provenance& provenance);
  void set_number(const std::string& meta_key, std::uint64_t number);
  void set_meta(const std::string& meta_key, std::string payload);
  void erase_meta(const std::string& meta_key);

  [[nodiscard]] Pending take() { return std::move(pending_); }

 private:
  const Below& below_;
  Pending pending_;
};

}  // namespace sharpwave::memory
