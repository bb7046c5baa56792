// What tests put into a space, and what they find in it.
#pragma once

#include <string>
#include <vector>

#include "memory_store/space.hpp"

namespace sharpwave::memory::testing {

/// Puts an item in as it is.
inline ItemId put(Space& space, const Item& item, const std::vector<float>& vector) {
  ItemId id = kNoItem;
  space.commit([&](Transaction& change) { id = change.insert(item, vector); });
  return id;
}

inline ItemId add(Space& space, const std::vector<float>& vector, const std::string& metadata = {}) {
  Item item;
  item.metadata = metadata;
  return put(space, item, vector);
}

inline std::vector<ItemId> ids_of(const Space& space) {
  std::vector<ItemId> ids;
  for (const auto& [id, summary] : space.summaries()) ids.push_back(id);
  return ids;
}

}  // namespace sharpwave::memory::testing
