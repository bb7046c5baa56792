#include "memory_store/phase_run.hpp"

#include <optional>
#include <utility>

#include "memory_store/codec.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {

PhaseRun::PhaseRun(Space& space, const char* name, std::stop_token stop)
    : space_(space),
      key_(std::string(kPhasePrefix) + name),
      stop_(std::move(stop)),
      began_us_(now_us()),
      began_(std::chrono::steady_clock::now()) {}

PhaseCounts PhaseRun::finish(const std::function<void(Transaction&)>& more) {
  if (stop_.stop_requested()) return counts;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
  space_.commit([&](Transaction& change) {
    const std::optional<std::string> before = change.meta(key_);
    const std::uint64_t runs = before ? decode_phase(key_, *before).runs : 0;
    change.set_meta(
        key_,
        encode_phase({.when_us = began_us_, .seconds = took.count(), .runs = runs + 1, .counts = counts}));
    if (more) more(change);
  });
  return counts;
}

}  // namespace sharpwave::memory
