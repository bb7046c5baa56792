// What helps to find out what is wrong, in one file: docs/formats/debug_bundle.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/operate/observation.hpp"

namespace sharpwave::operate {

struct BundleReport {
  struct Entry {
    std::string name;  ///< in the archive, without its folder
    std::uint64_t bytes = 0;
    std::string source;  ///< what it was read of
    std::string note;    ///< what is not there of it; empty where all is
  };
  struct Missing {
    std::string name;
    std::string why;
  };
  std::vector<Entry> entries;
  std::vector<Missing> missing;
  double seconds = 0;
};

/// Writes the bundle, readable by its owner alone, whole or not at all; a file of that name is replaced.
/// Whatever cannot be had is told in the manifest. After 50 s nothing more is collected.
/// @param version  of this program.
/// @throws Error(io) where the data directory is none, a file of a token or certificates cannot be read, or
/// the
///         bundle cannot be written; Error(no_room); Error(usage) for a URL that is none.
/// No file of a token or a key is read but the one of `surroundings.token`, which is for the request alone.
[[nodiscard]] BundleReport write_debug_bundle(const Surroundings& surroundings,
                                              const std::filesystem::path& file, const std::string& version);

}  // namespace sharpwave::operate
