// Where refused input goes: it is counted for good, and the newest of it is kept as it came.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory_store/records.hpp"
#include "memory_store/refusal.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

inline constexpr std::uint64_t kMostQuarantined = 1000;
inline constexpr std::size_t kMostQuarantinedBytes = 64 << 10;
/// Keys of what was refused, by reason, begin so.
inline constexpr std::string_view kRejectedPrefix = "rejected/";

/// Counts `refusal`, and keeps the input; the oldest goes where there are kMostQuarantined.
/// @param from   whence it came; any bytes, those that cannot be printed are escaped.
/// @param bytes  as they came; cut at kMostQuarantinedBytes.
void put_into_quarantine(Transaction& change, const Refusal& refusal, std::string_view from,
                         std::string_view bytes);

/// The oldest first. @throws Error(damaged_data).
[[nodiscard]] std::vector<Quarantined> quarantined(const Space& space);

/// The bytes of numbers.
[[nodiscard]] std::string_view bytes_of(std::span<const float> values);

}  // namespace sharpwave::memory
