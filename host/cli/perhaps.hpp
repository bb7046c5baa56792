#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"

namespace sharpwave::cli {

/// The end of a message about a misspelt word: "; did you mean 'run'?", or nothing if none is near.
[[nodiscard]] inline std::string perhaps(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string hint = did_you_mean(word, candidates);
  return hint.empty() ? hint : "; " + hint;
}

}  // namespace sharpwave::cli
