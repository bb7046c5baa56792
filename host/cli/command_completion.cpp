#include <fmt/format.h>

#include <string>

#include "host/bench/cases.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/memory/options.hpp"
#include "host/cli/options.hpp"
#include "host/cli/shipped_configs.hpp"

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

// Other words are names of files, which the shell completes where nothing here fits.
constexpr std::string_view kBody = R"(_sharpwave() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words
  if ((COMP_CWORD == 1)); then
    words="{commands} --help --version"
  else
    case ${{COMP_WORDS[1]}} in
{cases}      help) words="{topics}" ;;
      *) words= ;;
    esac
    if [[ $current != -* && ${{COMP_WORDS[1]}} != @(help|completion|configs|bench|memory) ]]; then
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

/// What a command takes besides options and files.
std::string names_for(std::string_view command) {
  std::string names;
  if (command == "completion") names = "bash zsh ";
  if (command == "memory")
    for (const MemoryCommandOptions& behind : memory_commands()) names.append(behind.name).append(" ");
  if (command == "configs")
    for (const ShippedConfig& config : kShippedConfigs) names.append(config.name).append(" ");
  if (command == "bench")
    for (const bench::Case& c : bench::cases()) names.append(c.name).append(" ");
  return names;
}

std::string bash_script() {
  std::string cases;
  for (const CommandOptions& command : commands_with_options()) {
    cases += fmt::format("      {}) words=\"{}{}\" ;;\n", command.command, names_for(command.command),
                         option_names(command));
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
