// Consolidation of a space that goes by itself: what comes in goes through here, and cycles run when they are
// due.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "memory_store/by_hand.hpp"
#include "memory_store/consolidation_parameters.hpp"
#include "memory_store/cycle_schedule.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/signal.hpp"
#include "memory_store/space.hpp"
#include "memory_store/take.hpp"

namespace sharpwave::memory {

enum class ConsolidationMode : std::uint8_t {
  background,  ///< a thread runs cycles by the clock, as cycle_schedule.hpp says; takes never wait for one
  /// Within take(), by simulated time: one before the first signal of a run whose window ends at a multiple
  /// of simulated_every_ms or behind it, several that it passes at once counting as one; none before the
  /// run's first signal. So all depends on the signals alone.
  coupled
};

struct ConsolidatorStatus {
  bool is_in_cycle = false;
  std::uint64_t n_cycles = 0;  ///< that came to their end here
  Trigger last_trigger = Trigger::none;
  std::uint64_t inserts_last_minute = 0;
  std::string last_error;  ///< why a cycle or the writing of accesses ended early; empty: nothing did
};

class Consolidator {
 public:
  /// A read-only space is served, and not consolidated.
  /// @throws Error(invalid_config) naming all that is wrong with `parameters`.
  Consolidator(std::shared_ptr<Space> space, const ConsolidationParameters& parameters,
               ConsolidationMode mode);
  /// Stops.
  ~Consolidator();
  Consolidator(const Consolidator&) = delete;
  Consolidator& operator=(const Consolidator&) = delete;

  struct Answer {
    std::vector<Taken> taken;                 ///< [signals.size()]
    std::vector<std::vector<float>> replays;  ///< what is to be replayed into the network; coupled only
  };
  /// As memory::take(). Safe from several threads; coupled, one at a time.
  Answer take(std::span<const ConsolidationSignal> signals);
  [[nodiscard]] Added add(const NewItem& item, std::span<const float> embedding);
  /// Items that were looked at or found; counted within a second.
  void note_accesses(std::span<const ItemId> ids) { accesses_.note(ids); }

  /// A cycle as soon as one may be.
  void request_cycle();
  /// Returns when the change under way is done; a cycle that was is left where it is. Counts of accesses are
  /// written. Nothing is consolidated from then on.
  void stop();

  [[nodiscard]] ConsolidatorStatus status() const;

 private:
  using Clock = std::chrono::steady_clock;

  void note_inserts(std::uint64_t n);
  void write_accesses();
  void fail(const char* what);
  void work(const std::stop_token& stop);
  void run_what_is_due(const std::stop_token& stop);
  [[nodiscard]] Load load() const;
  [[nodiscard]] CycleResult run_one(Trigger trigger, const std::stop_token& stop);
  [[nodiscard]] bool passes_epoch(const ConsolidationSignal& signal) const;
  [[nodiscard]] std::uint64_t epoch_of(const ConsolidationSignal& signal) const;
  void enter_epoch(const ConsolidationSignal& signal, std::vector<std::vector<float>>& replays);

  std::shared_ptr<Space> space_;
  ConsolidationParameters parameters_;
  ConsolidationMode mode_;
  AccessCounts accesses_;

  std::string run_;          ///< coupled: whose signals came last
  std::uint64_t epoch_ = 0;  ///< multiples of simulated_every_ms that it has passed

  mutable std::mutex mutex_;  ///< of all below
  std::condition_variable_any is_woken_;
  bool is_commanded_ = false;
  bool is_awake_ = false;
  InsertRate inserts_;
  Clock::time_point last_cycle_;  ///< when it began
  ConsolidatorStatus status_;

  std::jthread thread_;  ///< last: it ends before the rest goes
};

}  // namespace sharpwave::memory
