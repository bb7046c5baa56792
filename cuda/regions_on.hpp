// What an instance has of neuromodulators on a device: what kernels/region.hpp works on.
#pragma once

#include <span>
#include <vector>

#include "cuda/network_on.hpp"

namespace sharpwave::device {

template <class Backend>
class RegionsOn {
 public:
  /// Of nothing.
  RegionsOn() = default;
  /// @param given  in host memory, as of step 0.
  RegionsOn(Backend& backend, std::span<const Region> given);

  [[nodiscard]] const Region* views() const { return view_buffer_.data(); }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(views_.size()); }
  /// Of a region, or null of kNone.
  [[nodiscard]] const LevelsOfStep* levels(std::uint32_t region) const {
    return region == kNone ? nullptr : views_[region].levels;
  }
  [[nodiscard]] const GateFactors* factors(std::uint32_t region) const {
    return region == kNone ? nullptr : &views_[region].levels->factors;
  }

  /// Into what regions in host memory point to, which are as those that were given; but what they got from
  /// outside.
  void read(Backend& backend, std::span<const Region> into) const;
  /// Of this the levels alone.
  void read_levels(Backend& backend, std::span<const Region> into) const;
  /// And back.
  void write(Backend& backend, std::span<const Region> from);
  /// What they get from outside in the next step.
  void give(Backend& backend, std::span<const Region> from);

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  template <class T>
  using Keep = Kept<Backend, T>;

  struct Memory {
    Buffer<MovingLevels> moving;
    Buffer<LevelsOfStep> levels;
    Buffer<double> releases[kModulators];
    Buffer<std::int64_t> n_spikes;
    Buffer<TriggerMemory> triggered;
    Buffer<GivenToRegion> given;
  };
  [[nodiscard]] static std::span<double> releases_of(const Region& region, int modulator) {
    return {region.releases[modulator], region.releases[modulator] != nullptr ? region.ring_steps : 0};
  }

  Keep<ScheduledLevel> schedules_;
  Keep<ScheduledReward> rewards_;
  Keep<RegionVolume> volumes_;
  Keep<RegionTrigger> triggers_;
  std::vector<Memory> memories_;
  std::vector<Region> views_;  ///< into device memory
  Buffer<Region> view_buffer_;
};

template <class Backend>
RegionsOn<Backend>::RegionsOn(Backend& backend, std::span<const Region> given)
    : memories_(given.size()), views_(given.begin(), given.end()) {
  for (std::size_t r = 0; r < views_.size(); ++r) {
    Region& view = views_[r];
    Memory& memory = memories_[r];
    for (EventList<ScheduledLevel>* list : {&view.pulses, &view.targets})
      list->events = schedules_.keep(backend, std::span(list->events, list->n));
    view.rewards.events = rewards_.keep(backend, std::span(view.rewards.events, view.rewards.n));
    view.volumes = volumes_.keep(backend, std::span(view.volumes, view.n_volumes));
    view.triggers = triggers_.keep(backend, std::span(view.triggers, view.n_triggers));
    memory.moving = backend.template allocate<MovingLevels>(1);
    view.moving = memory.moving.data();
    memory.levels = backend.template allocate<LevelsOfStep>(1);
    view.levels = memory.levels.data();
    for (int m = 0; m < kModulators; ++m) {
      memory.releases[m] = backend.template allocate<double>(releases_of(given[r], m).size());
      view.releases[m] = memory.releases[m].data();
    }
    memory.n_spikes = backend.template allocate<std::int64_t>(view.n_volumes);
    view.n_spikes = memory.n_spikes.data();
    memory.triggered = backend.template allocate<TriggerMemory>(view.n_triggers);
    view.memories = memory.triggered.data();
    memory.given = backend.template allocate<GivenToRegion>(1);
    view.given = memory.given.data();
  }
  view_buffer_ = backend.upload(std::span<const Region>(views_));
  write(backend, given);
}

template <class Backend>
void RegionsOn<Backend>::read_levels(Backend& backend, std::span<const Region> into) const {
  for (std::size_t r = 0; r < memories_.size(); ++r)
    backend.download(std::span(into[r].levels, 1), memories_[r].levels, 0);
}

template <class Backend>
void RegionsOn<Backend>::read(Backend& backend, std::span<const Region> into) const {
  read_levels(backend, into);
  for (std::size_t r = 0; r < memories_.size(); ++r) {
    const Memory& memory = memories_[r];
    backend.download(std::span(into[r].moving, 1), memory.moving, 0);
    for (int m = 0; m < kModulators; ++m) backend.download(releases_of(into[r], m), memory.releases[m], 0);
    backend.download(std::span(into[r].memories, into[r].n_triggers), memory.triggered, 0);
  }
}

// Spikes that have not been counted yet will be.
template <class Backend>
void RegionsOn<Backend>::write(Backend& backend, std::span<const Region> from) {
  for (std::size_t r = 0; r < memories_.size(); ++r) {
    const Memory& memory = memories_[r];
    backend.write(memory.moving, 0, std::span<const MovingLevels>(from[r].moving, 1));
    backend.write(memory.levels, 0, std::span<const LevelsOfStep>(from[r].levels, 1));
    for (int m = 0; m < kModulators; ++m)
      backend.write(memory.releases[m], 0, std::span<const double>(releases_of(from[r], m)));
    backend.write(memory.triggered, 0, std::span<const TriggerMemory>(from[r].memories, from[r].n_triggers));
    backend.clear(memory.n_spikes, 0, memory.n_spikes.size());
    backend.clear(memory.given, 0, 1);
  }
}

template <class Backend>
void RegionsOn<Backend>::give(Backend& backend, std::span<const Region> from) {
  for (std::size_t r = 0; r < memories_.size(); ++r)
    backend.write(memories_[r].given, 0, std::span<const GivenToRegion>(from[r].given, 1));
}

}  // namespace sharpwave::device
