// Items of a memory as people and programs read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::cli {

/// "2026-11-30T14:05:00Z", of microseconds since 1970.
[[nodiscard]] std::string moment(std::int64_t us);

/// All that is known of it; times of the wall clock as ISO 8601, UTC, and null where there is no limit.
[[nodiscard]] Json item_json(const memory::Item& item);
[[nodiscard]] Json edge_json(const memory::Edge& edge);

/// The head of a table of items, and a line of it.
[[nodiscard]] std::string item_head();
[[nodiscard]] std::string item_row(const memory::Item& item);
/// All that is known of it, a line each.
[[nodiscard]] std::string item_text(const memory::Item& item, const std::vector<memory::Edge>& edges);

}  // namespace sharpwave::cli
