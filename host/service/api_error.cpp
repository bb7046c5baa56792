#include "host/service/api_error.hpp"

namespace sharpwave::service {

const char* name_of(Family family) {
  switch (family) {
    case Family::access:
      return "access";
    case Family::range:
      return "range";
    case Family::persistence:
      return "persistence";
    case Family::space:
      return "space";
    case Family::index:
      return "index";
    case Family::consolidation:
      return "consolidation";
    case Family::resource:
      return "resource";
  }
  return "";
}

Trouble trouble_of(const Error& error) {
  switch (error.code()) {
    case ExitCode::usage:
    case ExitCode::invalid_config:
      return {.status = 400, .kind = "invalid", .family = Family::range, .message = error.what()};
    case ExitCode::no_room:
      return {.status = 507,
              .kind = "no_room",
              .family = Family::resource,
              .message = "there is no room on the disk, or in memory",
              .expected = "room for what is written",
              .to_do = "make room; what was acknowledged before is kept"};
    case ExitCode::damaged_data:
      return {.status = 503,
              .kind = "damaged",
              .family = Family::persistence,
              .message = "something that was stored is damaged, and is not served",
              .expected = "values that are as they were written",
              .to_do = "the runbook for storage: verify, then recover or restore"};
    case ExitCode::io:
      return {.status = 503,
              .kind = "storage",
              .family = Family::persistence,
              .message = "the storage could not do it",
              .expected = "a disk that can be read and written",
              .to_do = "try again; the log says why, under this trace"};
    default:
      return {.status = 500,
              .kind = "bug",
              .family = Family::resource,
              .message = "this should not have happened",
              .to_do = "report it with what the log says under this trace"};
  }
}

Response response_of(const Trouble& trouble, const std::string& trace) {
  Json error = {{"kind", trouble.kind},       {"family", name_of(trouble.family)},
                {"message", trouble.message}, {"expected", trouble.expected},
                {"to_do", trouble.to_do},     {"trace", trace}};
  if (!trouble.faults.is_null()) error["faults"] = trouble.faults;
  Response response = response_of(Json{{"error", std::move(error)}}, trouble.status);
  if (trouble.retry_after_s)
    response.headers.emplace_back("Retry-After", std::to_string(*trouble.retry_after_s));
  if (trouble.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Response response_of(const Json& json, unsigned status) {
  return {.status = status, .body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

}  // namespace sharpwave::service
