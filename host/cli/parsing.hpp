// From words to the values of a command's options.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"

namespace sharpwave::cli {

/// @throws Error(usage), with the command whose help says more.
[[noreturn]] void usage_error(const std::string& message, const std::string& command);

/// @throws Error(usage) saying which word is wrong, and what was perhaps meant.
[[nodiscard]] cxxopts::ParseResult parse(cxxopts::Options options, const std::vector<std::string>& words,
                                         const std::string& command);

template <class T>
[[nodiscard]] std::optional<T> optional_value(const cxxopts::ParseResult& result, const std::string& name) {
  if (result.count(name) == 0) return std::nullopt;
  return result[name].as<T>();
}
/// cxxopts reads the beginning of a word as a number, and `nan`.
/// @throws Error(usage) where the word is not a finite number, all of it.
template <>
[[nodiscard]] std::optional<double> optional_value(const cxxopts::ParseResult& result,
                                                   const std::string& name);

[[nodiscard]] LogOptions log_options(const cxxopts::ParseResult& result);

/// A path that was given; an empty one is an error that says `complaint`.
[[nodiscard]] std::optional<std::filesystem::path> optional_path(const cxxopts::ParseResult& result,
                                                                 const std::string& name,
                                                                 const std::string& complaint,
                                                                 const std::string& command);

[[nodiscard]] Command parse_serve(const std::vector<std::string>& words);

/// What is behind `sharpwave memory`.
[[nodiscard]] Command parse_memory(const std::vector<std::string>& words);

}  // namespace sharpwave::cli
