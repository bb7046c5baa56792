// Many steps of a network in one cooperative launch: each thread block owns some of the neurons, and pulls
// from the rows of whoever fired what arrives at them (docs/decisions/0023).
#pragma once

#include "kernels/grid_barrier.cuh"
#include "kernels/owner_delivery.cuh"

namespace sharpwave::device {

/// Threads of an owner on a GPU: a warp for each spike of a step of the microcircuit.
inline constexpr std::uint32_t kOwnerThreads = 1024;

// In a step an owner finds out who of its neurons fires, tells it, and waits for the others. What the spikes
// of the step before reach is added while they arrive, unless the schedule says that this step needs it; what
// those of the last step reach, at the end.
//
// Barriers of the block: before arriving, so that all have told who fired; after delivery, so that who is
// updated next has all that arrives; after waiting, so that all see what the others have told. Whoever takes
// a cell of the window or of the ring, sets it to 0, or has the state of an element is always the same
// thread.
/// Grid: [owners], all at once. Shared memory: OwnerLayout::end bytes.
/// @tparam kModels  the model of all neurons, as a number, or kAnyModel.
template <int kModels, class Real, class Acc>
__global__ void __launch_bounds__(kOwnerThreads, 1)
    run_owners(const __grid_constant__ Instance<Acc> own, const __grid_constant__ Connections connections,
               const __grid_constant__ Owners owners, const __grid_constant__ OwnerSteps steps) {
  Owner<Real, Acc> me{own, connections, owners, steps};
  const GridBarrier barrier{owners.n_arrived, owners.n};
  const bool delivers_at_once = owners.schedule == OwnerSchedule::at_once;
  me.set_up();
  for (std::uint64_t step = steps.first; step <= steps.last; ++step) {
    // Spikes from before the launch have been delivered.
    const bool delivers = step > steps.first;
    const OwnerDelivery<Real, Acc> delivery(me, delivers ? step - 1 : step);
    const std::uint32_t letters = delivers ? delivery.read_letters(me.warp) : 0;
    if (delivers && delivers_at_once) delivery.deliver(letters, delivery.open(letters));
    if (delivers_at_once) __syncthreads();
    me.template fire<kModels>(step);
    const OwnedRow row = delivers_at_once ? OwnedRow{} : delivery.open(letters);
    __syncthreads();
    if (threadIdx.x == 0) {
      me.seal_letter(step);
      barrier.arrive();
    }
    if (delivers && !delivers_at_once) delivery.deliver(letters, row);
    if (!delivers_at_once) __syncthreads();
    if (owners.schedule == OwnerSchedule::input_is_late) me.template end_update<kModels>(step);
    if (threadIdx.x == 0) barrier.wait(static_cast<std::uint32_t>(step - steps.first) + 1);
    __syncthreads();
  }
  const OwnerDelivery<Real, Acc> delivery(me, steps.last);
  const std::uint32_t letters = delivery.read_letters(me.warp);
  delivery.deliver(letters, delivery.open(letters));
  __syncthreads();
  me.put_away();
}

}  // namespace sharpwave::device
