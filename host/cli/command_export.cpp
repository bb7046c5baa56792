#include <fmt/format.h>

#include <string_view>

#include "host/cli/checkpoint_argument.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/load.hpp"
#include "host/cli/log.hpp"
#include "host/run/export.hpp"
#include "host/run/learned_network.hpp"

namespace sharpwave::cli {
namespace {

/// A word of a command line as a shell reads it, on one line whatever it holds.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=+:,@%-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return quoted + "'";
}

std::string command_line(const ExportArguments& arguments) {
  std::string line = "sharpwave export --sonata ";
  if (arguments.from) line += "--from " + shell_word(arguments.from->string()) + " ";
  line += shell_word(arguments.config.string()) + " " + shell_word(arguments.directory.string());
  for (const std::string& text : arguments.overrides) line += " --set " + shell_word(text);
  return line;
}

}  // namespace

ExitCode export_command(const ExportArguments& arguments) {
  set_up_log(arguments.log, "info");
  LearnedNetwork network{.spec = load(config_text_of(arguments.config, parse_overrides(arguments.overrides))),
                         .projections = {}};
  if (arguments.from)
    network = learned_network(network.spec, checkpoint_at(*arguments.from), arguments.from->string());
  const std::uint64_t n_synapses = export_sonata(network.spec, {.directory = arguments.directory,
                                                                .force = arguments.force,
                                                                .command = command_line(arguments),
                                                                .learned = network.projections});
  fmt::print("{} synapses written; `sharpwave run {}` runs the network\n", grouped(n_synapses),
             shell_word((arguments.directory / kExportedConfig).string()));
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
