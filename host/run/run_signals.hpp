// What signals ask of a run: SIGINT, SIGTERM and SIGHUP to finish its block and save, a second one to end the
// process at once; SIGUSR1 to save and go on.
#pragma once

#include <csignal>
#include <cstdint>

namespace sharpwave {

/// While one lives, the first of the three only sets a flag, and the second, a quarter of a second later or
/// more, has its usual effect; SIGUSR1 is counted. A signal that was ignored before stays so. The
/// handlers of before come back with its end. One at a time in a process.
class RunSignals {
 public:
  RunSignals();
  ~RunSignals();
  RunSignals(const RunSignals&) = delete;
  RunSignals& operator=(const RunSignals&) = delete;

  [[nodiscard]] bool stop() const;
  /// How often SIGUSR1 has come: every run that goes on compares it with what it knows.
  [[nodiscard]] std::uint64_t saves_asked() const;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
  struct sigaction before_hup_ {};
  struct sigaction before_usr1_ {};
};

}  // namespace sharpwave
