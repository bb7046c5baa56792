// SIGINT and SIGTERM ask a run to finish its block and save; a second one ends the process at once.
#pragma once

#include <csignal>

namespace sharpwave {

/// While one lives, the first SIGINT or SIGTERM only sets a flag, and the second has its usual effect; a
/// signal that was ignored before stays so. The handlers of before come back with its end. One at a time in a
/// process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  [[nodiscard]] bool received() const;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace sharpwave
