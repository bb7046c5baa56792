#include "memory_store/consolidator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "host/base/error.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {

namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);

std::uint64_t seconds_of(std::chrono::steady_clock::time_point time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

/// When the last cycle of a space began, also one of another process; long ago where there was none.
std::chrono::steady_clock::time_point last_cycle_of(const Space& space) {
  constexpr std::uint64_t kLongAgo_us = std::uint64_t{100} * 365 * 24 * 3600 * 1'000'000;
  const auto now = static_cast<std::uint64_t>(now_us());
  const std::uint64_t began_us = std::min(now, space.number(kCycleBeganKey));
  return std::chrono::steady_clock::now() - std::chrono::microseconds(std::min(now - began_us, kLongAgo_us));
}

/// Under it stands one more than the epoch of a run.
std::string epoch_key(const std::string& run) {
  return "coupled_epoch/" + run;
}

}  // namespace

Consolidator::Consolidator(std::shared_ptr<Space> space, const ConsolidationParameters& parameters,
                           ConsolidationMode mode)
    : space_(std::move(space)), parameters_(parameters), mode_(mode), last_cycle_(last_cycle_of(*space_)) {
  if (const std::vector<std::string> faults = check(parameters); !faults.empty())
    throw Error(ExitCode::invalid_config, fmt::format("consolidation: {}", fmt::join(faults, "; ")));
  if (mode_ == ConsolidationMode::background && !space_->is_read_only())
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

Consolidator::~Consolidator() {
  stop();
}

void Consolidator::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  write_accesses();
}

// --- what comes in ----------------------------------------------------------------------------------------

Consolidator::Answer Consolidator::take(std::span<const ConsolidationSignal> signals) {
  Answer answer;
  while (!signals.empty()) {
    std::size_t n = signals.size();
    if (mode_ == ConsolidationMode::coupled) {
      if (passes_epoch(signals[0])) enter_epoch(signals[0], answer.replays);
      n = 1;
      while (n < signals.size() && !passes_epoch(signals[n])) ++n;
    }
    std::vector<Taken> taken = memory::take(*space_, parameters_.take, signals.first(n));
    note_inserts(static_cast<std::uint64_t>(std::ranges::count(taken, Outcome::formed, &Taken::outcome)));
    std::ranges::move(taken, std::back_inserter(answer.taken));
    signals = signals.subspan(n);
  }
  return answer;
}

Added Consolidator::add(const NewItem& item, std::span<const float> embedding) {
  Added added = memory::add(*space_, item, embedding);
  if (!added.refusal) note_inserts(1);
  return added;
}

void Consolidator::note_inserts(std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  inserts_.note(seconds_of(Clock::now()), n);
}

// --- in the background ------------------------------------------------------------------------------------

void Consolidator::request_cycle() {
  const std::lock_guard lock(mutex_);
  is_commanded_ = true;
  is_awake_ = true;
  is_woken_.notify_all();
}

void Consolidator::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      is_woken_.wait_for(lock, stop, kLookEvery, [&] { return is_awake_; });
      is_awake_ = false;
    }
    write_accesses();
    if (!stop.stop_requested() && !space_->is_read_only()) run_what_is_due(stop);
  }
}

void Consolidator::run_what_is_due(const std::stop_token& stop) {
  try {
    const Trigger trigger = due(load(), parameters_.cycle);
    if (trigger != Trigger::none) static_cast<void>(run_one(trigger, stop));
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

Load Consolidator::load() const {
  const bool has_changed = changes_since_cycle(*space_) > 0;
  const double write_buffer = space_->backend().write_buffer_fill();
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  return {.since_cycle_s = std::chrono::duration<double>(now - last_cycle_).count(),
          .is_commanded = is_commanded_,
          .has_changed = has_changed,
          .write_buffer = write_buffer,
          .inserts_per_minute = static_cast<double>(inserts_.last_minute(seconds_of(now)))};
}

CycleResult Consolidator::run_one(Trigger trigger, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    is_commanded_ = false;
    last_cycle_ = Clock::now();
    status_.last_trigger = trigger;
    status_.is_in_cycle = true;
  }
  CycleResult result;
  std::exception_ptr failure;
  try {
    result = run_cycle(*space_, parameters_, stop);
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    status_.is_in_cycle = false;
    if (result.is_complete) ++status_.n_cycles;
  }
  if (failure) std::rethrow_exception(failure);
  return result;
}

void Consolidator::write_accesses() {
  try {
    accesses_.write(*space_);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

void Consolidator::fail(const char* what) {
  const std::lock_guard lock(mutex_);
  status_.last_error = what;
}

ConsolidatorStatus Consolidator::status() const {
  const std::lock_guard lock(mutex_);
  ConsolidatorStatus status = status_;
  status.inserts_last_minute = inserts_.last_minute(seconds_of(Clock::now()));
  return status;
}

// --- by simulated time ------------------------------------------------------------------------------------

bool Consolidator::passes_epoch(const ConsolidationSignal& signal) const {
  if (find_fault(signal.provenance) || find_fault(signal)) return false;
  return signal.provenance.run != run_ || epoch_of(signal) > epoch_;
}

std::uint64_t Consolidator::epoch_of(const ConsolidationSignal& signal) const {
  return static_cast<std::uint64_t>(signal.provenance.end_ms / parameters_.cycle.simulated_every_ms);
}

void Consolidator::enter_epoch(const ConsolidationSignal& signal, std::vector<std::vector<float>>& replays) {
  const std::string& run = signal.provenance.run;
  const std::string key = epoch_key(run);
  const std::uint64_t epoch = epoch_of(signal);
  if (run != run_) {
    run_ = run;
    const std::uint64_t kept = space_->number(key);
    epoch_ = kept > 0 ? kept - 1 : epoch;
    if (kept > 0 && epoch <= epoch_) return;
  }
  if (epoch > epoch_)
    for (const ItemId id : run_one(Trigger::schedule, {}).replays)
      if (std::vector<float> vector = space_->vector_of(id); !vector.empty())  // it may be pruned already
        replays.push_back(std::move(vector));
  epoch_ = epoch;
  space_->commit([&](Transaction& change) { change.set_number(key, epoch + 1); });
}

}  // namespace sharpwave::memory
