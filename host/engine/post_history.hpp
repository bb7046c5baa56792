// What the targets of plastic synapses have fired, on the CPU.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/cpu_kernels.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

/// What the neurons of a part have fired, newest first for each of them. Most arrivals need the newest spike
/// alone, which lies with its neuron, and rows the last few, which do too; all are in a ring of the whole
/// part's.
class PostHistory {
 public:
  explicit PostHistory(std::uint32_t n_elements)
      : newest_(n_elements), recent_(n_elements + kRecentLanes - 1), traces_(recent_.size()), ring_(kLeast) {}

  /// What it takes where it knows so many spikes, in so many parts.
  [[nodiscard]] static constexpr double bytes(double n_elements, double n_spikes, double n_parts) {
    return (sizeof(Spike) + sizeof(std::uint32_t) + sizeof(RecentSpikes) + sizeof(RecentTraces)) *
               n_elements +
           sizeof(Entry) * (n_spikes + kLeast * n_parts);
  }

  /// @param rate  as in PostSpike.
  void add(const StdpConstants& constants, std::uint32_t element, std::int64_t step, float rate);
  /// Of a trace that is known.
  void put(std::uint32_t element, const PostSpike& post);
  /// What follows is of steps not far from `now`.
  void clear(std::int64_t now);
  /// Lets go of what is older. recent() may still have it.
  void forget_before(std::int64_t step);
  /// Before the spikes of `step` are added. The clock of recent() then looks back kSeenSteps at least.
  void set_now(std::int64_t step) {
    if (step - epoch_ > kLatestStamp) move_epoch(step - kSeenSteps);
  }
  /// Calls visit(element, spike) for each, the oldest first.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::uint32_t number = first_; number != next_; ++number)
      if (number != kNone)
        visit(ring_[number & (ring_.size() - 1)].element, ring_[number & (ring_.size() - 1)].spike);
  }

  /// Spikes that are there, or one more.
  [[nodiscard]] std::size_t size() const { return next_ - first_; }
  /// Of an element's last spike; kNeverFired where there is none any more.
  [[nodiscard]] std::int64_t newest_step(std::uint32_t element) const { return newest_[element].step; }

  /// As CpuKernels::stdp_row wants them, in steps from epoch() on.
  [[nodiscard]] const RecentSpikes* recent() const { return recent_.data(); }
  [[nodiscard]] const RecentTraces* recent_traces() const { return traces_.data(); }
  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  /// Sets RecentSpikes::found of `n` elements for arrivals of this origin.
  void find_traces(const CpuKernels& kernels, const StdpConstants& constants, std::int64_t origin,
                   std::uint32_t first_element, std::uint32_t n);
  static constexpr std::int64_t kSeenSteps = 1 << 15;

  /// As StdpSynapse wants them.
  class OfNeuron {
   public:
    OfNeuron(const PostHistory& history, std::uint32_t element) : history_(history), element_(element) {}
    [[nodiscard]] const PostSpike* newest() const {
      const Spike& spike = history_.newest_[element_];
      return spike.step == kNeverFired ? nullptr : &spike;
    }
    [[nodiscard]] const PostSpike* before(const PostSpike* spike, std::int64_t step) const {
      const auto* known = static_cast<const Spike*>(spike);
      if (known->before_step <= step || !history_.has(known->before)) return nullptr;
      return &history_.ring_[known->before & (history_.ring_.size() - 1)].spike;
    }

   private:
    const PostHistory& history_;
    std::uint32_t element_;
  };

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kLeast = 1024;
  static constexpr std::int64_t kLatestStamp = UINT16_MAX;
  struct Spike : PostSpike {
    std::uint32_t before = kNone;  ///< number of the neuron's last one
    std::int64_t before_step = kNeverFired;
  };
  struct Entry {
    Spike spike;
    std::uint32_t element = 0;
  };

  /// Spikes are numbered through, modulo 2^32 without kNone; those from first_ to next_ are there.
  [[nodiscard]] bool has(std::uint32_t number) const {
    return number != kNone && number - first_ < next_ - first_;
  }
  void make_room();
  void move_epoch(std::int64_t epoch);
  /// A step on the clock of RecentSpikes.
  [[nodiscard]] std::uint16_t stamp_of(std::int64_t step) const {
    return step > epoch_ ? static_cast<std::uint16_t>(step - epoch_) : std::uint16_t{0};
  }

  std::vector<Spike> newest_;  ///< of each element; kNeverFired: none
  std::vector<std::uint32_t> newest_number_ = std::vector<std::uint32_t>(newest_.size(), kNone);
  std::vector<RecentSpikes> recent_;
  std::vector<RecentTraces> traces_;
  std::int64_t epoch_ = -kSeenSteps;
  std::vector<Entry> ring_;
  std::uint32_t first_ = 0;
  std::uint32_t next_ = 0;
};

}  // namespace sharpwave
