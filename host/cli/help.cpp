#include <fmt/format.h>

#include <string_view>

#include "host/base/error.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/memory/options.hpp"
#include "host/cli/operate/options.hpp"
#include "host/cli/options.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::string_view kOverview = R"(sharpwave simulates spiking neural networks.

Usage:
  sharpwave run CONFIG... [OPTION...]    simulate networks and write their results
  sharpwave resume DIR [OPTION...]       go on with a run, or a batch, that was stopped or killed
  sharpwave validate FILE... [OPTION...] check configs without running them
  sharpwave export --sonata CONFIG DIR   draw a network and write it as SONATA files
  sharpwave report DIR... [OPTION...]    one page that shows one or several runs
  sharpwave inspect FILE [FILE2]         what is in a checkpoint, or in what two differ
  sharpwave bench [CASE...] [OPTION...]  measure how fast it is here
  sharpwave trace CONFIG --population P  show single neurons, step by step
  sharpwave memory COMMAND --store DIR   search and operate a memory store
  sharpwave serve --data-dir DIR         a memory store and a queue of runs, behind HTTP
  sharpwave diagnose --data-dir DIR      whether a service is well, and what to do
  sharpwave debug-bundle --data-dir DIR  what helps to find out what is wrong, in one file
  sharpwave analyze-logs FILE...         what logs come to
  sharpwave configs [NAME]               list the shipped configs, or print one
  sharpwave new [FILE]                   a first config of your own, with explanations
  sharpwave schema                       the JSON Schema of configs, for editors
  sharpwave completion bash|zsh          what completes these words in a shell
  sharpwave help [TOPIC]                 explain a command, or `exit-codes`
  sharpwave --version

Examples:
  sharpwave run configs/quickstart.yaml
  sharpwave run configs/microcircuit.yaml --set scaling.neurons=1 --set scaling.indegrees=1 --dry-run
  sharpwave validate configs/*.yaml
)";

constexpr std::string_view kServeExamples = R"(
Prints `listening on URL` once it answers; the page is there. Loopback by default, where everybody on this machine may
everything; with tokens, requests need them; another address needs --admin-token and TLS.

SIGTERM and SIGINT end it: no more requests are taken, those under way end, the run under way saves a checkpoint and
goes on with the next start. A second one ends it at once. SIGHUP reads tokens, TLS and the log's file again. SIGUSR1
makes a checkpoint, and writes the state into the log.

Examples:
  sharpwave serve --data-dir /var/lib/sharpwave
  sharpwave serve --data-dir data --port 0 --log-format json
  sharpwave serve --data-dir data --address 0.0.0.0 --admin-token admin --tls-certificate cert.pem --tls-key key.pem
)";

constexpr std::string_view kRunExamples = R"(
Examples:
  sharpwave run configs/quickstart.yaml
  sharpwave run configs/brunel.yaml --set simulation.seed=7 --out runs/brunel_7
  sharpwave run configs/microcircuit.yaml --set scaling.neurons=1 --set scaling.indegrees=1 --dry-run
  sharpwave run configs/quickstart.yaml --quiet --json --force > result.json

Threads: --threads, else SHARPWAVE_THREADS, else the config's device.threads, else every processor that
this process may use, but no more than one for each 1,000 neurons. The number changes the speed and nothing else.

Ctrl-C (SIGINT) and SIGTERM end a run early and save what was simulated, with a checkpoint: `sharpwave resume` goes on
from there. A second one, a quarter of a second later or more, ends it at once. SIGUSR1 makes a checkpoint and goes on.

Several configs, of a directory its *.yaml, run one after the other, each into a directory of its own: runs/NAME, or
NAME in --out. All are checked before the first begins, one that fails does not keep the others from running, and the
exit code is the worst (`sharpwave help exit-codes` has their order).

A config with a `batch` is many runs, which share their network where they can; each is in instances/NNNN of the
directory, and batch.json says what became of all. The number of threads is that of all together, every processor by
default. The exit code is the worst of them. `--set batch=null` makes one run of the config.

--from begins with the state of a checkpoint instead of the config's initial values; time and recording begin at 0.
What of it does not fit the network is said, and begins with the initial values.

A watchdog looks at the state and the rates (`watchdog` in the config): by default a value that is not finite, or a
population that fires more than half as much as it can, halts the run; watchdog.json says what, when and where. --inject
puts such a value into the state after a step (counted from 1, warm-up included): VALUE is nan, inf, -inf or a number, for
V_m in mV from E_L.
)";

constexpr std::string_view kResumeExamples = R"(
Goes on from the newest checkpoint in DIR that is whole, to the files that the run would have made if nothing had
happened, bit for bit: also with other threads, on another device, and with another build. A damaged checkpoint is named,
and the one before is used. --set reaches `device` and `checkpoint` only.

Of a batch, what is done stays, what has begun goes on, and the rest begins, also what has failed. An instance by
itself goes on by its own directory, DIR/instances/NNNN.

Examples:
  sharpwave resume runs/brunel
  sharpwave resume runs/brunel --threads 8 --set checkpoint.wall_interval=60
)";

constexpr std::string_view kValidateExamples = R"(
Prints `FILE: ok (N neurons, M synapses)`, or every problem with its file, line and column.

Examples:
  sharpwave validate configs/*.yaml
  sharpwave validate mine.yaml --set populations.E.size=500
)";

constexpr std::string_view kExportExamples = R"(
Draws connectivity, weights, delays, parameters and initial values, and writes them into DIR as a SONATA network.
DIR/network.yaml says what SONATA cannot (Poisson input, currents, seeds), and runs it: the spikes are those of
CONFIG, bit for bit.

Examples:
  sharpwave export --sonata configs/brunel.yaml brunel_sonata
  sharpwave export --sonata configs/microcircuit.yaml pd14 --set scaling.neurons=0.2 --set scaling.indegrees=0.2
  sharpwave run brunel_sonata/network.yaml
  sharpwave export --sonata --from runs/brunel_stdp configs/brunel_stdp.yaml learned_sonata
)";

constexpr std::string_view kReportExamples = R"(
Writes one self-contained page: activity, statistics, traces, connections, times, the config. Of one run it lies beside
run.json, as `sharpwave run` has already made it; several runs are shown side by side, in ./report.html. What a killed
run has recorded is first made into the files of a run. Of a batch, the first of its instances are shown, as many as a
page takes, on a page in its directory.

Examples:
  sharpwave report runs/quickstart
  sharpwave report runs/brunel runs/brunel_7 --out both.html
  sharpwave report runs/quickstart --json > statistics.json
)";

constexpr std::string_view kInspectExamples = R"(
FILE is a checkpoint, or the directory of a run: then all of its checkpoints are listed, and the newest that is whole is
shown. Before anything is read of a file, its digest is verified. Figures are of the state as the kernels hold it (V_m is
relative to E_L); mean, sd, min and max are of the finite values.

With FILE2 it says in what the two differ, bit for bit: "identical", or each field and, for each list of values, how many
differ, the first of them, and the largest difference. The exit code is 0 whether they differ or not.

Examples:
  sharpwave inspect runs/brunel
  sharpwave inspect runs/brunel/checkpoints/step_000000012000.h5 --json
  sharpwave inspect runs/brunel runs/brunel_resumed
)";

constexpr std::string_view kBenchExamples = R"(
Each repeat is a process of its own, after which the bandwidths of the machine are measured with as many threads.
"x pass" is wall time over the time in which the machine reads the bytes of the delivered synapses one after the other;
"copy" is those bytes a second over what it copies. Real-time factors and the seconds of the phases are minimum / median
/ maximum, the rest are medians, memory the largest; all are in the JSON. "others" is the largest share of all
processors' time that other processes had; above 5 % a line is marked with an exclamation mark.

With --baseline a case is worse, and the exit code 11, where it gives other spikes, takes more bytes a synapse, or where
time, construction or memory have grown by more than --tolerance and even its least value is above the earlier largest.

Examples:
  sharpwave bench --list
  sharpwave bench brunel vogels_abbott_cuba --threads 1,2
  sharpwave bench --repeats 5 --out before.json
  sharpwave bench --repeats 5 --baseline before.json
)";

constexpr std::string_view kTraceExamples = R"(
Simulates CONFIG from its start up to --to and shows, of some neurons, their state beside what acts on them: spikes,
refractoriness, what arrives in each step, so that one sees why a neuron fired or did not. Of each neuron there is a line
that says so. Nothing is written but --out. Times are those of the config: they count from the start of the warm-up.

Variables: the model's state (see `sharpwave schema` or docs/config.md), `refractory` (ms that are left), `input_ex` and
`input_in`, or `input` (what arrives in a step, in the unit of a weight), `I_stim` (pA). Without --variables: all.

Examples:
  sharpwave trace configs/quickstart.yaml --population L4E --neurons 0,1,2 --to 600
  sharpwave trace configs/quickstart.yaml --population L4E --neurons 10:20 --from 600 --to 700 --csv --out l4e.csv
  sharpwave trace configs/brunel.yaml --population E --to 600 --plot --out e0.svg
  sharpwave trace configs/brunel.yaml --population E --variables V_m,input --h5 --out report_e0.h5
)";

constexpr std::string_view kConfigsExamples = R"(
Examples:
  sharpwave configs
  sharpwave configs brunel > mine.yaml
)";

constexpr std::string_view kNewExamples = R"(
Examples:
  sharpwave new mine.yaml
  sharpwave run mine.yaml
)";

constexpr std::string_view kSchemaExamples = R"(
An editor with a YAML language server checks and completes a config that begins with
  # yaml-language-server: $schema=schema.json

Example:
  sharpwave schema > schema.json
)";

constexpr std::string_view kCompletionExamples = R"(
Examples:
  source <(sharpwave completion bash)      (in ~/.bashrc, to keep it)
  source <(sharpwave completion zsh)       (in ~/.zshrc, after compinit)
)";

std::string exit_code_table() {
  std::string text = "\nExit codes:\n";
  for (const ExitCode code : kExitCodes) {
    text += fmt::format("  {:<3}{}\n", static_cast<int>(code), describe(code));
  }
  return text;
}

constexpr std::string_view kExitCodePageBegin = R"(# Exit codes

What the command `sharpwave` returns. The numbers are part of its interface: none is ever given a second
meaning. The messages on standard error say more; the code is for scripts.

| code | meaning |
|---|---|
)";

constexpr std::string_view kExitCodePageEnd = R"(
A second SIGINT, SIGTERM or SIGHUP, a quarter of a second or more after the first one, ends the process at once: shells
report 130, 143 or 129. An assertion that fails ends it with SIGABRT, 134: a bug as well.
)";

std::string exit_codes_as_markdown() {
  std::string text(kExitCodePageBegin);
  for (const ExitCode code : kExitCodes) {
    text += fmt::format("| {} | {} |\n", static_cast<int>(code), describe(code));
  }
  text +=
      "\nOf several configs, and of the instances of a batch, the command returns the worst, in this order:";
  for (const ExitCode code : kWorstFirst)
    if (code != ExitCode::ok)
      text += fmt::format("{} {}", code == kWorstFirst.front() ? "" : ",", static_cast<int>(code));
  return text + ".\n" + std::string(kExitCodePageEnd);
}

/// Of what simulates, and those of every command.
void add_simulation_options(cxxopts::Options& options) {
  options.add_options()  //
      ("set", "override a key of the config; may be repeated", cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE")                                                                  //
      ("threads", "number of threads", cxxopts::value<int>(), "N")                   //
      ("quiet", "no progress, no table")                                             //
      ("json", "print what run.json holds instead of the table")                     //
      ("raster", "draw the raster also where the output is not a terminal")          //
      ("profile", "say where the time went, and write profile.json and trace.json")  //
      ("no-report", "write neither report.html nor network.json");
  add_log_level_and_help(options);
}

}  // namespace

void add_log_level_and_help(cxxopts::Options& options) {
  options.add_options()  //
      ("log-level",
       "trace, debug, info, warn, error or off; also of a module, run=debug,config=error (default: "
       "SHARPWAVE_LOG_LEVEL, else info)",
       cxxopts::value<std::string>(), "LEVEL")                                                          //
      ("log-format", "of stderr: text, or json, a line each", cxxopts::value<std::string>(), "FORMAT")  //
      ("help", "this text");
}

cxxopts::Options run_options() {
  cxxopts::Options options("sharpwave run", "Simulates the networks of configs and writes their results.\n");
  options.set_width(100).custom_help("CONFIG... [OPTION...]").positional_help("");
  options.add_options()  //
      ("out", "directory of the results (default: runs/ and the config's name; of several, above these)",
       cxxopts::value<std::string>(), "DIR")                 //
      ("force", "replace the run that is in the directory")  //
      ("inject",
       "a fault on purpose, such as nan@step=100,population=E,neuron=7,variable=V_m; may be repeated",
       cxxopts::value<std::vector<std::string>>(), "VALUE@PLACE")  //
      ("from", "begin with the state of a checkpoint, or of a run's newest", cxxopts::value<std::string>(),
       "CHECKPOINT")  //
      ("dry-run",
       "print neurons, synapses and memory, and whether they fit (also with --json); build nothing");
  add_simulation_options(options);
  options.add_options()("config", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("config");
  return options;
}

cxxopts::Options resume_options() {
  cxxopts::Options options("sharpwave resume",
                           "Goes on with a run, or a batch, from its newest checkpoints.\n");
  options.set_width(100).custom_help("DIR [OPTION...]").positional_help("");
  add_simulation_options(options);
  options.add_options()("directory", "", cxxopts::value<std::string>());
  options.parse_positional("directory");
  return options;
}

cxxopts::Options validate_options() {
  cxxopts::Options options("sharpwave validate", "Checks configs without running them.\n");
  options.set_width(100).custom_help("FILE... [OPTION...]").positional_help("");
  options.add_options()  //
      ("set", "override a key of the configs; may be repeated", cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE");
  add_log_level_and_help(options);
  options.add_options()  //
      ("files", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("files");
  return options;
}

cxxopts::Options export_options() {
  cxxopts::Options options("sharpwave export", "Draws the network of a config and writes it as files.\n");
  options.set_width(100).custom_help("--sonata CONFIG DIR [OPTION...]").positional_help("");
  options.add_options()                               //
      ("sonata", "as SONATA files, the only format")  //
      ("set", "override a key of the config; may be repeated", cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE")  //
      ("from", "with what was learned: the weights of a checkpoint, or of the newest of a run's directory",
       cxxopts::value<std::string>(), "CHECKPOINT")  //
      ("force", "replace the export that is in DIR; else it is empty");
  add_log_level_and_help(options);
  options.add_options()                              //
      ("config", "", cxxopts::value<std::string>())  //
      ("directory", "", cxxopts::value<std::string>());
  options.parse_positional({"config", "directory"});
  return options;
}

cxxopts::Options report_options() {
  cxxopts::Options options("sharpwave report", "Shows runs on a page.\n");
  options.set_width(100).custom_help("DIR... [OPTION...]").positional_help("");
  options.add_options()  //
      ("out", "the page (default: report.html in DIR; of several runs, here)", cxxopts::value<std::string>(),
       "FILE")                                                              //
      ("force", "replace a file of that name that is no run's own report")  //
      ("json", "print the statistics instead, an array with an object for each run");
  add_log_level_and_help(options);
  options.add_options()  //
      ("directories", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("directories");
  return options;
}

cxxopts::Options inspect_options() {
  cxxopts::Options options("sharpwave inspect", "Shows what is in a checkpoint, or in what two differ.\n");
  options.set_width(100).custom_help("FILE [FILE2] [OPTION...]").positional_help("");
  options.add_options()("json", "print JSON");
  add_log_level_and_help(options);
  options.add_options()                            //
      ("path", "", cxxopts::value<std::string>())  //
      ("other", "", cxxopts::value<std::string>());
  options.parse_positional({"path", "other"});
  return options;
}

cxxopts::Options bench_options() {
  cxxopts::Options options("sharpwave bench", "Measures the program on known networks.\n");
  options.set_width(100).custom_help("[CASE...] [OPTION...]").positional_help("");
  options.add_options()                                                                 //
      ("list", "the cases; those in brackets are measured only where they are named")   //
      ("repeats", "of each case, at least 3 (default: 3)", cxxopts::value<int>(), "N")  //
      ("threads", "numbers of threads (default: all processors)", cxxopts::value<std::string>(),
       "N[,N...]")                                                                                         //
      ("warm-up", "simulated before the time that counts (default: 500)", cxxopts::value<double>(), "MS")  //
      ("set", "override a key of all configs; may be repeated", cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE")                                                                            //
      ("out", "also write the figures as JSON", cxxopts::value<std::string>(), "FILE")         //
      ("force", "replace a file of that name")                                                 //
      ("baseline", "compare with what --out wrote", cxxopts::value<std::string>(), "FILE")     //
      ("tolerance", "growth that is none (default: 0.05)", cxxopts::value<double>(), "SHARE")  //
      ("json", "print JSON instead of the table");
  add_log_level_and_help(options);
  options.add_options()("cases", "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("cases");
  return options;
}

cxxopts::Options trace_options() {
  cxxopts::Options options("sharpwave trace", "Shows single neurons, step by step.\n");
  options.set_width(100).custom_help("CONFIG --population NAME [OPTION...]").positional_help("");
  options.add_options()                                                                            //
      ("population", "of neurons, as the config names it", cxxopts::value<std::string>(), "NAME")  //
      ("neurons", "indices in it, also ranges: 0,1,2 or 10:20 (default: 0)", cxxopts::value<std::string>(),
       "LIST")  //
      ("variables", "those that are shown, with commas (default: all)", cxxopts::value<std::string>(),
       "LIST")                                                                                       //
      ("from", "later than this (default: the end of the warm-up)", cxxopts::value<double>(), "MS")  //
      ("to", "up to this (default: the end)", cxxopts::value<double>(), "MS")                        //
      ("csv", "all steps, a line each")                                                              //
      ("h5", "as SONATA reports, those that record.traces makes")                                    //
      ("plot", "draw them; with --out also as SVG")                                                  //
      ("out", "file to write", cxxopts::value<std::string>(), "FILE")                                //
      ("force", "replace a file of that name")                                                       //
      ("set", "override a key of the config; may be repeated", cxxopts::value<std::vector<std::string>>(),
       "KEY=VALUE")  //
      ("threads", "number of threads", cxxopts::value<int>(), "N");
  add_log_level_and_help(options);
  options.add_options()("config", "", cxxopts::value<std::string>());
  options.parse_positional("config");
  return options;
}

cxxopts::Options configs_options() {
  cxxopts::Options options("sharpwave configs",
                           "Lists the configs that come with the program, or prints one.\n");
  options.set_width(100).custom_help("[NAME]").positional_help("");
  options.add_options()("help", "this text")("name", "", cxxopts::value<std::string>());
  options.parse_positional("name");
  return options;
}

cxxopts::Options new_options() {
  cxxopts::Options options("sharpwave new", "Writes a config to start from; without FILE it is printed.\n");
  options.set_width(100).custom_help("[FILE]").positional_help("");
  options.add_options()("help", "this text")("file", "", cxxopts::value<std::string>());
  options.parse_positional("file");
  return options;
}

cxxopts::Options schema_options() {
  cxxopts::Options options("sharpwave schema", "Prints the JSON Schema of configs.\n");
  options.set_width(100).custom_help("").positional_help("");
  options.add_options()("help", "this text");
  return options;
}

cxxopts::Options completion_options() {
  cxxopts::Options options("sharpwave completion", "Prints what completes the words of a command line.\n");
  options.set_width(100).custom_help("bash|zsh").positional_help("");
  options.add_options()("help", "this text")("shell", "", cxxopts::value<std::string>());
  options.parse_positional("shell");
  return options;
}

const std::vector<CommandOptions>& commands_with_options() {
  static const std::vector<CommandOptions> commands{{"run", run_options},
                                                    {"resume", resume_options},
                                                    {"validate", validate_options},
                                                    {"export", export_options},
                                                    {"report", report_options},
                                                    {"inspect", inspect_options},
                                                    {"bench", bench_options},
                                                    {"trace", trace_options},
                                                    {"memory", memory_options},
                                                    {"diagnose", diagnose_options},
                                                    {"debug-bundle", debug_bundle_options},
                                                    {"analyze-logs", analyze_logs_options},
                                                    {"serve", serve_options},
                                                    {"configs", configs_options},
                                                    {"new", new_options},
                                                    {"schema", schema_options},
                                                    {"completion", completion_options}};
  return commands;
}

const std::vector<std::string>& help_topics() {
  static const std::vector<std::string> topics = [] {
    std::vector<std::string> names;
    for (const CommandOptions& command : commands_with_options()) names.emplace_back(command.command);
    names.emplace_back("exit-codes");
    return names;
  }();
  return topics;
}

std::string help(const std::string& topic) {
  if (topic == "run") return run_options().help() + std::string(kRunExamples) + exit_code_table();
  if (topic == "resume") return resume_options().help() + std::string(kResumeExamples) + exit_code_table();
  if (topic == "validate")
    return validate_options().help() + std::string(kValidateExamples) + exit_code_table();
  if (topic == "export") return export_options().help() + std::string(kExportExamples) + exit_code_table();
  if (topic == "report") return report_options().help() + std::string(kReportExamples) + exit_code_table();
  if (topic == "inspect") return inspect_options().help() + std::string(kInspectExamples) + exit_code_table();
  if (topic == "bench") return bench_options().help() + std::string(kBenchExamples) + exit_code_table();
  if (topic == "trace") return trace_options().help() + std::string(kTraceExamples) + exit_code_table();
  if (topic.starts_with("memory")) return memory_help(topic) + exit_code_table();
  if (topic == "serve") return serve_options().help() + std::string(kServeExamples) + exit_code_table();
  if (topic == "diagnose") return diagnose_options().help() + operate_examples(topic) + exit_code_table();
  if (topic == "debug-bundle")
    return debug_bundle_options().help() + operate_examples(topic) + exit_code_table();
  if (topic == "analyze-logs")
    return analyze_logs_options().help() + operate_examples(topic) + exit_code_table();
  if (topic == "configs") return configs_options().help() + std::string(kConfigsExamples);
  if (topic == "new") return new_options().help() + std::string(kNewExamples);
  if (topic == "schema") return schema_options().help() + std::string(kSchemaExamples);
  if (topic == "completion") return completion_options().help() + std::string(kCompletionExamples);
  if (topic == "exit-codes") return exit_codes_as_markdown();
  return std::string(kOverview) + exit_code_table();
}

}  // namespace sharpwave::cli
