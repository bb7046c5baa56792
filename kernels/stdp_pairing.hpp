// Which pairs of spikes count for spike-timing-dependent plasticity.
#pragma once

#include <cstdint>

namespace sharpwave {

/// Morrison, Diesmann & Gerstner 2008 (doi:10.1007/s00422-008-0233-1), figure 7.
enum class StdpPairing : std::uint8_t {
  all_to_all,
  symmetric,    ///< each spike with the last one of the other side
  presynaptic,  ///< each presynaptic spike with the last and with the next postsynaptic one
  restricted,   ///< only neighbours: nothing of either side between the two
};

}  // namespace sharpwave
