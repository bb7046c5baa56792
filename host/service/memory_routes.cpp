#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "host/service/api_error.hpp"
#include "host/service/parameters.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"
#include "memory_store/memory_store.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::service {
namespace {

using memory::Space;

constexpr std::uint64_t kMostItemsListed = 1000;
constexpr std::uint64_t kMostId = std::uint64_t{1} << 52;

/// One that can be changed. A space that is read-only because writing has failed is the storage's fault.
std::shared_ptr<Space> writable(MemoryService& memory, const std::string& name) {
  std::shared_ptr<Space> space = memory.space(name);
  if (!space->is_read_only()) return space;
  const bool is_for_good = cannot_be_changed(memory.store().report(name)) || space->n_damage() > 0;
  if (!is_for_good) throw Error(ExitCode::io, "the space is read-only since writing to it has failed");
  throw ApiError({.status = 409,
                  .kind = "read_only",
                  .family = Family::space,
                  .message = fmt::format("the memory space '{}' is read-only", name),
                  .expected = "one that can be changed",
                  .to_do = "GET /storage/status says why; the runbook for storage, what to do"});
}

std::uint64_t id_of(const Request& request) {
  Request as_query;
  as_query.query["id"] = request.parts.at("id");
  return *whole_number(as_query, "id", 1, kMostId);
}

[[noreturn]] void no_such_item(std::uint64_t id, const std::string& space) {
  throw ApiError({.status = 404,
                  .kind = "no_such_item",
                  .family = Family::range,
                  .message = fmt::format("there is no item {} in the space '{}'", id, space)});
}

memory::Query query_of(const Request& request) {
  memory::Query query;
  const auto range = [&](const char* from, const char* to) -> std::optional<memory::Range<double>> {
    const std::optional<double> low = number(request, from);
    const std::optional<double> high = number(request, to);
    if (!low && !high) return std::nullopt;
    constexpr double kMost = std::numeric_limits<double>::max();
    return memory::Range<double>{.from = low.value_or(-kMost), .until = high.value_or(kMost)};
  };
  query.kappa = range("kappa_from", "kappa_to");
  query.event_ms = range("time_from_ms", "time_to_ms");
  if (const auto type = request.query.find("type"); type != request.query.end()) {
    query.type = memory::item_type_named(type->second);
    if (!query.type)
      throw ApiError({.status = 400,
                      .kind = "invalid",
                      .family = Family::range,
                      .message = "that is no type of an item",
                      .expected = "episodic, semantic or procedural"});
  }
  check(query);
  return query;
}

Response store_episode(Service& service, const Request& request) {
  Body body(request);
  memory::NewItem item;
  const std::vector<float> embedding = body.numbers("embedding", memory::kMaxDimension);
  const std::string type = body.text("type", "episodic", 16);
  item.event_ms = body.number("event_ms", 0, 0, memory::kLatestMs);
  item.importance = body.number("importance", item.importance, 0, 1);
  item.metadata = body.text("metadata", "", memory::kMostMetadataBytes);
  body.expect_all_read();
  const auto known = memory::item_type_named(type);
  if (!known)
    throw ApiError({.status = 400,
                    .kind = "invalid",
                    .family = Family::range,
                    .message = "type: that is none",
                    .expected = "episodic, semantic or procedural"});
  item.type = *known;
  const std::string name = space_name(request);
  const memory::Added added = service.memory().run(Operation::store, [&] {
    static_cast<void>(writable(service.memory(), name));
    return service.memory().consolidator_of(name)->add(item, embedding);
  });
  if (!added.refusal) return response_of(Json{{"id", added.id}}, 201);
  throw ApiError(
      {.status = added.id != memory::kNoItem ? 409U : 422U,
       .kind = name_of(added.refusal->reason),
       .family = Family::range,
       .message = added.refusal->what,
       .expected = added.id != memory::kNoItem ? fmt::format("it is item {} already", added.id) : "",
       .to_do = "refused input is kept: `sharpwave memory list --refused` lists it"});
}

Response fetch_episode(Service& service, const Request& request) {
  const std::uint64_t id = id_of(request);
  const std::string name = space_name(request);
  return service.memory().run(Operation::fetch, [&] {
    const std::shared_ptr<Space> space = service.memory().space(name);
    const std::optional<memory::Item> item = space->find(id);
    if (!item) no_such_item(id, name);
    const memory::ItemId seen[] = {id};
    service.memory().consolidator_of(name)->note_accesses(seen);
    return response_of(whole_item_json(*space, *item));
  });
}

Response delete_episode(Service& service, const Request& request) {
  const std::uint64_t id = id_of(request);
  const std::string name = space_name(request);
  service.memory().run(Operation::erase, [&] {
    if (!memory::remove(*writable(service.memory(), name), id)) no_such_item(id, name);
  });
  return response_of(Json{{"deleted", id}});
}

Response list_episodes(Service& service, const Request& request) {
  const memory::Query query = query_of(request);
  const std::uint64_t limit = whole_number(request, "limit", 1, kMostItemsListed).value_or(50);
  const std::uint64_t after = whole_number(request, "after", 0, kMostId).value_or(0);
  return service.memory().run(Operation::list, [&] {
    const std::shared_ptr<Space> space = service.memory().space(space_name(request));
    Json items = Json::array();
    std::uint64_t n_meant = 0;
    std::uint64_t last = after;
    for (const auto& [id, summary] : space->summaries()) {
      if (id <= after || !is_meant(summary, query)) continue;
      if (++n_meant > limit) continue;
      if (const std::optional<memory::Item> item = space->find(id)) items.push_back(item_json(*item));
      last = id;
    }
    return response_of(Json{{"items", std::move(items)},
                            {"matching", n_meant},
                            {"next_after", n_meant > limit ? Json(last) : Json(nullptr)}});
  });
}

Response search_episodes(Service& service, const Request& request) {
  memory::Query query = query_of(request);
  const std::uint64_t k = whole_number(request, "k", 1, memory::kMostNeighbours - 1).value_or(10);
  const std::optional<std::uint64_t> like = whole_number(request, "like", 1, kMostId);
  const auto embedding = request.query.find("embedding");
  if (like.has_value() == (embedding != request.query.end()))
    throw ApiError({.status = 400,
                    .kind = "invalid",
                    .family = Family::range,
                    .message = "a search needs a cue",
                    .expected = "either embedding=0.1,0.2,... or like=ID"});
  std::vector<float> cue;
  if (!like) cue = numbers("embedding", embedding->second, memory::kMaxDimension);
  query.k = k + (like ? 1 : 0);  // the item that others are to be like is its own nearest
  query.exact = flag(request, "exact");
  const std::string name = space_name(request);
  return service.memory().run(Operation::search, [&] {
    const std::shared_ptr<Space> space = service.memory().space(name);
    if (like) cue = space->vector_of(*like);
    if (cue.empty()) no_such_item(*like, name);
    memory::Answer answer = space->search(cue, query);
    std::erase_if(answer.neighbours, [&](const memory::Neighbour& n) { return n.id == like; });
    answer.neighbours.resize(std::min<std::size_t>(answer.neighbours.size(), k));
    std::vector<memory::ItemId> found;
    for (const memory::Neighbour& neighbour : answer.neighbours) found.push_back(neighbour.id);
    service.memory().consolidator_of(name)->note_accesses(found);
    return response_of(answer_json(answer, *space));
  });
}

Response stats(Service& service, const Request& request) {
  const std::string name = space_name(request);
  return service.memory().run(Operation::status, [&] {
    const std::shared_ptr<Space> space = service.memory().space(name);
    return response_of(
        status_json(service.memory().store(), name, *space, service.memory().store().sync_mode()));
  });
}

Response list_spaces(Service& service, const Request&) {
  return service.memory().run(Operation::status, [&] {
    return response_of(Json{{"spaces", service.memory().store().spaces()}});
  });
}

Response make_space(Service& service, const Request& request) {
  Body body(request);
  const std::string name = body.text("name", "", 64);
  body.expect_all_read();
  if (!memory::is_space_name(name))
    throw ApiError({.status = 400,
                    .kind = "invalid",
                    .family = Family::space,
                    .message = "name: that is none of a memory space",
                    .expected = "3 to 64 characters of a-z, 0-9, _ and -"});
  service.memory().run(Operation::store, [&] {
    const std::vector<std::string> known = service.memory().store().spaces();
    if (std::ranges::binary_search(known, name))
      throw ApiError({.status = 409,
                      .kind = "space_exists",
                      .family = Family::space,
                      .message = fmt::format("there is a memory space '{}' already", name)});
    service.memory().store().create(name);
  });
  return response_of(Json{{"name", name}}, 201);
}

Response reset_space(Service& service, const Request& request) {
  if (!flag(request, "confirm"))
    throw ApiError({.status = 400,
                    .kind = "not_confirmed",
                    .family = Family::space,
                    .message = "all items of the space would be set aside",
                    .expected = "confirm=true"});
  const std::string name = space_name(request);
  service.memory().run(Operation::store, [&] {
    static_cast<void>(service.memory().space(name));
    service.memory().let_go(name);
    service.memory().store().reset(name);
  });
  return response_of(Json{{"reset", name}});
}

Json consolidation_json(MemoryService& memory, const std::string& name) {
  const std::shared_ptr<Space> space = memory.space(name);
  const memory::ConsolidatorStatus status = memory.consolidator_of(name)->status();
  const Json whole = space_json(name, *space, memory.store().sync_mode());
  return {
      {"space", name},
      {"in_cycle", status.is_in_cycle},
      {"cycles_here", status.n_cycles},
      {"last_trigger", name_of(status.last_trigger)},
      {"inserts_last_minute", status.inserts_last_minute},
      {"last_error", status.last_error.empty() ? Json(nullptr) : Json("the last cycle failed: see the log")},
      {"cycle", whole["cycle"]},
      {"changes_since_cycle", whole["changes_since_cycle"]},
      {"gated", whole["gated"]},
      {"rejected", whole["rejected"]},
      {"phases", whole["phases"]}};
}

Response consolidation_status(Service& service, const Request& request) {
  return service.memory().run(Operation::status, [&] {
    return response_of(consolidation_json(service.memory(), space_name(request)));
  });
}

Response kappa_distribution(Service& service, const Request& request) {
  return service.memory().run(Operation::status, [&] {
    const memory::SpaceStatus status = status_of(*service.memory().space(space_name(request)));
    const bool has_items = status.n_items > 0;
    return response_of(Json{{"items", status.n_items},
                            {"by_band", bands_json(status)},
                            {"mean", has_items ? Json(status.mean_kappa) : Json(nullptr)},
                            {"sd", has_items ? Json(status.sd_kappa) : Json(nullptr)},
                            {"histogram", status.kappa}});
  });
}

/// @param phase  (space, parameters)
template <class Phase>
Response consolidate(Service& service, const Request& request, const Phase& phase) {
  const std::string name = space_name(request);
  return service.memory().run(Operation::consolidate, [&] {
    const std::shared_ptr<Space> space = writable(service.memory(), name);
    phase(*space, service.memory().parameters_of(*space));
    return response_of(consolidation_json(service.memory(), name));
  });
}

using Parameters = memory::ConsolidationParameters;

Response run_nrem(Service& service, const Request& request) {
  return consolidate(service, request,
                     [](Space& space, const Parameters& p) { static_cast<void>(nrem(space, p.nrem)); });
}
Response run_rem(Service& service, const Request& request) {
  return consolidate(service, request,
                     [](Space& space, const Parameters& p) { static_cast<void>(rem(space, p.rem)); });
}
Response run_prune(Service& service, const Request& request) {
  return consolidate(service, request,
                     [](Space& space, const Parameters& p) { static_cast<void>(prune(space, p.prune)); });
}
Response run_cycle(Service& service, const Request& request) {
  return consolidate(service, request, [](Space& space, const Parameters& p) {
    static_cast<void>(memory::run_cycle(space, p));
  });
}

const std::vector<Key> kFilter{{"kappa_from", "number", "the least κ"},
                               {"kappa_to", "number", "the largest κ"},
                               {"time_from_ms", "number", "events from this simulated time on"},
                               {"time_to_ms", "number", "and until this"},
                               {"type", "string", "episodic, semantic or procedural"}};

std::vector<Key> with_filter(std::vector<Key> keys) {
  keys.insert(keys.end(), kFilter.begin(), kFilter.end());
  return keys;
}

}  // namespace

std::vector<Route> memory_routes() {
  constexpr bool kQuick = false;
  const auto get = [&](const char* pattern, const char* summary, const char* schema, std::vector<Key> query,
                       Response (*answer)(Service&, const Request&)) {
    return Route{Method::get, pattern, Access::reader, kQuick, summary, schema, std::move(query), {}, answer};
  };
  const auto post = [&](const char* pattern, const char* summary, const char* schema, std::vector<Key> body,
                        Response (*answer)(Service&, const Request&)) {
    return Route{Method::post, pattern, Access::admin, kQuick, summary, schema, {}, std::move(body), answer};
  };
  return {
      post("/episodes", "puts an item into the memory; 201 once it is kept", "NewId",
           {{"embedding", "array of number", "of the space's dimension; brought to length 1", true},
            {"type", "string", "episodic, semantic or procedural"},
            {"event_ms", "number", "simulated time of the event"},
            {"importance", "number", "0 to 1"},
            {"metadata", "string", "free text"}},
           store_episode),
      get("/episodes/list", "items by id", "ItemList",
          with_filter(
              {{"limit", "integer", "at most so many, 1 to 1000"}, {"after", "integer", "ids above this"}}),
          list_episodes),
      get("/episodes/search", "the items nearest to a cue, by cosine, with their provenance", "SearchAnswer",
          with_filter({{"embedding", "string", "0.1,-0.2,..."},
                       {"like", "integer", "or an item that is the cue"},
                       {"k", "integer", "how many, 1 to 1023"},
                       {"exact", "boolean", "without the index"}}),
          search_episodes),
      get("/episodes/{id}", "all that is known of an item", "WholeItem", {}, fetch_episode),
      {Method::erase,
       "/episodes/{id}",
       Access::admin,
       kQuick,
       "removes an item with its edges",
       "Deleted",
       {},
       {},
       delete_episode},
      get("/stats", "a space, as `sharpwave memory stats --json`", "SpaceStatus", {}, stats),
      get("/api/v1/spaces", "the spaces", "Spaces", {}, list_spaces),
      post("/api/v1/spaces", "makes a space", "SpaceName",
           {{"name", "string", "3 to 64 of a-z 0-9 _ -", true}}, make_space),
      {Method::post,
       "/api/v1/reset",
       Access::admin,
       kQuick,
       "sets all items of a space aside",
       "Reset",
       {{"confirm", "boolean", "has to be true", true}},
       {},
       reset_space},
      get("/consolidation/status", "how far consolidation is", "Consolidation", {}, consolidation_status),
      get("/consolidation/kappa-distribution", "items by κ", "KappaDistribution", {}, kappa_distribution),
      post("/consolidation/nrem", "runs the phase NREM now", "Consolidation", {}, run_nrem),
      post("/consolidation/rem", "runs the phase REM now", "Consolidation", {}, run_rem),
      post("/consolidation/prune", "runs the phase prune now", "Consolidation", {}, run_prune),
      post("/consolidation/cycle", "runs a whole cycle now", "Consolidation", {}, run_cycle),
  };
}

}  // namespace sharpwave::service
