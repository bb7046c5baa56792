// What signals ask of a run: SIGINT, SIGTERM and SIGHUP to finish its block and save, a second one to end the
// process at once; SIGUSR1 to save and go on.
#pragma once

#include <csignal>
#include <cstdint>

#include "host/run/run_control.hpp"

namespace sharpwave {

/// While one lives, the first of the three only sets a flag, and the second, a quarter of a second later or
/// more, has its usual effect; SIGUSR1 is counted. A signal that was ignored before stays so. The
/// handlers of before come back with its end. One at a time in a process.
class RunSignals final : public RunControl {
 public:
  RunSignals();
  ~RunSignals() override;

  [[nodiscard]] bool stop() const override;
  /// How often SIGUSR1 has come.
  [[nodiscard]] std::uint64_t saves_asked() const override;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
  struct sigaction before_hup_ {};
  struct sigaction before_usr1_ {};
};

}  // namespace sharpwave
