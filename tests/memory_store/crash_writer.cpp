// Changes a store until it is killed, and says what was acknowledged.
//   memory_crash_writer STORE SEED   prints `ID ACCESSES` when a change of that item is kept, `ID gone` when
//   it was erased memory_crash_writer STORE dump   prints `ID ACCESSES` for all items, and what is damaged
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/store.hpp"

namespace {

using namespace sharpwave::memory;

int dump(Store& store) {
  const std::shared_ptr<Space> space = store.space(kDefaultSpace);
  for (const auto& [id, summary] : space->summaries())
    std::printf("%llu %llu\n", static_cast<unsigned long long>(id),
                static_cast<unsigned long long>(space->find(id)->accesses));
  for (const std::string& note : store.report(kDefaultSpace).notes) std::printf("note %s\n", note.c_str());
  for (const Damage& damage : space->damage())
    std::printf("damaged %s: %s\n", damage.where.c_str(), damage.what.c_str());
  return 0;
}

[[noreturn]] void change_for_ever(Store& store, std::uint64_t seed) {
  const std::shared_ptr<Space> space = store.space(kDefaultSpace);
  std::mt19937_64 random(seed);
  std::map<ItemId, std::uint64_t> items;
  for (const auto& [id, summary] : space->summaries()) items[id] = space->find(id)->accesses;
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    ItemId id = kNoItem;
    std::optional<std::uint64_t> accesses;  // none: it is gone
    space->commit([&](Transaction& t) {
      const auto kind = random() % 10;
      if (items.size() < 3 || kind < 4) {
        Item item;
        item.metadata.assign(random() % 3000, 'x');
        id = t.insert(item, std::vector<float>(16, .25F));
        items[id] = 0;
        accesses = 0;
        return;
      }
      const auto at = std::next(items.begin(), static_cast<std::ptrdiff_t>(random() % items.size()));
      id = at->first;
      if (kind < 9) {
        Item item = *t.find(id);
        item.accesses = ++at->second;
        t.update(item);
        accesses = item.accesses;
      } else {
        t.erase(id);
        items.erase(at);
      }
    });
    std::printf("%llu %s\n", static_cast<unsigned long long>(id),
                accesses ? std::to_string(*accesses).c_str() : "gone");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    StoreOptions options;
    options.limits.write_buffer_bytes = 256 << 10;  // so that tables are written all the time
    Store store(argv[1], options);
    if (std::strcmp(argv[2], "dump") == 0) return dump(store);
    change_for_ever(store, std::strtoull(argv[2], nullptr, 10));
  } catch (const sharpwave::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
