#include <fmt/format.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>

#include "host/cli/command_line.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/log.hpp"
#include "host/run/version.hpp"

namespace {

using namespace sharpwave;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;  // clang 14 does not deduce it for an aggregate

ExitCode execute(const cli::Command& command) {
  return std::visit(Overloaded{
                        [](const cli::RunArguments& a) { return cli::run_command(a); },
                        [](const cli::ResumeArguments& a) { return cli::resume_command(a); },
                        [](const cli::ValidateArguments& a) { return cli::validate_command(a); },
                        [](const cli::ExportArguments& a) { return cli::export_command(a); },
                        [](const cli::ReportArguments& a) { return cli::report_command(a); },
                        [](const cli::InspectArguments& a) { return cli::inspect_command(a); },
                        [](const cli::BenchArguments& a) { return cli::bench_command(a); },
                        [](const cli::TraceArguments& a) { return cli::trace_command(a); },
                        [](const cli::MemoryCommand& c) { return cli::memory_command(c); },
                        [](const cli::ServeArguments& a) { return cli::serve_command(a); },
                        [](const cli::DiagnoseArguments& a) { return cli::diagnose_command(a); },
                        [](const cli::DebugBundleArguments& a) { return cli::debug_bundle_command(a); },
                        [](const cli::AnalyzeLogsArguments& a) { return cli::analyze_logs_command(a); },
                        [](const cli::ConfigsArguments& a) { return cli::configs_command(a); },
                        [](const cli::NewArguments& a) { return cli::new_command(a); },
                        [](const cli::SchemaArguments&) { return cli::schema_command(); },
                        [](const cli::CompletionArguments& a) { return cli::completion_command(a); },
                        [](const cli::HelpArguments& a) {
                          fmt::print("{}", cli::help(a.topic));
                          return ExitCode::ok;
                        },
                        [](const cli::VersionArguments&) {
                          fmt::print("sharpwave {}\n", version());
                          return ExitCode::ok;
                        },
                    },
                    command);
}

/// Copies of the state come and go, and what is freed has to be the system's again: else glibc, which makes
/// the size from which it is so larger each time (up to 32 MiB), keeps them.
void give_back_what_is_freed() {
#ifdef __GLIBC__
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") != nullptr || std::getenv("MALLOC_TRIM_THRESHOLD_") != nullptr)
    return;
  constexpr int kLargeBytes = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, 2 * kLargeBytes);  // as it would be
#endif
}

/// Every failure ends in one message on stderr and its documented code.
ExitCode guarded_main(int argc, char** argv) {
  const auto report = [](const Error& error) {
    std::fflush(stdout);
    cli::log_failure(error);
    return error.code();
  };
  try {
    return execute(cli::parse_command_line({argv + 1, argv + argc}));
  } catch (const Error& e) {
    return report(e);
  } catch (const std::bad_alloc&) {
    return report(Error(ExitCode::no_room, "out of memory"));
  } catch (const std::system_error& e) {  // of what is printed
    return report(Error(ExitCode::io, e.what()));
  } catch (const std::exception& e) {
    return report(Error(ExitCode::internal, fmt::format("internal error: {}", e.what())));
  }
}

}  // namespace

int main(int argc, char** argv) {
  give_back_what_is_freed();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like any other
  const ExitCode code = guarded_main(argc, argv);
  if (std::fflush(stdout) != 0 && code == ExitCode::ok) {  // e.g. a full disk behind a redirection
    std::fputs("sharpwave: cannot write to the standard output\n", stderr);
    return static_cast<int>(ExitCode::io);
  }
  return static_cast<int>(code);
}
