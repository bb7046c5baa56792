// batch.json: docs/formats/batch_json.md.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "host/batch/batch_record.hpp"

namespace sharpwave {

inline constexpr const char* kBatchFile = "batch.json";

/// Keys in the documented order; a number that is not finite becomes null.
[[nodiscard]] nlohmann::ordered_json to_json(const BatchRecord& batch);
[[nodiscard]] std::string to_json_text(const BatchRecord& batch);

/// @throws Error(io), Error(no_room).
void write_batch_json(const std::filesystem::path& directory, const BatchRecord& batch);
/// @throws Error(io) where there is none, Error(damaged_data) naming what was expected where.
[[nodiscard]] BatchRecord read_batch_json(const std::filesystem::path& directory);

}  // namespace sharpwave
