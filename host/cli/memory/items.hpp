// Items of a memory as people read them.
#pragma once

#include <string>
#include <vector>

#include "memory_store/memory_store.hpp"

namespace sharpwave::cli {

/// The head of a table of items, and a line of it.
[[nodiscard]] std::string item_head();
[[nodiscard]] std::string item_row(const memory::Item& item);
/// All that is known of it, a line each.
[[nodiscard]] std::string item_text(const memory::Item& item, const std::vector<memory::Edge>& edges);

}  // namespace sharpwave::cli
