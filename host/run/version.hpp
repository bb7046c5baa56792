#pragma once

namespace sharpwave {

/// "major.minor.patch" of the project, static storage.
[[nodiscard]] const char* version();

}  // namespace sharpwave
