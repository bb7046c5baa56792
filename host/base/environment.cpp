#include "host/base/environment.hpp"

#include <cstdlib>

#include "host/base/error.hpp"

namespace sharpwave {

std::string choice_in_environment(const char* variable, std::string_view one, std::string_view other) {
  const char* const value = std::getenv(variable);
  const std::string_view chosen = value == nullptr ? "" : value;
  if (!chosen.empty() && chosen != one && chosen != other)
    throw Error(ExitCode::usage, std::string(variable) + ": read '" + std::string(chosen) + "', expected " +
                                     std::string(one) + " or " + std::string(other));
  return std::string(chosen);
}

}  // namespace sharpwave
