// What is read of a memory store's files before a digest or RocksDB has looked at it: manifests of backups,
// and how far a space was synced.
#include "host/base/sha256.hpp"
#include "memory_store/backup_manifest.hpp"
#include "memory_store/log_damage.hpp"
#include "memory_store/synced_file.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sharpwave;
using namespace sharpwave::fuzz;
using namespace sharpwave::memory;

void read_manifest(std::string_view bytes) {
  const auto outcome = outcome_of([&] { return decode_manifest(bytes, "manifest"); });
  if (!outcome.value) {
    require(outcome.message.starts_with("manifest: "), "a message without a place", outcome.message);
    return;
  }
  for (const BackupFile& file : outcome.value->files)
    require(!file.name.starts_with("/") && file.name.find("..") != 0 &&
                file.name.find("/..") == std::string::npos,
            "a name that leads out of the folder", file.name);
  const std::string again = encode_manifest(*outcome.value);
  require(decode_manifest(again, "manifest") == *outcome.value, "a manifest that differs when it is written",
          again);
}

/// With the digest that fits: whoever forges a manifest can do that, too.
std::string with_digest(std::string_view body) {
  const std::string whole = "{\n" + std::string(body);
  return "{\n \"sha256\": \"" + to_hex(sha256(whole)) + "\",\n" + std::string(body);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = text_of(data, size);
  read_manifest(bytes);
  read_manifest(with_digest(bytes));
  const auto synced = outcome_of([&] { return decode_synced(bytes, "synced"); });
  if (synced.value) require(encode_synced(*synced.value) == bytes, "another way to write the same");
  require(find_log_damage(bytes).at_byte <= size, "a place behind the end of a log");
  return 0;
}
