// Given weights, put where the synapses of a network are.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "host/base/thread_pool.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

/// Sets the weights of plastic rows whose synapses lie in their places to those that the projection is given,
/// and adds what the synapses are to the connectivity's sum.
/// @param exponent  of the weights' grid, by sign.
/// @throws Error(invalid_config) naming the file and the first synapse that is another one than there; what
///         GivenWeights::read throws.
void place_given_weights(const Network& net, const ProjectionSpec& projection, double dt_ms,
                         PlasticRows& rows, const std::array<int, 2>& exponent, ThreadPool& pool,
                         std::atomic<std::uint64_t>& connectivity_sum);

}  // namespace sharpwave
