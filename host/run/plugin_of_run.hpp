// Who takes the signals of a run: found, told of the run, and asked whether it can do it.
#pragma once

#include <memory>

#include "host/checkpoint/checkpoint.hpp"
#include "host/run/run.hpp"
#include "host/signals/plugin.hpp"

namespace sharpwave {

/// As the options say, or the plugin that the config names; null where there is no memory. Before anything
/// that takes long: without it there is no run.
/// @throws Error(plugin); Error(invalid_config) where it is to replay on a GPU.
[[nodiscard]] std::unique_ptr<SignalTaker> make_taker(const ModelSpec& spec, const RunOptions& options);

/// What it is told. @param goes_on  from where; null: it begins.
[[nodiscard]] PluginRun plugin_run(const ModelSpec& spec, const RunOptions& options,
                                   const InstanceState* goes_on);

/// Before anything is built or removed: what is wrong with its options or its store is said here.
void check_taker(const SignalTaker* taker, const ModelSpec& spec, const RunOptions& options,
                 const InstanceState* goes_on);

}  // namespace sharpwave
