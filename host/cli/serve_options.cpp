// The options of `sharpwave serve`: their table, and what they come to.
#include <charconv>
#include <cstdlib>
#include <string>

#include "host/base/environment.hpp"
#include "host/cli/options.hpp"
#include "host/cli/parsing.hpp"

namespace sharpwave::cli {
namespace {

/// What the command line says, else the environment.
std::optional<std::string> given(const cxxopts::ParseResult& result, const std::string& name,
                                 const char* variable) {
  if (const auto value = optional_value<std::string>(result, name)) return value;
  const char* const value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::uint16_t port_of(const std::string& text) {
  unsigned port = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (status != std::errc() || end != text.data() + text.size() || port > 65'535)
    usage_error("--port takes a number from 0 to 65535, read '" + text + "'", "serve");
  return static_cast<std::uint16_t>(port);
}

}  // namespace

cxxopts::Options serve_options() {
  cxxopts::Options options("sharpwave serve",
                           "Holds a memory store open and runs simulations, behind HTTP.\n");
  options.set_width(100).custom_help("--data-dir DIR [OPTION...]").positional_help("");
  const auto text = [] { return cxxopts::value<std::string>(); };
  options.add_options()                                                                                  //
      ("data-dir", "of the store, the runs and the log (default: SHARPWAVE_DATA_DIR)", text(), "DIR")    //
      ("address", "where it is reached (default: 127.0.0.1)", text(), "ADDRESS")                         //
      ("port", "0: one that is free (default: 8080)", text(), "PORT")                                    //
      ("admin-token", "a file that only its owner can read: who has it may everything", text(), "FILE")  //
      ("read-token", "likewise: who has it may look", text(), "FILE")                                    //
      ("tls-certificate", "PEM, with those that it rests on", text(), "FILE")                            //
      ("tls-key", "PEM", text(), "FILE")                                                                 //
      ("host-name", "by which it is reached besides; may be repeated",
       cxxopts::value<std::vector<std::string>>(), "NAME")                                   //
      ("config-dir", "below which a request may name a config", text(), "DIR")               //
      ("threads", "of each simulation (default: as for `run`)", cxxopts::value<int>(), "N")  //
      ("sync",
       "when a change counts as kept: always, interval or none (default: SHARPWAVE_WAL_SYNC_MODE, else "
       "always)",
       text(), "MODE")                                                                                  //
      ("resume-on-cpu", "where a GPU fails, a run goes on on the processor, from its last checkpoint")  //
      ("openapi", "print the description of what is answered, and end");
  add_log_level_and_help(options);
  return options;
}

Command parse_serve(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(serve_options(), words, "serve");
  if (result.count("help") > 0) return HelpArguments{"serve"};
  ServeArguments serve;
  serve.openapi = result.count("openapi") > 0;
  const auto directory = given(result, "data-dir", "SHARPWAVE_DATA_DIR");
  if (!serve.openapi && (!directory || directory->empty()))
    usage_error("`sharpwave serve` needs --data-dir, the directory of its store and its runs", "serve");
  serve.data_directory = directory.value_or("");
  serve.address = optional_value<std::string>(result, "address").value_or(serve.address);
  if (const auto port = optional_value<std::string>(result, "port")) serve.port = port_of(*port);
  const auto file = [&](const char* name) {
    return optional_path(result, name, std::string("--") + name + " takes the name of a file", "serve");
  };
  serve.admin_token = file("admin-token");
  serve.read_token = file("read-token");
  serve.tls_certificate = file("tls-certificate");
  serve.tls_key = file("tls-key");
  if (serve.tls_certificate.has_value() != serve.tls_key.has_value())
    usage_error("--tls-certificate and --tls-key go together", "serve");
  if (serve.read_token && !serve.admin_token) usage_error("--read-token goes with --admin-token", "serve");
  if (result.count("host-name") > 0) serve.host_names = result["host-name"].as<std::vector<std::string>>();
  serve.config_directory = file("config-dir");
  serve.threads = optional_value<int>(result, "threads");
  serve.sync = given(result, "sync", "SHARPWAVE_WAL_SYNC_MODE").value_or(serve.sync);
  if (serve.sync != "always" && serve.sync != "interval" && serve.sync != "none")
    usage_error(
        "--sync, or SHARPWAVE_WAL_SYNC_MODE, takes always, interval or none, read '" + serve.sync + "'",
        "serve");
  serve.resume_on_cpu = result.count("resume-on-cpu") > 0;
  serve.log = log_options(result);
  return serve;
}

}  // namespace sharpwave::cli
