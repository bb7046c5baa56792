#include "host/io/folder.hpp"

#include <algorithm>

#include "host/base/error.hpp"

namespace sharpwave {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& directory,
                                 const std::function<bool(const fs::directory_entry&)>& is_meant) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    if (is_meant(*entry)) entries.push_back(entry->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) throw Error(ExitCode::io, "cannot remove " + file.string() + ": " + error.message());
}

void remove_files(std::vector<fs::path> files, std::string_view first) {
  std::stable_partition(files.begin(), files.end(),
                        [&](const fs::path& file) { return file.filename() == first; });
  for (const fs::path& file : files) remove_file(file);
}

}  // namespace sharpwave
