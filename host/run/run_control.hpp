// What is asked of a run from outside while it goes on.
#pragma once

#include <cstdint>

namespace sharpwave {

/// Asked after each block, in the thread of the run.
class RunControl {
 public:
  RunControl() = default;
  RunControl(const RunControl&) = delete;
  RunControl& operator=(const RunControl&) = delete;
  virtual ~RunControl() = default;

  /// Whether it is to finish its block and save.
  [[nodiscard]] virtual bool stop() const = 0;
  /// How often a checkpoint was asked for: every run that goes on compares it with what it knows.
  [[nodiscard]] virtual std::uint64_t saves_asked() const = 0;
};

}  // namespace sharpwave
