// Files that a config names and that may lie among shared data.
#include <cstdlib>

#include "host/config/draft.hpp"

namespace sharpwave::config {
namespace {

/// Where such a file may be, in the order in which it is looked for.
std::vector<std::filesystem::path> candidates(const std::filesystem::path& base, const std::string& name) {
  std::vector<std::filesystem::path> paths = {base / name};
  if (std::filesystem::path(name).is_absolute()) return paths;
  if (const char* data = std::getenv("SHARPWAVE_DATA"); data != nullptr && *data != '\0') {
    paths.push_back(std::filesystem::path(data) / name);
  }
  paths.push_back(std::filesystem::path("data") / name);
  paths.push_back(base / ".." / "data" / name);
  return paths;
}

}  // namespace

std::optional<std::filesystem::path> find_data_file(Draft& draft, MapReader& map, std::string_view key,
                                                    const std::string& name, const std::string& hint) {
  std::string looked;
  for (const std::filesystem::path& path : candidates(draft.base_folder, name)) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) return path;
    looked += (looked.empty() ? "" : ", ") + path.lexically_normal().string();
  }
  map.fault(key, "a file beside the config, in $SHARPWAVE_DATA or in data/; looked for " + looked, hint);
  return std::nullopt;
}

std::string where_to_obtain(MapReader& map) {
  const auto place = map.optional_text("obtain");
  return place ? "it can be had from " + *place : "";
}

}  // namespace sharpwave::config
