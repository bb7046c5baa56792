#include <fmt/format.h>

#include <string>

#include "host/cli/commands.hpp"
#include "host/cli/options.hpp"

namespace sharpwave::cli {
namespace {

std::string option_names(const CommandOptions& command) {
  const cxxopts::Options options = command.options();
  std::string names;
  for (const cxxopts::HelpOptionDetails& option : options.group_help("").options) {
    if (option.desc.empty()) continue;  // positional
    for (const std::string& name : option.l) names.append(names.empty() ? "--" : " --").append(name);
  }
  return names;
}

std::string command_names() {
  std::string names = "help";
  for (const CommandOptions& command : commands_with_options()) names.append(" ").append(command.command);
  return names;
}

// Words that are neither a command nor an option are names of files.
constexpr std::string_view kBody = R"(_sharpwave() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words
  if ((COMP_CWORD == 1)); then
    words="{commands} --help --version"
  else
    case ${{COMP_WORDS[1]}} in
{cases}      help) words="{topics}" ;;
      *) words= ;;
    esac
    if [[ $current != -* && ${{COMP_WORDS[1]}} != @(help|completion) ]]; then
      COMPREPLY=()
      return
    fi
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _sharpwave sharpwave
)";

// zsh understands bash's completions, but for the builtin that splits lines.
constexpr std::string_view kForZsh = R"(autoload -U +X bashcompinit && bashcompinit
)";

std::string topics() {
  std::string names;
  for (const std::string& topic : help_topics()) names.append(names.empty() ? "" : " ").append(topic);
  return names;
}

std::string bash_script() {
  std::string cases;
  for (const CommandOptions& command : commands_with_options()) {
    const std::string words =
        std::string(command.command) == "completion" ? "bash zsh --help" : option_names(command);
    cases += fmt::format("      {}) words=\"{}\" ;;\n", command.command, words);
  }
  return fmt::format(fmt::runtime(kBody), fmt::arg("commands", command_names()), fmt::arg("cases", cases),
                     fmt::arg("topics", topics()));
}

/// bashcompinit has no mapfile: the words are split by the shell.
std::string zsh_script() {
  std::string script = bash_script();
  constexpr std::string_view kSplit = R"(mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"))";
  script.replace(script.find(kSplit), kSplit.size(), R"(COMPREPLY=($(compgen -W "$words" -- "$current")))");
  return std::string(kForZsh) + script;
}

}  // namespace

ExitCode completion_command(const CompletionArguments& arguments) {
  fmt::print("{}", arguments.shell == "bash" ? bash_script() : zsh_script());
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
