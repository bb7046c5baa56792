#include "host/engine/post_history.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sharpwave {

void PostHistory::make_room() {
  std::vector<Entry> larger(2 * ring_.size());
  for (std::uint32_t number = first_; number != next_; ++number)
    larger[number & (larger.size() - 1)] = ring_[number & (ring_.size() - 1)];
  ring_ = std::move(larger);
}

void PostHistory::add(const StdpConstants& constants, std::uint32_t element, std::int64_t step, float rate) {
  const Spike& last = newest_[element];
  PostSpike spike{.step = step, .trace = 1.0f, .rate = rate};
  if (last.step != kNeverFired) {
    spike.trace = post_trace(constants, last, step);
    spike.slow = slow_post_trace(constants, last, step);
  }
  put(element, spike);
}

void PostHistory::put(std::uint32_t element, const PostSpike& post) {
  if (next_ - first_ == ring_.size()) make_room();
  RecentSpikes& recent = recent_[element];
  std::copy_backward(recent.stamps, std::end(recent.stamps) - 1, std::end(recent.stamps));
  recent.stamps[0] = stamp_of(post.step);
  RecentTraces& traces = traces_[element];
  std::copy_backward(traces.traces, std::end(traces.traces) - 1, std::end(traces.traces));
  traces.traces[0] = post.trace;
  Spike& newest = newest_[element];
  newest = {post, newest_number_[element], newest.step};
  newest_number_[element] = next_;
  ring_[next_ & (ring_.size() - 1)] = {newest, element};
  if (++next_ == kNone) ++next_;
}

void PostHistory::move_epoch(std::int64_t epoch) {
  const std::int64_t before = epoch_;
  epoch_ = epoch;
  for (RecentSpikes& recent : recent_)
    for (std::uint16_t& stamp : recent.stamps) stamp = stamp == 0 ? stamp : stamp_of(before + stamp);
}

void PostHistory::find_traces(const CpuKernels& kernels, const StdpConstants& constants, std::int64_t origin,
                              std::uint32_t first_element, std::uint32_t n) {
  kernels.find_traces({.constants = &constants,
                       .origin = static_cast<std::int32_t>(origin - epoch_),
                       .spikes = recent_.data() + first_element,
                       .traces = traces_.data() + first_element,
                       .n = n});
}

void PostHistory::clear(std::int64_t now) {
  epoch_ = now - kSeenSteps;
  std::fill(recent_.begin(), recent_.end(), RecentSpikes{});
  std::fill(traces_.begin(), traces_.end(), RecentTraces{});
  std::fill(newest_.begin(), newest_.end(), Spike{{.step = kNeverFired}});
  std::fill(newest_number_.begin(), newest_number_.end(), kNone);
  first_ = next_;
}

void PostHistory::forget_before(std::int64_t step) {
  while (first_ != next_) {
    const Entry& oldest = ring_[first_ & (ring_.size() - 1)];
    if (oldest.spike.step >= step) return;
    if (newest_number_[oldest.element] == first_) {
      newest_[oldest.element] = {{.step = kNeverFired}};
      newest_number_[oldest.element] = kNone;
    }
    if (++first_ == kNone) ++first_;
  }
}

}  // namespace sharpwave
