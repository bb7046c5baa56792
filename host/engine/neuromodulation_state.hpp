// State of the neuromodulators of a region.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace sharpwave {

/// Lists whose names begin alike have the same length.
struct RegionState {
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  std::string region;
  // Of the modulators that it has, in their order.
  std::vector<double> level_target;
  std::vector<double> level_tonic;
  std::vector<double> level_phasic;
  std::vector<double> reward{0.5, 0};  ///< what is expected, and what is left of errors of prediction
  /// From outside, for the next step: is there a reward (0 or 1), the sum of them, and by what noradrenaline
  /// rises.
  std::vector<double> given{0, 0, 0};

  // Releases to come, in the order in which they act.
  std::vector<std::uint64_t> release_in;  ///< steps after EngineState::step, > 0
  std::vector<std::uint32_t> release_modulator;
  std::vector<double> release_amount;

  // Of each trigger.
  std::vector<std::uint64_t> trigger_source_age;  ///< of the last spike of its source, in steps before
  std::vector<std::uint64_t> trigger_draws;       ///< so many releases it has drawn

  bool operator==(const RegionState&) const = default;
};

/// All lists, by their names in files.
inline constexpr std::tuple kRegionColumns{
    std::pair{"level_target", &RegionState::level_target},
    std::pair{"level_tonic", &RegionState::level_tonic},
    std::pair{"level_phasic", &RegionState::level_phasic},
    std::pair{"reward", &RegionState::reward},
    std::pair{"given", &RegionState::given},
    std::pair{"release_in", &RegionState::release_in},
    std::pair{"release_modulator", &RegionState::release_modulator},
    std::pair{"release_amount", &RegionState::release_amount},
    std::pair{"trigger_source_age", &RegionState::trigger_source_age},
    std::pair{"trigger_draws", &RegionState::trigger_draws},
};

/// Calls visit(name, pointer to member) for each list.
template <class Visit>
void for_each_region_column(const Visit& visit) {
  std::apply([&](const auto&... column) { (visit(column.first, column.second), ...); }, kRegionColumns);
}

/// A list that cannot be, whatever the network is, and why.
struct RegionFault {
  std::string column;
  std::string what;
};
[[nodiscard]] std::optional<RegionFault> find_fault(const RegionState& state);

}  // namespace sharpwave
