// Places at which tests kill the process, to see what is left then.
#pragma once

namespace sharpwave::memory {

/// Does nothing, but in a build for those tests (SHARPWAVE_KILL_POINTS), where it is tests/memory_store/
/// kill_point.cpp: there the environment says at which passing of which point the process is killed.
#ifdef SHARPWAVE_KILL_POINTS
void kill_point(const char* name);
#else
inline void kill_point(const char* /*name*/) {}
#endif

}  // namespace sharpwave::memory
