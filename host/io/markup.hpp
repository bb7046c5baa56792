// Text that is put into HTML or SVG.
#pragma once

#include <string>
#include <string_view>

namespace sharpwave {

/// `text` as the content of an element: what could begin a tag or an entity begins none. Not for the value of
/// an attribute, where quotes matter.
[[nodiscard]] std::string escaped_for_markup(std::string_view text);

}  // namespace sharpwave
