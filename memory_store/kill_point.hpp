// Places at which tests kill the process, to see what is left then.
#pragma once

namespace sharpwave::memory {

/// What is called at each of them; null, as it is but in programs of tests, which set it before anything
/// else.
inline void (*at_kill_point)(const char* name) = nullptr;

inline void kill_point(const char* name) {
  if (at_kill_point != nullptr) at_kill_point(name);
}

}  // namespace sharpwave::memory
