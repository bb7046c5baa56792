#include "host/run/run_signals.hpp"

#include <atomic>

namespace sharpwave {
namespace {

// A signal handler can reach static storage only.
std::atomic<bool> stop_requested{false};
std::atomic<bool> save_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

void on_stop(int signal) {
  if (!stop_requested.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_save(int) {
  save_requested = true;
}

// What a parent has chosen to ignore (nohup, a shell's background jobs) stays ignored.
void install(int signal, void (*handler)(int), struct sigaction& before) {
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // writing a file must not fail because of it
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

RunSignals::RunSignals() {
  stop_requested = false;
  save_requested = false;
  install(SIGINT, on_stop, before_int_);
  install(SIGTERM, on_stop, before_term_);
  install(SIGUSR1, on_save, before_usr1_);
}

RunSignals::~RunSignals() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
  sigaction(SIGUSR1, &before_usr1_, nullptr);
}

bool RunSignals::stop() const {
  return stop_requested;
}

bool RunSignals::take_save() {
  return save_requested.exchange(false);
}

}  // namespace sharpwave
