// Where the engine's library says what it has no other way to say.
#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace sharpwave {

/// What the lines of a thread are about: of the service, of the request that it answers.
struct LogContext {
  std::string trace;
  std::string space;
};
[[nodiscard]] inline LogContext& log_context() {
  thread_local LogContext the_threads;
  return the_threads;
}

/// The program's logger of that name, or, where it has registered none, spdlog's default.
/// @param module  "config", "checkpoint", "watchdog".
[[nodiscard]] inline std::shared_ptr<spdlog::logger> logger_named(const char* module) {
  std::shared_ptr<spdlog::logger> logger = spdlog::get(module);
  return logger != nullptr ? logger : spdlog::default_logger();
}

}  // namespace sharpwave
