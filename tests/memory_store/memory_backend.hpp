// A storage backend in memory, so that the conformance suite has two to compare, and spaces can be tested
// without a disk.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "memory_store/storage_backend.hpp"

namespace sharpwave::memory::testing {

class MemoryBackend : public StorageBackend {
 public:
  void write(const WriteBatch& batch, bool /*sync*/) override {
    const std::lock_guard lock(mutex_);
    for (const WriteBatch::Operation& operation : batch.operations()) {
      Map& map = maps_.at(static_cast<std::size_t>(operation.column));
      if (operation.value)
        map.insert_or_assign(operation.key, *operation.value);
      else
        map.erase(operation.key);
    }
  }
  void sync() override {}
  [[nodiscard]] std::optional<std::string> get(Column column, std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    const Map& map = maps_.at(static_cast<std::size_t>(column));
    const auto at = map.find(key);
    return at == map.end() ? std::nullopt : std::optional(at->second);
  }
  void scan(Column column, std::string_view prefix, Order order, const Visit& visit) const override {
    Map map;
    {
      const std::lock_guard lock(mutex_);
      map = maps_.at(static_cast<std::size_t>(column));
    }
    std::erase_if(map, [&](const auto& entry) { return !entry.first.starts_with(prefix); });
    if (order == Order::ascending) {
      for (auto at = map.begin(); at != map.end() && visit(at->first, at->second); ++at) continue;
    } else {
      for (auto at = map.rbegin(); at != map.rend() && visit(at->first, at->second); ++at) continue;
    }
  }
  [[nodiscard]] std::uint64_t bytes() const override {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const Map& map : maps_)
      for (const auto& [key, value] : map) sum += key.size() + value.size();
    return sum;
  }
  [[nodiscard]] double write_buffer_fill() const override { return 0; }

 private:
  using Map = std::map<std::string, std::string, std::less<>>;
  mutable std::mutex mutex_;
  std::array<Map, std::size(kColumns)> maps_;
};

}  // namespace sharpwave::memory::testing
