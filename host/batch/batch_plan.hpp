// What the instances of a batch are, which of them share a network, and how much memory that takes.
#pragma once

#include <cstdint>

#include "host/batch/batch_record.hpp"
#include "host/config/config.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/device_choice.hpp"

namespace sharpwave {

/// Reads every instance, so that the faults of all are known before the first one begins.
///
/// Instances with the same network_key() are a group: it has one network, and as many instances run at once
/// as there are threads; where there are more threads than instances, each gets several, if its network is
/// large enough for them. On a GPU as many run at once as its memory has room for, up to kMostOnADevice.
/// @param config   of which `base` was loaded; has a batch.
/// @param threads  of all instances together (> 0).
/// @return `config` and all that is known of results are still empty.
/// @throws ConfigError with the faults of all instances, each with its place in the config and the instances
///         that have it; Error(invalid_config) for what only the whole network shows.
[[nodiscard]] BatchRecord plan_batch(const ConfigText& config, const ModelSpec& base,
                                     const DeviceChoice& device, int threads);

/// Each has a thread on the host, and some files open: 1,024 of them are what a process may have, as a rule.
inline constexpr std::uint64_t kMostOnADevice = 128;

/// How many instances of a group run at once on the CPU, and threads of each, where `n` of them are to run.
void set_workers(BatchGroup& group, std::uint64_t n, std::uint64_t n_neurons, int threads);

/// The figures of the largest group where that does not fit into the memory that is there now, else nothing.
[[nodiscard]] std::string lacking_room(const BatchRecord& batch, const DeviceChoice& device);

}  // namespace sharpwave
