// One step of a store's life in a process of its own, which may be killed within it (kill_at_point.cpp).
//   memory_kill_steps STORE STEP
// Steps: fill (from nothing on), and on what is there: add, interval (likewise, in that mode), flush,
// open, compact, damage, backup, restore, create, index (an open space makes and saves it), rebuild-index,
// snapshot, go-back, begin-anew, dump (prints what is there), and the emergency modes by their names.
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/emergency.hpp"
#include "memory_store/store.hpp"
#include "tests/memory_store/kill_file_system.hpp"

namespace {

using namespace sharpwave::memory;

constexpr int kFirst = 40;
constexpr int kMore = 20;
constexpr std::size_t kKept = 2;

constexpr std::size_t kIndexFrom = 16;

/// Each of an item of its own.
std::vector<float> vector_of(ItemId id) {
  std::vector<float> vector(16, 0);
  vector[id % 16] = std::cos(static_cast<float>(id));
  vector[(id + 1) % 16] = std::sin(static_cast<float>(id));
  return vector;
}

/// Prints the id of each item when it is kept.
void add(Store& store, int n) {
  const std::shared_ptr<Space> space = store.space(kDefaultSpace);
  for (int i = 0; i < n; ++i) {
    ItemId id = kNoItem;
    Item item;
    item.metadata.assign(1000, 'x');
    space->commit([&](Transaction& t) { id = t.insert(item, vector_of(t.sequence())); });
    std::printf("%llu\n", static_cast<unsigned long long>(id));
    std::fflush(stdout);
  }
}

RocksBackend& backend_of(Store& store) {
  return dynamic_cast<RocksBackend&>(store.space(kDefaultSpace)->backend());
}

/// So many tables that RocksDB makes one of them by itself.
void compact(Store& store) {
  for (int i = 0; i < kMore / 2; ++i) {
    add(store, 2);
    backend_of(store).flush();
  }
  const auto is_at_work = [&] {
    std::uint64_t n_running = 0;
    std::uint64_t is_pending = 0;
    rocksdb::DB& database = backend_of(store).database();
    database.GetIntProperty(rocksdb::DB::Properties::kNumRunningCompactions, &n_running);
    database.GetIntProperty(rocksdb::DB::Properties::kCompactionPending, &is_pending);
    return n_running + is_pending > 0;
  };
  while (is_at_work()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Makes item 3 one that is not whole.
void damage(Store& store) {
  WriteBatch batch;
  batch.put(Column::items, item_key(3), "no item");
  backend_of(store).write(batch, true);
}

void wait_for_index(const Space& space) {
  while (space.index().n_waiting > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void dump(Store& store) {
  const std::shared_ptr<Space> space = store.space(kDefaultSpace);
  wait_for_index(*space);
  for (const auto& [id, summary] : space->summaries())
    if (space->find(id)) std::printf("%llu\n", static_cast<unsigned long long>(id));
  for (const auto& [id, summary] : space->summaries()) {
    const std::vector<float> vector = space->vector_of(id);
    if (space->search(vector, {.k = 1}).neighbours !=
        space->search(vector, {.k = 1, .exact = true}).neighbours)
      std::printf("damaged index: item %llu\n", static_cast<unsigned long long>(id));
  }
  for (const Damage& damage : space->damage()) std::printf("damaged %s\n", damage.what.c_str());
  if (space->is_read_only()) std::printf("read-only\n");
  for (const std::uint32_t id : store.backups(kDefaultSpace)) {
    store.verify(kDefaultSpace, id);
    std::printf("backup %u\n", id);
  }
}

void emergency(const std::filesystem::path& path, Emergency mode) {
  for (const EmergencyReport& report : recover(path, mode,
                                               {.space = std::string(kDefaultSpace),
                                               .dry_run = false,
                                               .backup_first = false,
                                               .confirmation = confirmation_of(mode, kDefaultSpace)}))
    if (!report.failure.empty()) throw sharpwave::Error(sharpwave::ExitCode::internal, report.failure);
}

void run(const std::filesystem::path& path, const std::string& step) {
  if (const auto mode = emergency_of(step)) return emergency(path, *mode);
  const std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<testing::KillFileSystem>());
  StoreOptions options;
  options.env = env.get();
  options.limits.write_buffer_bytes = 64 << 10;
  if (step == "interval") {
    options.sync = SyncMode::interval;
    options.sync_interval = std::chrono::milliseconds(1);
  }
  if (step == "index" || step == "rebuild-index" || step == "dump") options.index_from_vectors = kIndexFrom;
  const std::filesystem::path snapshot = path / "snapshot";
  if (step == "snapshot") std::filesystem::remove_all(snapshot);
  Store store(path, options);
  if (step == "snapshot") return store.snapshot(snapshot);
  if (step == "go-back") return store.go_back_to(snapshot);
  const std::map<std::string, void (*)(Store&)> steps{
      {"fill", [](Store& s) { add(s, kFirst); }},
      {"add", [](Store& s) { add(s, kMore); }},
      {"interval", [](Store& s) { add(s, kMore); }},
      {"open", [](Store& s) { static_cast<void>(s.space(kDefaultSpace)); }},
      {"flush", [](Store& s) { backend_of(s).flush(); }},
      {"compact", compact},
      {"damage", damage},
      {"backup", [](Store& s) { s.backup(kDefaultSpace, kKept); }},
      {"restore", [](Store& s) { s.restore(kDefaultSpace, s.backups(kDefaultSpace).back()); }},
      {"create", [](Store& s) { s.create("later"); }},
      {"index", [](Store& s) { wait_for_index(*s.space(kDefaultSpace)); }},
      {"rebuild-index", [](Store& s) { s.space(kDefaultSpace)->rebuild_index(); }},
      {"begin-anew", [](Store& s) { s.begin_anew(); }},
      {"dump", dump}};
  steps.at(step)(store);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
