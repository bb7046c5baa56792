// The manifest that lies beside a backup: docs/formats/memory.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memory_store/contents.hpp"

namespace sharpwave::memory {

struct BackupFile {
  std::string name;  ///< within the folder of backups
  std::uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const BackupFile&) const = default;
};

struct BackupManifest {
  std::string space;
  std::uint32_t id = 0;
  Contents contents;
  std::vector<BackupFile> files;  ///< by name
  bool operator==(const BackupManifest&) const = default;
};

[[nodiscard]] std::string encode_manifest(const BackupManifest& manifest);
/// Reads what anybody may have written. Names of files stay within the backup of that id.
/// @param where  for messages. @throws Error(damaged_data).
[[nodiscard]] BackupManifest decode_manifest(std::string_view bytes, const std::string& where);

}  // namespace sharpwave::memory
