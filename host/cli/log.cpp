#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

#include "host/cli/commands.hpp"
#include "host/cli/terminal.hpp"
#include "host/config/diagnostic.hpp"

namespace sharpwave::cli {

void set_up_log(const std::optional<std::string>& option, const char* otherwise) {
  const char* variable = std::getenv("SHARPWAVE_LOG_LEVEL");
  const bool from_variable = !option && variable != nullptr && *variable != '\0';
  const std::string level = option ? *option : from_variable ? variable : otherwise;
  const std::vector<std::string> levels{"trace", "debug", "info", "warn", "error", "off"};
  if (std::find(levels.begin(), levels.end(), level) == levels.end()) {
    throw Error(ExitCode::usage, fmt::format("{}: read {}, expected trace, debug, info, warn, error or off{}",
                                             from_variable ? "SHARPWAVE_LOG_LEVEL" : "--log-level",
                                             in_quotes(level), perhaps(level, levels)));
  }
  auto logger = std::make_shared<spdlog::logger>(
      "sharpwave", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
                       wants_colour(stderr) ? spdlog::color_mode::always : spdlog::color_mode::never));
  logger->set_pattern("%T %^%l%$: %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace sharpwave::cli
