#include "memory_store/backup_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/base/sha256.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::uint64_t kManifestFormat = 1;
constexpr std::size_t kDigestLetters = 64;
constexpr int kDeepest = 3;  // the manifest, its files, one of them
constexpr std::string_view kBegin = "{\n \"sha256\": \"";
constexpr std::string_view kBehindDigest = "\",\n";
constexpr std::string_view kBodyBegin = "{\n";

bool is_one_of(char c, std::string_view letters) {
  return letters.find(c) != std::string_view::npos;
}

bool is_digest(std::string_view text) {
  return text.size() == kDigestLetters &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_one_of(c, "0123456789abcdef"); });
}

/// A name of one file in a folder that the backup engine makes, without a way out of it.
bool is_backup_file(std::string_view name, std::uint32_t id) {
  if (name == fmt::format("meta/{}", id)) return true;
  const std::string own = fmt::format("private/{}/", id);
  constexpr std::string_view kShared = "shared_checksum/";
  const std::size_t prefix = name.starts_with(own)       ? own.size()
                             : name.starts_with(kShared) ? kShared.size()
                                                         : 0;
  const std::string_view file = name.substr(prefix);
  return prefix > 0 && !file.empty() && file[0] != '.' && std::all_of(file.begin(), file.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  is_one_of(c, "._-");
         });
}

/// Reads fields of one object; every other one is refused.
class Fields {
 public:
  Fields(const Json& json, std::string where, std::size_t n_fields) : json_(json), where_(std::move(where)) {
    if (!json.is_object() || json.size() != n_fields) fail(fmt::format("expected {} fields", n_fields));
  }
  [[nodiscard]] std::uint64_t number(const char* key, std::uint64_t most) const {
    const Json& value = at(key);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
      fail(fmt::format("{}: expected a whole number up to {}", key, most));
    return value.get<std::uint64_t>();
  }
  [[nodiscard]] std::string text(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string()) fail(fmt::format("{}: expected a text", key));
    return value.get<std::string>();
  }
  [[nodiscard]] const Json& at(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail(fmt::format("{} is missing", key));
    return *found;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ExitCode::damaged_data, fmt::format("{}: {}", where_, what));
  }

 private:
  const Json& json_;
  std::string where_;
};

Json parse(std::string_view body, const std::string& where) {
  bool is_too_deep = false;
  const auto look = [&](int depth, Json::parse_event_t event, const Json& /*parsed*/) {
    using Event = Json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= kDeepest)
      is_too_deep = true;
    return !is_too_deep;
  };
  Json json = Json::parse(body, look, false);
  if (json.is_discarded() || is_too_deep)
    throw Error(ExitCode::damaged_data, fmt::format("{}: no JSON as manifests are", where));
  return json;
}

BackupManifest manifest_of(const Json& json, const std::string& where) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
  const Fields fields(json, where, 7);
  if (fields.number("format", kAny) != kManifestFormat)
    fields.fail(fmt::format("format: expected {}", kManifestFormat));
  BackupManifest manifest;
  manifest.space = fields.text("space");
  manifest.id = static_cast<std::uint32_t>(fields.number("id", std::numeric_limits<std::uint32_t>::max()));
  manifest.contents = {.sequence = fields.number("sequence", kAny),
                       .items = fields.number("items", kAny),
                       .values = fields.number("values", kAny)};
  const Json& files = fields.at("files");
  if (!files.is_array()) fields.fail("files: expected a list");
  for (const Json& entry : files) {
    const Fields file(entry, fmt::format("{}: files[{}]", where, manifest.files.size()), 3);
    BackupFile& read = manifest.files.emplace_back(BackupFile{
        .name = file.text("name"), .bytes = file.number("bytes", kAny), .sha256 = file.text("sha256")});
    if (!is_backup_file(read.name, manifest.id)) file.fail("name: no file of this backup");
    if (!is_digest(read.sha256)) file.fail("sha256: expected 64 digits of 0-9 and a-f");
  }
  return manifest;
}

std::string body_of(const BackupManifest& manifest) {
  Json files = Json::array();
  for (const BackupFile& file : manifest.files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  const Json json{{"format", kManifestFormat},
                  {"space", manifest.space},
                  {"id", manifest.id},
                  {"sequence", manifest.contents.sequence},
                  {"items", manifest.contents.items},
                  {"values", manifest.contents.values},
                  {"files", std::move(files)}};
  return json.dump(1) + "\n";
}

}  // namespace

std::string encode_manifest(const BackupManifest& manifest) {
  const std::string body = body_of(manifest);
  SHARPWAVE_ASSERT(body.starts_with(kBodyBegin));
  return fmt::format("{}{}{}{}", kBegin, to_hex(sha256(body)), kBehindDigest,
                     std::string_view(body).substr(kBodyBegin.size()));
}

BackupManifest decode_manifest(std::string_view bytes, const std::string& where) {
  const std::size_t behind = kBegin.size() + kDigestLetters + kBehindDigest.size();
  const auto fail = [&](const char* what) {
    throw Error(ExitCode::damaged_data, fmt::format("{}: {}", where, what));
  };
  if (bytes.size() < behind || !bytes.starts_with(kBegin) ||
      bytes.substr(behind - kBehindDigest.size(), kBehindDigest.size()) != kBehindDigest)
    fail("it does not begin with a digest");
  const std::string body = std::string(kBodyBegin) + std::string(bytes.substr(behind));
  if (to_hex(sha256(body)) != bytes.substr(kBegin.size(), kDigestLetters)) fail("the digest does not fit");
  return manifest_of(parse(body, where), where);
}

}  // namespace sharpwave::memory
