// Whether a service is well: ten checks of what was observed (docs/formats/diagnose_json.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/operate/observation.hpp"

namespace sharpwave::operate {

enum class CheckState : std::uint8_t { ok, skipped, warning, failure };
[[nodiscard]] const char* name_of(CheckState state);

struct Check {
  std::string name;
  CheckState state = CheckState::ok;
  std::string found;                    ///< what was read, and the limit where there is one
  std::string action;                   ///< what to do; empty where it is ok or skipped
  std::string anchor;                   ///< of docs/operations/common_issues.md, likewise
  ExitCode code = ExitCode::unhealthy;  ///< of a failure
};

struct Diagnosis {
  std::vector<Check> checks;  ///< ten, in the order of docs/formats/diagnose_json.md
  [[nodiscard]] CheckState worst() const;
  /// The worst, by worse_of(), of what failed. @param strict  warnings count as failures.
  [[nodiscard]] ExitCode code(bool strict) const;
};

/// What the observations come to; looks at nothing else, so the same give the same.
[[nodiscard]] Diagnosis diagnose(const Observations& seen);

/// docs/formats/diagnose_json.md. @param seconds  that looking took.
[[nodiscard]] Json diagnosis_json(const Diagnosis& diagnosis, const Observations& seen,
                                  const std::string& data_directory, double seconds, bool strict);

}  // namespace sharpwave::operate
