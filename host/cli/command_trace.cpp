#include <fmt/format.h>

#include "host/cli/choices.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/load.hpp"
#include "host/cli/log.hpp"
#include "host/cli/terminal.hpp"
#include "host/config/diagnostic.hpp"
#include "host/io/atomic_file.hpp"
#include "host/run/run.hpp"
#include "host/trace/show.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kMostTables = 5;  // of more neurons one line each
constexpr std::size_t kMostTraceRows = 40;

std::filesystem::path h5_file(const TraceArguments& arguments) {
  return arguments.file->is_absolute() ? *arguments.file : std::filesystem::path(".") / *arguments.file;
}

void print_explanations(const trace::Trace& trace) {
  for (const trace::Neuron& neuron : trace.neurons) fmt::print("{}\n", trace::explanation(trace, neuron));
}

void print_tables(const trace::Trace& trace) {
  for (std::size_t i = 0; i < trace.neurons.size(); ++i) {
    const trace::Neuron& neuron = trace.neurons[i];
    fmt::print("{}\n", trace::explanation(trace, neuron));
    if (i < kMostTables) fmt::print("{}\n", trace::table(trace, neuron, kMostTraceRows));
  }
}

void print_drawings(const trace::Trace& trace) {
  for (std::size_t i = 0; i < trace.neurons.size(); ++i) {
    const trace::Neuron& neuron = trace.neurons[i];
    fmt::print("{}\n", trace::explanation(trace, neuron));
    if (i < kMostTables) fmt::print("{}\n", trace::drawing(trace, neuron, terminal_columns(stdout)));
  }
}

void show(const TraceArguments& arguments, const trace::Trace& trace) {
  switch (arguments.form) {
    case TraceArguments::Form::table:
      return print_tables(trace);
    case TraceArguments::Form::csv:
      if (!arguments.file) return fmt::print("{}", trace::csv(trace));
      write_file_atomically(*arguments.file, trace::csv(trace));
      return print_explanations(trace);
    case TraceArguments::Form::h5:
      for (const std::filesystem::path& file : trace::write_h5(trace, h5_file(arguments)))
        fmt::print("{}\n", file.lexically_normal().string());
      return print_explanations(trace);
    case TraceArguments::Form::plot:
      if (arguments.file) write_file_atomically(*arguments.file, trace::svg(trace));
      return print_drawings(trace);
  }
}

}  // namespace

ExitCode trace_command(const TraceArguments& arguments) {
  set_up_log(arguments.log, "warn");
  if (arguments.file && arguments.form == TraceArguments::Form::plot && arguments.file->extension() != ".svg")
    throw Error(ExitCode::usage, "--out: read " + in_quotes(arguments.file->filename().string()) +
                                     ", expected the name of a picture, NAME.svg");
  if (arguments.file && arguments.form != TraceArguments::Form::h5)
    refuse_to_replace(*arguments.file, arguments.force);
  const ModelSpec spec = load(config_text_of(arguments.config, parse_overrides(arguments.overrides)));
  const trace::Plan plan = trace::plan(spec, arguments.request);
  if (arguments.form == TraceArguments::Form::h5)
    for (const std::filesystem::path& file : trace::h5_files(plan, h5_file(arguments)))
      refuse_to_replace(file, arguments.force);
  const int threads = resolve_threads(arguments.threads, spec);
  const DeviceChoice device = device_for(spec);
  if (!plan_run(spec, device, threads).fits())
    throw Error(ExitCode::no_room, "the network does not fit; `sharpwave run --dry-run` says what it needs");
  show(arguments, trace::simulate(spec, plan, device, threads));
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
