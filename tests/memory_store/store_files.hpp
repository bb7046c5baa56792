// What tests do with the files of a store, and with a store in a folder of its own.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "host/base/sha256.hpp"
#include "memory_store/store.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/memory_store/space_items.hpp"

namespace sharpwave::memory::testing {

inline std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void overwrite(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

inline void flip(const std::filesystem::path& file, std::size_t at) {
  std::string bytes = content(file);
  bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
  overwrite(file, bytes);
}

/// Of all names, sizes and bytes below a folder.
inline std::string digest_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::string all;
  for (const auto& path : paths) {
    const bool is_file = std::filesystem::is_regular_file(path);
    all += path.lexically_relative(folder).string() + '\n';
    if (is_file) all += std::to_string(std::filesystem::file_size(path)) + '\n' + content(path);
  }
  return to_hex(sha256(all));
}

/// A store in a folder of its own.
class ScratchStore {
 public:
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "store"; }
  [[nodiscard]] std::filesystem::path space_path(const std::string& space = "default") const {
    return path() / "spaces" / space;
  }
  Store& open(const StoreOptions& options = {}) {
    store_.reset();
    return store_.emplace(path(), options);
  }
  void close() { store_.reset(); }
  /// The files of a database that end so, the oldest first.
  [[nodiscard]] std::vector<std::filesystem::path> files(const std::string& end) const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(space_path() / "db"))
      if (entry.path().filename().string().ends_with(end)) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  TemporaryDirectory directory_;
  std::optional<Store> store_;
};

}  // namespace sharpwave::memory::testing
