#pragma once

#include <string>

namespace sharpwave {

/// 32 hex digits that no other run has: drawn by the system, so that nothing of a run depends on them.
[[nodiscard]] std::string new_run_id();

}  // namespace sharpwave
