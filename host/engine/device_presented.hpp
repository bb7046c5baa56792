// What a protocol presents, as an executor on a device takes it.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/device_models.hpp"
#include "host/engine/presented.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

/// Sets what an instance has to have room for; nothing without a protocol.
void add_room_for_presented(const ModelSpec& spec, const Network& net, device::InstanceModel& model);

/// @param presented   as EngineState has it.
/// @param first_step  the first one that is still asked for.
[[nodiscard]] device::PresentedModel presented_model(const ModelSpec& spec, const Network& net,
                                                     const std::vector<Presented>& presented,
                                                     std::uint64_t first_step);

/// What it takes on a device, in bytes of an instance.
[[nodiscard]] std::uint64_t plan_device_presented(const ModelSpec& spec);

}  // namespace sharpwave
