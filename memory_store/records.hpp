// What a space keeps beside its items: how its phases went, and what it refused.
#pragma once

#include <cstdint>
#include <string>

namespace sharpwave::memory {

/// What a phase did with items and edges.
struct PhaseCounts {
  std::uint64_t looked_at = 0;
  std::uint64_t changed = 0;
  std::uint64_t made = 0;
  std::uint64_t removed = 0;
  std::uint64_t edges = 0;  ///< made or raised
  PhaseCounts& operator+=(const PhaseCounts& other) {
    looked_at += other.looked_at;
    changed += other.changed;
    made += other.made;
    removed += other.removed;
    edges += other.edges;
    return *this;
  }
  [[nodiscard]] bool operator==(const PhaseCounts&) const = default;
};

/// How a phase ran last.
struct PhaseRecord {
  std::int64_t when_us = 0;  ///< since 1970, UTC; when it began
  double seconds = 0;
  std::uint64_t runs = 0;  ///< so far that came to their end
  PhaseCounts counts;      ///< of the last
};

/// An input that was refused.
struct Quarantined {
  std::uint64_t number = 0;  ///< from 1, in the order in which they came
  std::int64_t when_us = 0;  ///< since 1970, UTC
  std::string reason;
  std::string from;   ///< whence, and what exactly is wrong
  std::string bytes;  ///< as they came; cut where they are many
};

}  // namespace sharpwave::memory
