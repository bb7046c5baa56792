// The networks that `sharpwave bench` measures.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sharpwave::bench {

/// What is measured of a network (kinds.hpp).
enum class Kind { run, batch, watchdog, checkpoint, pulses };

struct Case {
  std::string_view name;
  std::string_view config;  ///< a shipped one: "brunel", of configs/brunel.yaml; or kPulseConfig
  std::vector<std::string> overrides;
  std::string_view about;  ///< what it is, in a line
  Kind kind = Kind::run;
  bool by_default = true;  ///< measured where no case is named
};

/// In the order in which they are measured and listed. The warm-up is among the overrides only where a case
/// needs one of its own.
[[nodiscard]] std::span<const Case> cases();

/// Those named, in the order of cases(); without names those by default.
/// @throws Error(usage) for a name that is none, with what was perhaps meant.
[[nodiscard]] std::vector<Case> choose_cases(const std::vector<std::string>& names);

}  // namespace sharpwave::bench
