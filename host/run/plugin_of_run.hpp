// The consolidation plugin of a run: found, told of the run, and asked whether it can do it.
#pragma once

#include <optional>

#include "host/checkpoint/checkpoint.hpp"
#include "host/run/run.hpp"
#include "host/signals/plugin.hpp"

namespace sharpwave {

/// Before anything that takes long: without the plugin there is no run.
/// @throws Error(plugin); Error(invalid_config) where it is to replay on a GPU.
[[nodiscard]] std::optional<ConsolidationPlugin> load_plugin(const ModelSpec& spec,
                                                             const RunOptions& options);

/// What the plugin is told. @param goes_on  from where; null: it begins.
[[nodiscard]] PluginRun plugin_run(const ModelSpec& spec, const RunOptions& options,
                                   const InstanceState* goes_on);

/// Before anything is built or removed: what is wrong with its options or its store is said here.
void check_plugin(const std::optional<ConsolidationPlugin>& plugin, const ModelSpec& spec,
                  const RunOptions& options, const InstanceState* goes_on);

}  // namespace sharpwave
