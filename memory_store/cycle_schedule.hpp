// When the next cycle of consolidation is due.
#pragma once

#include <array>
#include <cstdint>

#include "memory_store/consolidation_parameters.hpp"

namespace sharpwave::memory {

/// Why a cycle runs.
enum class Trigger : std::uint8_t { none, command, inserts, write_buffer, schedule };
[[nodiscard]] const char* name_of(Trigger trigger);

/// What is known of a space when one asks.
struct Load {
  double since_cycle_s = 0;  ///< since the last one began; infinite where none did
  bool is_commanded = false;
  bool has_changed =
      false;  ///< since the last one: what is idle is not consolidated, so that it does not fade
  double write_buffer = 0;  ///< share in use
  double inserts_per_minute = 0;
};

/// The first of command, inserts, write buffer and schedule for which a cycle is due; none before the last
/// one is `apart_s` ago.
[[nodiscard]] Trigger due(const Load& load, const CycleParameters& parameters);

/// Counts what was inserted in the last minute, to the second. Guarded by whoever has it.
class InsertRate {
 public:
  /// @param now_s  of any clock that does not go back.
  void note(std::uint64_t now_s, std::uint64_t n_inserts);
  [[nodiscard]] std::uint64_t last_minute(std::uint64_t now_s) const;

 private:
  struct Second {
    std::uint64_t number = 0;
    std::uint64_t n_inserts = 0;
  };
  std::array<Second, 60> seconds_{};
};

}  // namespace sharpwave::memory
