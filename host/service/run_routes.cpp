#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "host/config/diagnostic.hpp"
#include "host/io/text_file.hpp"
#include "host/service/api_error.hpp"
#include "host/service/event_stream.hpp"
#include "host/service/parameters.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"

namespace sharpwave::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostConfig = std::size_t{1} << 20;
constexpr std::size_t kMostOverrides = 256;
constexpr std::size_t kMostRunsListed = 200;

[[noreturn]] void no_such_run() {
  throw ApiError({.status = 404,
                  .kind = "no_such_run",
                  .family = Family::range,
                  .message = "there is no such run",
                  .to_do = "GET /api/v1/runs lists those that there are"});
}

Json faults_json(const ConfigError& error) {
  Json faults = Json::array();
  for (const Diagnostic& d : error.diagnostics())
    faults.push_back({{"line", d.line},
                      {"column", d.column},
                      {"key", d.key_path},
                      {"read", d.read},
                      {"expected", d.expected},
                      {"hint", d.hint}});
  return faults;
}

/// A file below the folder of configs, wherever links in its name lead.
fs::path config_at(const Service& service, const std::string& name) {
  const auto refuse = [](const char* message, const char* expected) -> ApiError {
    return ApiError({.status = 400,
                     .kind = "invalid",
                     .family = Family::access,
                     .message = message,
                     .expected = expected});
  };
  if (!service.options().config_directory)
    throw refuse("path: this service runs configs that are sent to it alone",
                 "config, its text; or --config-dir");
  std::error_code error;
  const fs::path root = fs::canonical(*service.options().config_directory, error);
  const fs::path file = error ? fs::path() : fs::canonical(root / fs::path(name).relative_path(), error);
  const auto [end, ignored] = std::ranges::mismatch(root, file);
  if (error || end != root.end() || !fs::is_regular_file(file, error))
    throw refuse("path: there is no such config", "a file below --config-dir");
  return file;
}

Response submit(Service& service, const Request& request) {
  Body body(request);
  Submission submission;
  submission.config = body.text("config", "", kMostConfig);
  const std::string path = body.text("path", "", 4096);
  submission.name = body.text("name", "", 200);
  submission.overrides = body.texts("overrides", kMostOverrides);
  body.expect_all_read();
  if (submission.config.empty() == path.empty())
    throw ApiError({.status = 400,
                    .kind = "invalid",
                    .family = Family::range,
                    .message = "a run needs a config",
                    .expected = "either config, its text, or path, a file below --config-dir"});
  submission.config_path = service.options().data_directory / "sent.yaml";
  if (!path.empty()) {
    submission.config_path = config_at(service, path);
    submission.config = read_text_file(submission.config_path, kMostConfig);
  }
  if (submission.name.empty()) submission.name = submission.config_path.stem().string();
  try {
    return response_of(Json{{"id", service.runs().submit(submission)}}, 202);
  } catch (const ConfigError& error) {
    throw ApiError({.status = 422,
                    .kind = "faulty_config",
                    .family = Family::range,
                    .message = fmt::format("the config has {} fault{}", error.diagnostics().size(),
                                           error.diagnostics().size() == 1 ? "" : "s"),
                    .expected = "a config: docs/config.md",
                    .faults = faults_json(error)});
  } catch (const Error& error) {
    if (error.code() != ExitCode::io && error.code() != ExitCode::damaged_data) throw;
    throw ApiError({.status = 422,
                    .kind = "faulty_config",
                    .family = Family::range,
                    .message = "a file that the config names cannot be read",
                    .expected = "files that are there"});
  }
}

Response list_runs(Service& service, const Request&) {
  std::vector<std::string> ids = service.runs().ids();
  std::ranges::reverse(ids);
  ids.resize(std::min(ids.size(), kMostRunsListed));
  Json runs = Json::array();
  for (const std::string& id : ids) {
    runs.push_back(service.runs().json(id, false));
  }
  return response_of(Json{{"runs", std::move(runs)}});
}

Response show_run(Service& service, const Request& request) {
  const Json json = service.runs().json(request.parts.at("id"), true);
  if (json.is_null()) no_such_run();
  return response_of(json);
}

Response cancel_run(Service& service, const Request& request) {
  const std::string& id = request.parts.at("id");
  if (service.runs().json(id, false).is_null()) no_such_run();
  if (!service.runs().cancel(id))
    throw ApiError(
        {.status = 409, .kind = "has_ended", .family = Family::range, .message = "that run has ended"});
  return response_of(Json{{"cancelled", id}}, 202);
}

Response live(Service& service, const Request& request) {
  EventStream::Options options;
  options.pixels = whole_number(request, "pixels", 16, 4096).value_or(800);
  options.window_ms = number(request, "window_ms", 10, 60'000).value_or(1000);
  if (const auto given = request.query.find("neurons"); given != request.query.end())
    options.neurons = neurons_of(given->second);
  options.space = request.space;
  auto stream = std::make_shared<EventStream>(service, options);
  return {.type = "text/event-stream", .body = "", .events = [stream] { return stream->next(); }};
}

}  // namespace

std::vector<Route> run_routes() {
  return {
      {Method::get,
       "/api/v1/runs",
       Access::reader,
       false,
       "the newest runs, at most 200",
       "Runs",
       {},
       {},
       list_runs},
      {Method::post,
       "/api/v1/runs",
       Access::admin,
       false,
       "queues a run; 202 once it is on the disk",
       "NewRun",
       {},
       {{"config", "string", "the text of a config"},
        {"path", "string", "or a file below --config-dir"},
        {"name", "string", "what it is called"},
        {"overrides", "array of string", "key=value, as --set"}},
       submit},
      {Method::get,
       "/api/v1/runs/{id}",
       Access::reader,
       false,
       "a run, with its result",
       "Run",
       {},
       {},
       show_run},
      {Method::post,
       "/api/v1/runs/{id}/cancel",
       Access::admin,
       false,
       "ends a run, or keeps it from beginning",
       "Cancelled",
       {},
       {},
       cancel_run},
      {Method::get,
       "/api/v1/live",
       Access::reader,
       true,
       "a stream of server-sent events",
       nullptr,
       {{"pixels", "integer", "16 to 4096"},
        {"window_ms", "number", "10 to 60000"},
        {"neurons", "string", "population:index,..."}},
       {},
       live},
  };
}

}  // namespace sharpwave::service
