#include <fmt/format.h>

#include "host/base/log.hpp"
#include "host/service/api_error.hpp"
#include "host/service/embedded_page.hpp"
#include "host/service/parameters.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"

namespace sharpwave::service {
namespace {

constexpr std::chrono::seconds kCheckpointPatience{30};

/// Scripts and styles come from here alone, and nothing is asked of anybody else.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

Response part_of_page(const char* type, std::string_view content) {
  return {.type = type,
          .body = std::string(content),
          .headers = {{"Content-Security-Policy", kPolicy}, {"Referrer-Policy", "no-referrer"}}};
}

Response page(Service&, const Request&) {
  return part_of_page("text/html; charset=utf-8", kPageHtml);
}
Response page_script(Service&, const Request&) {
  return part_of_page("text/javascript; charset=utf-8", kPageScript);
}
Response page_style(Service&, const Request&) {
  return part_of_page("text/css; charset=utf-8", kPageStyle);
}

Response health(Service& service, const Request&) {
  return response_of(Json{{"status", service.is_draining() ? "draining" : "ok"}},
                     service.is_draining() ? 503 : 200);
}

Response ready(Service& service, const Request&) {
  const std::vector<std::string> reasons = service.why_not_ready();
  return response_of(Json{{"ready", reasons.empty()}, {"reasons", reasons}}, reasons.empty() ? 200 : 503);
}

Response status(Service& service, const Request&) {
  return response_of(service.status_json());
}

Response checkpoint(Service& service, const Request&) {
  return response_of(service.checkpoint(kCheckpointPatience));
}

Response description(Service&, const Request&) {
  static const std::string text = openapi().dump() + "\n";  // it never changes
  return {.body = text};
}

Response log_level(Service& service, const Request& request) {
  Body body(request);
  const std::string module = body.text("module", "", 32);
  const std::string level = body.text("level", "", 16);
  body.expect_all_read();
  if (!service.options().set_log_level(module, level))
    throw ApiError(
        {.status = 400,
         .kind = "invalid",
         .family = Family::range,
         .message = "there is no such module, or no such level",
         .expected = "a module of the log, or none for all; trace, debug, info, warn, error or off"});
  logger_named("service")->info("the log level of {} is {} now", module.empty() ? "all modules" : module,
                                level);
  return response_of(Json{{"module", module.empty() ? Json(nullptr) : Json(module)}, {"level", level}});
}

Response breaker_status(Service& service, const Request&) {
  const CircuitBreaker::Status status = service.memory().breaker().status();
  return response_of(Json{{"breaker", name_of(status.state)},
                          {"failures_in_a_row", status.failures_in_a_row},
                          {"failures", status.failures},
                          {"opened", status.opened},
                          {"retry_after_s", status.retry_after_s}});
}

Response reset_breaker(Service& service, const Request& request) {
  service.memory().mend();
  return breaker_status(service, request);
}

}  // namespace

std::vector<Route> life_routes() {
  return {
      {Method::get, "/", Access::anyone, true, "the page", nullptr, {}, {}, page},
      {Method::get,
       "/assets/page.js",
       Access::anyone,
       true,
       "the page's script",
       nullptr,
       {},
       {},
       page_script},
      {Method::get,
       "/assets/page.css",
       Access::anyone,
       true,
       "the page's style",
       nullptr,
       {},
       {},
       page_style},
      {Method::get,
       "/health",
       Access::anyone,
       true,
       "whether the process answers; 503 once it ends",
       "Health",
       {},
       {},
       health},
      {Method::get,
       "/ready",
       Access::anyone,
       false,
       "whether it is recovered, can write, and does not end; else 503",
       "Ready",
       {},
       {},
       ready},
      {Method::get,
       "/openapi.json",
       Access::anyone,
       true,
       "this description",
       "Description",
       {},
       {},
       description},
      {Method::get, "/status", Access::reader, false, "the service as a whole", "Status", {}, {}, status},
      {Method::post,
       "/api/v1/checkpoint",
       Access::admin,
       false,
       "the run under way saves, and all that was acknowledged is on the disk",
       "Checkpoint",
       {},
       {},
       checkpoint},
      {Method::post,
       "/api/v1/log-level",
       Access::admin,
       true,
       "how much a module says from now on",
       "LogLevel",
       {},
       {{"module", "string", "of the log; none: all"},
        {"level", "string", "trace, debug, info, warn, error or off", true}},
       log_level},
      {Method::get,
       "/system/status",
       Access::reader,
       true,
       "the circuit breaker before the storage",
       "Breaker",
       {},
       {},
       breaker_status},
      {Method::post,
       "/system/reset-breaker",
       Access::admin,
       false,
       "the storage is tried again at once",
       "Breaker",
       {},
       {},
       reset_breaker},
  };
}

}  // namespace sharpwave::service
