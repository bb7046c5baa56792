// trials.h5: what the trials of a protocol came to. docs/formats/trials.md describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/protocol/trial.hpp"

namespace sharpwave {

/// What is known of a phase before its trials.
struct TrialPhase {
  std::string name;
  std::string population;      ///< whose spikes are counted; empty: none
  std::uint32_t n_counts = 0;  ///< its neurons, where their spikes are kept; else 0
  bool operator==(const TrialPhase&) const = default;
};

/// The name appears only in finish(); until then the file is called `trials.h5.partial`.
class TrialWriter {
 public:
  /// @throws Error(io) naming the file; so do all.
  TrialWriter(const std::filesystem::path& path, const std::vector<TrialPhase>& phases, double dt_ms);
  ~TrialWriter();
  TrialWriter(TrialWriter&&) noexcept;
  TrialWriter& operator=(TrialWriter&&) noexcept;

  /// @param trial  of one of the phases, with as many counts as it has.
  void append(const Trial& trial);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sharpwave
