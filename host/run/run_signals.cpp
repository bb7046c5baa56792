#include "host/run/run_signals.hpp"

#include <atomic>
#include <cstdint>
#include <ctime>

namespace sharpwave {
namespace {

// A signal handler can reach static storage only.
std::atomic<bool> stop_requested{false};
std::atomic<std::uint64_t> saves_requested{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free,
              "used in a signal handler");

// `timeout` and other launchers send one stop twice, to the process and to its group.
constexpr std::int64_t kOneStopMs = 250;
std::atomic<std::int64_t> stopped_at_ms{0};

std::int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // may be called in a handler
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void on_stop(int signal) {
  if (!stop_requested.exchange(true)) {
    stopped_at_ms = now_ms();
    return;
  }
  if (now_ms() - stopped_at_ms < kOneStopMs) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_save(int) {
  ++saves_requested;
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
  saves_requested = 0;
  install(SIGINT, on_stop, before_int_);
  install(SIGTERM, on_stop, before_term_);
  install(SIGHUP, on_stop, before_hup_);
  install(SIGUSR1, on_save, before_usr1_);
}

RunSignals::~RunSignals() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
  sigaction(SIGHUP, &before_hup_, nullptr);
  sigaction(SIGUSR1, &before_usr1_, nullptr);
}

bool RunSignals::stop() const {
  return stop_requested;
}

std::uint64_t RunSignals::saves_asked() const {
  return saves_requested;
}

}  // namespace sharpwave
