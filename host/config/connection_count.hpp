// Numbers of connections from published probabilities.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "host/network/model_spec.hpp"

namespace sharpwave::config {

/// How many connections drawn with replacement give a pair at least one with this probability:
/// round(ln(1-p) / ln((N-1)/N)), N = n_sources * n_targets, in double precision (Potjans & Diesmann 2014).
/// Nothing where that is not a number of connections (p = 1, or a single pair).
[[nodiscard]] std::optional<std::uint64_t> connection_count(double probability, std::uint64_t n_sources,
                                                            std::uint64_t n_targets);

/// The rule of a name that the key table allows.
[[nodiscard]] ConnectionRule connection_rule(std::string_view name);

}  // namespace sharpwave::config
