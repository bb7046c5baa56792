#include <sys/statvfs.h>

#include <algorithm>

#include "host/service/api_error.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::service {
namespace {

using memory::Space;

Json index_json(const memory::IndexReport& index) {
  return {{"state", name_of(index.state)}, {"vectors", index.n_vectors},   {"tombstones", index.n_tombstones},
          {"waiting", index.n_waiting},    {"inserted", index.n_inserted}, {"bytes", index.bytes}};
}

/// Of one space, from what is in memory but its size.
Json segment_json(MemoryService& memory, const std::string& name) {
  const std::shared_ptr<Space> space = memory.space(name);
  const std::optional<std::uint64_t> synced = space->synced();
  return {{"id", name},
          {"items", space->size()},
          {"dimension", space->dimension()},
          {"bytes", space->backend().bytes()},
          {"sequence", space->sequence()},
          {"synced_sequence", synced ? Json(*synced) : Json(space->sequence())},
          {"read_only", space->is_read_only()},
          {"damage", space->n_damage()}};
}

Response storage_status(Service& service, const Request&) {
  return service.memory().run(Operation::status, [&] {
    struct statvfs disk {};
    const bool is_known = ::statvfs(service.options().data_directory.c_str(), &disk) == 0;
    Json segments = Json::array();
    for (const std::string& name : service.memory().store().open_spaces())
      segments.push_back(segment_json(service.memory(), name));
    return response_of(
        Json{{"sync", name_of(service.memory().store().sync_mode())},
             {"breaker", name_of(service.memory().breaker().status().state)},
             {"disk_free_bytes", is_known ? Json(disk.f_bavail * disk.f_frsize) : Json(nullptr)},
             {"disk_size_bytes", is_known ? Json(disk.f_blocks * disk.f_frsize) : Json(nullptr)},
             {"segments", std::move(segments)}});
  });
}

Response segments(Service& service, const Request&) {
  return service.memory().run(Operation::status, [&] {
    Json segments = Json::array();
    for (const std::string& name : service.memory().store().spaces())
      segments.push_back(segment_json(service.memory(), name));
    return response_of(Json{{"segments", std::move(segments)}});
  });
}

Response wal_status(Service& service, const Request& request) {
  return service.memory().run(Operation::status, [&] {
    const std::string name = space_name(request);
    const std::shared_ptr<Space> space = service.memory().space(name);
    const std::uint64_t sequence = space->sequence();
    const std::uint64_t synced = space->synced().value_or(sequence);
    return response_of(Json{{"space", name},
                            {"sync", name_of(service.memory().store().sync_mode())},
                            {"sequence", sequence},
                            {"synced_sequence", synced},
                            {"lag", sequence - std::min(sequence, synced)},
                            {"write_buffer_fill", space->backend().write_buffer_fill()},
                            {"recovery", recovery_json(service.memory().store().report(name))}});
  });
}

Response index_status(Service& service, const Request& request) {
  return service.memory().run(Operation::status, [&] {
    const std::string name = space_name(request);
    Json json = {{"space", name}};
    json.update(index_json(service.memory().space(name)->index()));
    return response_of(json);
  });
}

Response verify_segment(Service& service, const Request& request) {
  const std::string& name = request.parts.at("id");
  return service.memory().run(Operation::verify, [&] {
    const std::shared_ptr<Space> space = service.memory().space(name);
    const memory::SpaceCheck check = memory::verify(*space);
    Json json = {{"id", name}};
    json.update(contents_json(check.contents));
    json["whole"] = check.damage.empty();
    json["damaged"] = check.damage.size();
    return response_of(json);
  });
}

Response rebuild_index(Service& service, const Request& request) {
  const std::string name = space_name(request);
  return service.memory().run(Operation::rebuild_index, [&] {
    const memory::IndexBuild build = service.memory().space(name)->rebuild_index();
    return response_of(Json{{"space", name}, {"vectors", build.n_vectors}, {"seconds", build.seconds}});
  });
}

Response rebuild_all(Service& service, const Request&) {
  return service.memory().run(Operation::rebuild_index, [&] {
    Json built = Json::array();
    for (const std::string& name : service.memory().store().spaces()) {
      const std::shared_ptr<Space> space = service.memory().space(name);
      if (space->is_read_only()) continue;
      const memory::IndexBuild build = space->rebuild_index();
      built.push_back({{"space", name}, {"vectors", build.n_vectors}, {"seconds", build.seconds}});
    }
    return response_of(Json{{"rebuilt", std::move(built)}});
  });
}

}  // namespace

std::vector<Route> storage_routes() {
  const auto get = [](const char* pattern, const char* summary, const char* schema,
                      Response (*answer)(Service&, const Request&)) {
    return Route{Method::get, pattern, Access::reader, false, summary, schema, {}, {}, answer};
  };
  const auto post = [](const char* pattern, const char* summary, const char* schema,
                       Response (*answer)(Service&, const Request&)) {
    return Route{Method::post, pattern, Access::admin, false, summary, schema, {}, {}, answer};
  };
  return {
      get("/storage/status", "the disk, the breaker, and the spaces that are open", "StorageStatus",
          storage_status),
      get("/storage/segments", "all spaces: each is a database of its own", "Segments", segments),
      get("/storage/wal-status", "how much is not yet on the disk", "WalStatus", wal_status),
      get("/storage/hnsw-stats", "the index of a space", "IndexStatus", index_status),
      get("/storage/segment/{id}/verify", "reads all of a space against its checksums", "SegmentCheck",
          verify_segment),
      post("/storage/rebuild-hnsw", "makes the index of a space anew", "IndexBuilt", rebuild_index),
      post("/api/v1/system/rebuild-indices", "makes the indexes of all spaces anew", "IndexesBuilt",
           rebuild_all),
  };
}

}  // namespace sharpwave::service
