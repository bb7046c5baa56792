// Choices that are made in the environment.
#pragma once

#include <string>
#include <string_view>

namespace sharpwave {

/// What a variable chooses; empty where it is not set, or to nothing.
/// @throws Error(usage) where it is neither of the two.
[[nodiscard]] std::string choice_in_environment(const char* variable, std::string_view one,
                                                std::string_view other);

}  // namespace sharpwave
