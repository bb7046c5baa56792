#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/shipped_configs.hpp"
#include "host/config/diagnostic.hpp"
#include "host/config/schema.hpp"
#include "host/io/atomic_file.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::string_view kFirstConfig = "first";

/// The first sentence of the comment at the top.
std::string summary_of(std::string_view text) {
  while (text.starts_with("# yaml-language-server:")) text.remove_prefix(text.find('\n') + 1);
  std::string summary;
  while (text.starts_with("# ") && !summary.ends_with('.')) {
    const std::string_view line = text.substr(2, text.find('\n') - 2);
    const std::size_t stop = line.find(". ");
    summary.append(summary.empty() ? "" : " ").append(line.substr(0, stop == line.npos ? stop : stop + 1));
    text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
  }
  return summary;
}

}  // namespace

std::string_view shipped_config_text(std::string_view name) {
  std::vector<std::string> known;
  for (const ShippedConfig& config : kShippedConfigs) {
    if (config.name == name) return config.text;
    known.emplace_back(config.name);
  }
  throw Error(ExitCode::usage, fmt::format("no config named '{}' comes with the program{}", name,
                                           perhaps(std::string(name), known)));
}

ExitCode configs_command(const ConfigsArguments& arguments) {
  if (arguments.name) {
    fmt::print("{}", shipped_config_text(*arguments.name));
    return ExitCode::ok;
  }
  constexpr std::size_t kConfigColumns = 22;
  for (const ShippedConfig& config : kShippedConfigs)
    fmt::print("{}{}\n", left(config.name, kConfigColumns), summary_of(config.text));
  return ExitCode::ok;
}

ExitCode new_command(const NewArguments& arguments) {
  const std::string_view text = shipped_config_text(kFirstConfig);
  if (!arguments.file) {
    fmt::print("{}", text);
    return ExitCode::ok;
  }
  std::error_code ignored;
  if (std::filesystem::exists(*arguments.file, ignored))
    throw Error(ExitCode::io, arguments.file->string() + " exists, and is not overwritten");
  write_file_atomically(*arguments.file, std::string(text));
  fmt::print("{0}: `sharpwave run {0}` runs it\n", arguments.file->string());
  return ExitCode::ok;
}

ExitCode schema_command() {
  fmt::print("{}", config::json_schema());
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
