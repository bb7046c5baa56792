// What is refused of what comes from outside, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory_store/signal.hpp"

namespace sharpwave::memory {

/// Their names are part of the format: `rejected/REASON`.
enum class Reason : std::uint8_t {
  not_finite,
  wrong_dimension,
  oversized,
  no_direction,  ///< an embedding of zeros
  bad_text,      ///< not UTF-8, or with control characters in a name
  bad_window,
  bad_number,
  out_of_range,
  duplicate
};
[[nodiscard]] const char* name_of(Reason reason);

struct Refusal {
  Reason reason;
  std::string what;  ///< what was read, and what was expected
};

inline constexpr std::size_t kMostNameBytes = 256;
inline constexpr std::size_t kMostMetadataBytes = 64 << 10;
/// Behind the largest number there is, no signal of its population would be new any more. JSON keeps whole
/// numbers up to this one.
inline constexpr std::uint64_t kLastSignal = std::uint64_t{1} << 52;
/// Of simulated time: 30,000 years.
inline constexpr double kLatestMs = 1e15;

/// Without control characters where it is a name.
[[nodiscard]] bool is_utf8(std::string_view text, bool is_name);

/// What is wrong with whence a signal is: then it cannot be told from others by its number, and has no
/// watermark.
[[nodiscard]] std::optional<Refusal> find_fault(const Provenance& provenance);
/// What is wrong with the rest of a signal but its embedding.
[[nodiscard]] std::optional<Refusal> find_fault(const ConsolidationSignal& signal);

[[nodiscard]] std::optional<Refusal> find_metadata_fault(std::string_view metadata);

/// @param dimension  0: any from 1 to kMaxDimension.
/// @param[out] unit  `embedding` brought to length 1, where nothing is wrong with it.
[[nodiscard]] std::optional<Refusal> find_fault(std::span<const float> embedding, std::uint32_t dimension,
                                                std::vector<float>& unit);

}  // namespace sharpwave::memory
