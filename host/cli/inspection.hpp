// What `sharpwave inspect` shows, as text and as JSON (docs/formats/inspect_json.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave::cli {

struct CheckpointState {
  std::filesystem::path file;
  std::string fault;  ///< empty: whole
};

/// A checkpoint whose digest was verified.
struct Inspected {
  std::filesystem::path file;
  Checkpoint checkpoint;
  std::vector<CheckpointState> run;  ///< all of the run's, newest first, where a directory was named
};

[[nodiscard]] std::string inspection_text(const Inspected& inspected);
[[nodiscard]] std::string inspection_json(const Inspected& inspected);
[[nodiscard]] std::string comparison_text(const Inspected& first, const Inspected& second);
[[nodiscard]] std::string comparison_json(const Inspected& first, const Inspected& second);

}  // namespace sharpwave::cli
