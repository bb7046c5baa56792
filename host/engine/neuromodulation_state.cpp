#include "host/engine/neuromodulation_state.hpp"

#include <algorithm>
#include <cmath>

#include "host/base/number_text.hpp"
#include "kernels/neuromodulation.hpp"

namespace sharpwave {
namespace {

using RegionStateFault = std::optional<RegionFault>;

constexpr double kLargestLevel = 1e30;
constexpr std::uint64_t kLongest = std::uint64_t{1} << 60;

RegionStateFault fault_of_size(const char* column, std::size_t size, std::size_t expected) {
  if (size == expected) return {};
  return {{column, "has " + std::to_string(size) + " values; expected " + std::to_string(expected)}};
}

RegionStateFault fault_of_levels(const char* column, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(std::fabs(values[i]) <= kLargestLevel))
      return {{column, "value " + std::to_string(i) + " is " + number_text(values[i]) +
                           "; expected a number from -1e30 to 1e30"}};
  return {};
}

RegionStateFault fault_of_steps(const char* column, const std::vector<std::uint64_t>& steps,
                                std::uint64_t least, bool may_be_never) {
  for (std::size_t i = 0; i < steps.size(); ++i)
    if ((steps[i] < least || steps[i] > kLongest) && !(may_be_never && steps[i] == RegionState::kNever))
      return {{column, "value " + std::to_string(i) + " is " + std::to_string(steps[i]) + "; expected from " +
                           std::to_string(least) + " to 2^60" +
                           (may_be_never ? ", or 2^64 - 1 for never" : "")}};
  return {};
}

RegionStateFault fault_of_releases(const RegionState& s) {
  for (std::size_t i = 0; i < s.release_modulator.size(); ++i)
    if (s.release_modulator[i] >= static_cast<std::uint32_t>(kModulators))
      return {{"release_modulator", "value " + std::to_string(i) + " is " +
                                        std::to_string(s.release_modulator[i]) + "; expected at most 3"}};
  if (!std::ranges::is_sorted(s.release_in)) return {{"release_in", "expected the first to come first"}};
  return {};
}

}  // namespace

std::optional<RegionFault> find_fault(const RegionState& s) {
  const std::size_t n_levels = s.level_target.size();
  const std::size_t n_releases = s.release_in.size();
  const RegionStateFault faults[] = {
      fault_of_size("level_tonic", s.level_tonic.size(), n_levels),
      fault_of_size("level_phasic", s.level_phasic.size(), n_levels),
      fault_of_size("reward", s.reward.size(), 2),
      fault_of_size("given", s.given.size(), 3),
      fault_of_size("release_modulator", s.release_modulator.size(), n_releases),
      fault_of_size("release_amount", s.release_amount.size(), n_releases),
      fault_of_size("trigger_draws", s.trigger_draws.size(), s.trigger_source_age.size()),
      fault_of_levels("level_target", s.level_target),
      fault_of_levels("level_tonic", s.level_tonic),
      fault_of_levels("level_phasic", s.level_phasic),
      fault_of_levels("reward", s.reward),
      fault_of_levels("given", s.given),
      fault_of_levels("release_amount", s.release_amount),
      fault_of_steps("release_in", s.release_in, 1, false),
      fault_of_releases(s),
      fault_of_steps("trigger_source_age", s.trigger_source_age, 0, true),
      fault_of_steps("trigger_draws", s.trigger_draws, 0, false),
  };
  for (const RegionStateFault& fault : faults)
    if (fault) return fault;
  return {};
}

}  // namespace sharpwave
