// What a config says to the plugin `memory`: `memory.options`, as JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "memory_store/consolidator.hpp"
#include "memory_store/space.hpp"
#include "memory_store/store.hpp"

namespace sharpwave::memory {

enum class CycleClock : std::uint8_t {
  wall,      ///< in the background; what a run forms depends on how fast it is
  simulated  ///< within the run, at times of the simulation: the same in every run
};

/// Of the run alone, where `store` says nothing else.
inline constexpr const char* kOwnStore = "memory";

struct PluginOptions {
  std::filesystem::path store = kOwnStore;  ///< relative to the run's folder
  StoreOptions store_options;
  CycleClock clock = CycleClock::wall;
  ConsolidationParameters consolidation;
};

/// @param text  a JSON object. Keys that are not there keep their defaults.
/// @throws Error(invalid_config) with all that is wrong, a line for each.
[[nodiscard]] PluginOptions parse_plugin_options(std::string_view text);

/// Those of the run that used a space last, as JSON; none where none did.
[[nodiscard]] std::optional<std::string> run_options_of(const Space& space);

}  // namespace sharpwave::memory
