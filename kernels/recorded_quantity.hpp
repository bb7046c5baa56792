// What a report holds of a neuron, as a number: a place in the kernels' state, where 0 is V, or what follows.
#pragma once

#include <cstdint>

#include "kernels/models.hpp"

namespace sharpwave {

inline constexpr std::uint32_t kRecordRefractory = kMaxStates;        ///< ms left
inline constexpr std::uint32_t kRecordInput = kRecordRefractory + 1;  ///< arriving at receptor 0, then at 1
inline constexpr std::uint32_t kRecordCurrent = kRecordInput + kMaxReceptors;
inline constexpr int kRecordedQuantityCount = kRecordCurrent + 1;

/// It acts in the step and has to be looked at before the neurons are updated; all else is their state.
SHARPWAVE_HD constexpr bool acts_in_step(std::uint32_t quantity) {
  return quantity >= kRecordInput;
}

}  // namespace sharpwave
