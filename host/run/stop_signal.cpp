#include "host/run/stop_signal.hpp"

#include <atomic>

namespace sharpwave {
namespace {

// A signal handler can reach static storage only.
std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

void on_signal(int signal) {
  if (!stop_requested.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// What a parent has chosen to ignore (nohup, a shell's background jobs) stays ignored.
void install(int signal, struct sigaction& before) {
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // writing a file must not fail because of it
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  stop_requested = false;
  install(SIGINT, before_int_);
  install(SIGTERM, before_term_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool StopSignal::received() const {
  return stop_requested;
}

}  // namespace sharpwave
