#include "host/cli/parsing.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/base/error.hpp"
#include "host/config/diagnostic.hpp"

namespace sharpwave::cli {

void usage_error(const std::string& message, const std::string& topic) {
  throw Error(ExitCode::usage,
              message + "\nSee `sharpwave " + (topic.empty() ? "" : topic + " ") + "--help`.");
}

namespace {

/// cxxopts says only that an option does not exist; this adds what was perhaps meant.
void reject_unknown_options(const cxxopts::Options& options, const std::vector<std::string>& words,
                            const std::string& command) {
  std::vector<std::string> known;
  for (const cxxopts::HelpOptionDetails& option : options.group_help("").options) {
    for (const std::string& name : option.l) known.push_back("--" + name);
  }
  for (const std::string& word : words) {
    if (word == "--") return;
    if (!word.starts_with("--")) continue;
    const std::string name = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    usage_error("unknown option '" + name + "' of `sharpwave " + command + "`" + perhaps(name, known),
                command);
  }
}

/// "--from: " for a message on what it was given, which cxxopts quotes without saying of which option.
std::string option_of(const std::string& message, const std::vector<std::string>& words) {
  for (std::size_t k = 0; k < words.size(); ++k) {
    if (!words[k].starts_with('-')) continue;
    const std::size_t equals = words[k].find('=');
    const bool is_behind = equals == std::string::npos;
    if (is_behind && k + 1 == words.size()) continue;
    const std::string value = is_behind ? words[k + 1] : words[k].substr(equals + 1);
    if (message.find(cxxopts::LQUOTE + value + cxxopts::RQUOTE) != std::string::npos)
      return words[k].substr(0, equals) + ": ";
  }
  return "";
}

}  // namespace

cxxopts::ParseResult parse(cxxopts::Options options, const std::vector<std::string>& words,
                           const std::string& command) {
  reject_unknown_options(options, words, command);
  std::vector<const char*> arguments{"sharpwave"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  try {
    cxxopts::ParseResult result = options.parse(static_cast<int>(arguments.size()), arguments.data());
    if (result.unmatched().empty()) return result;
    usage_error("'" + result.unmatched().front() + "' is one word too many", command);
  } catch (const cxxopts::exceptions::incorrect_argument_type& e) {
    usage_error(option_of(e.what(), words) + e.what(), command);
  } catch (const cxxopts::exceptions::exception& e) {
    usage_error(e.what(), command);
  }
}

template <>
std::optional<double> optional_value(const cxxopts::ParseResult& result, const std::string& name) {
  std::optional<double> number;
  for (const cxxopts::KeyValue& word : result.arguments()) {
    if (word.key() != name) continue;
    const std::string& text = word.value();
    const std::size_t sign = text.starts_with('+') && !text.starts_with("+-") ? 1 : 0;
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data() + sign, text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(value))
      throw Error(ExitCode::usage, "--" + name + ": read " + in_quotes(text) + ", expected a number");
    number = value;
  }
  return number;
}

LogOptions log_options(const cxxopts::ParseResult& result) {
  return {.level = optional_value<std::string>(result, "log-level"),
          .format = optional_value<std::string>(result, "log-format")};
}

/// A path that was given; an empty one is an error that says `complaint`.
std::optional<std::filesystem::path> optional_path(const cxxopts::ParseResult& result,
                                                   const std::string& name, const std::string& complaint,
                                                   const std::string& command) {
  const auto path = optional_value<std::string>(result, name);
  if (path && path->empty()) usage_error(complaint, command);
  return path;
}

}  // namespace sharpwave::cli
