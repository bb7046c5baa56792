// What the streams of this process are connected to.
#pragma once

#include <cstddef>
#include <cstdio>

namespace sharpwave::cli {

[[nodiscard]] bool is_terminal(std::FILE* stream);

/// True on a terminal that shows colours, unless NO_COLOR is set and not empty (https://no-color.org).
[[nodiscard]] bool wants_colour(std::FILE* stream);

/// Columns of the terminal; 100 where it does not say.
[[nodiscard]] std::size_t terminal_columns(std::FILE* stream);

}  // namespace sharpwave::cli
