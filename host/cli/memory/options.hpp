// The commands behind `sharpwave memory` and their options, as both the parser and the help know them.
#pragma once

#include <string>
#include <vector>

#include "host/cli/options.hpp"

namespace sharpwave::cli {

struct MemoryCommandOptions {
  const char* name;
  const char* words;  ///< behind it, for the help
  const char* what;
  const char* more;  ///< explanations and examples
  void (*add)(cxxopts::Options& options);
};
/// All of them, in the order in which they are listed.
[[nodiscard]] const std::vector<MemoryCommandOptions>& memory_commands();
[[nodiscard]] cxxopts::Options options_of(const MemoryCommandOptions& command);

/// Of `sharpwave help memory`, or "memory search".
[[nodiscard]] std::string memory_help(const std::string& topic);

}  // namespace sharpwave::cli
