// SHARPWAVE_KILL_POINT=NAME[:N] kills the process when it passes the point NAME for the N-th time, the first
// where no N is given. SHARPWAVE_KILL_POINT=? names every point that is passed, on stderr.
#include "memory_store/kill_point.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sharpwave::memory {

namespace {

struct Asked {
  std::string name;
  std::atomic<long> n_left = 1;

  Asked() {
    const char* const text = std::getenv("SHARPWAVE_KILL_POINT");
    if (text == nullptr) return;
    name = text;
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos) return;
    n_left = std::strtol(name.c_str() + colon + 1, nullptr, 10);
    name.resize(colon);
  }
};

void kill_as_asked(const char* name) {
  static Asked asked;
  if (asked.name == "?") std::fprintf(stderr, "%s\n", name);
  if (asked.name == name && --asked.n_left == 0) static_cast<void>(std::raise(SIGKILL));
}

const bool is_set = [] {
  at_kill_point = kill_as_asked;
  return true;
}();

}  // namespace

}  // namespace sharpwave::memory
