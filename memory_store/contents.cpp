#include "memory_store/contents.hpp"

#include <fmt/format.h>

#include <vector>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"

namespace sharpwave::memory {

namespace {

constexpr char kWayBack = '\1';  // the first byte of such a key

void expect_whole_edge(std::string_view key, std::string_view payload) {
  if (!key.starts_with(kWayBack)) {
    static_cast<void>(decode_edge(key, payload));
    return;
  }
  static_cast<void>(edge_of_way_back(key));
  if (!payload.empty())
    throw DamagedValue(Column::edges, key, fmt::format("{} bytes, expected none", payload.size()));
}

void expect_whole_meta(std::string_view key, std::string_view payload) {
  if (key.starts_with(kQuarantinePrefix))
    static_cast<void>(decode_quarantined(key, payload));
  else if (key.starts_with(kPhasePrefix))
    static_cast<void>(decode_phase(key, payload));
  else if (key != kRunOptionsKey)
    static_cast<void>(decode_number(Column::meta, key, payload));
}

}  // namespace

std::string read_around_damage(
    const StorageBackend& backend, Column column,
    const std::function<void(std::string_view key, std::string_view value)>& visit) {
  std::string last;
  bool has_last = false;
  std::string damage;
  const auto scan = [&](Order order, const StorageBackend::Visit& each) {
    try {
      backend.scan(column, {}, order, each);
    } catch (const Error& error) {
      if (error.code() != ExitCode::damaged_data) throw;
      if (damage.empty()) damage = error.what();
    }
  };
  scan(Order::ascending, [&](std::string_view key, std::string_view value) {
    last = key;
    has_last = true;
    visit(key, value);
    return true;
  });
  if (damage.empty()) return damage;
  scan(Order::descending, [&](std::string_view key, std::string_view value) {
    if (has_last && key <= last) return false;
    visit(key, value);
    return true;
  });
  return damage;
}

void expect_whole(Column column, std::string_view key, std::string_view value, std::uint32_t dimension) {
  const std::string_view payload = unsealed(column, key, value);
  switch (column) {
    case Column::items:
      static_cast<void>(decode_item(key, payload));
      return;
    case Column::vectors: {
      std::vector<float> vector(dimension == 0 ? payload.size() / sizeof(float) : dimension);
      decode_vector(key, payload, vector);
      return;
    }
    case Column::edges:
      expect_whole_edge(key, payload);
      return;
    case Column::signals:
      static_cast<void>(decode_number(column, key, payload));
      return;
    case Column::meta:
      expect_whole_meta(key, payload);
      return;
  }
}

Contents read_contents(const StorageBackend& backend) {
  Contents contents;
  const auto dimension = find_payload(backend, Column::meta, "dimension");
  const std::uint64_t n = dimension ? decode_number(Column::meta, "dimension", *dimension) : 0;
  for (const Column column : kColumns)
    backend.scan(column, {}, Order::ascending, [&](std::string_view key, std::string_view value) {
      expect_whole(column, key, value, static_cast<std::uint32_t>(n));
      ++contents.values;
      contents.items += column == Column::items ? 1 : 0;
      return true;
    });
  const auto sequence = find_payload(backend, Column::meta, "sequence");
  if (sequence) contents.sequence = decode_number(Column::meta, "sequence", *sequence);
  return contents;
}

}  // namespace sharpwave::memory
