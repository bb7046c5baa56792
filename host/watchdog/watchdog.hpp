// Looks at every block of a run, and finds out exactly what went wrong by running it again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "host/base/stopwatch.hpp"
#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/watchdog/finding.hpp"
#include "host/watchdog/frozen_watch.hpp"
#include "host/watchdog/injection.hpp"
#include "host/watchdog/rate_watch.hpp"
#include "host/watchdog/watch_state.hpp"

namespace sharpwave {

/// Stands between a run and its engine. All that it finds depends on the network alone, not on blocks,
/// threads or devices.
///
/// It keeps two states of the last steps in memory, taken so rarely that it costs a four-hundredth of the
/// time. Where a block shows a sign, the engine goes back to one of them and comes again, step by step where
/// it has to.
class Watchdog {
 public:
  using Listener = std::function<void(const Finding&)>;

  /// @param spec    of `engine`; must outlive this.
  /// @param tell    is called for each finding but those to be acted on, which advance() returns.
  Watchdog(Engine& engine, const ModelSpec& spec, const WatchState& start, std::vector<Injection> injections,
           Listener tell);

  /// Simulates up to `n_steps` further steps, fewer where something is found that ends the run or changes the
  /// state, is to be injected, or where it has to look at what learns: `out` says how many; the last of them
  /// is the finding's.
  /// @return a finding to be acted on by the caller: throttle, rollback or halt; the engine is then at its
  /// step.
  [[nodiscard]] std::optional<Finding> advance(std::uint64_t n_steps, Block& out);

  /// Tells the engine what it is to present; told again where the engine comes to that step again.
  void present(const Presented& presented);

  /// Likewise what a memory finds new: see Engine::give_novelty(). The engine is told with the next step, so
  /// that a state of the present one does not have it.
  void give_novelty(std::uint32_t region, double novelty);
  /// Likewise a reward that somebody outside gives: see Engine::give_reward(), whose conditions hold.
  void give_reward(std::uint32_t region, double reward);
  /// Likewise a pattern that it wants replayed.
  void replay(Replay replay);

  /// See Engine::record().
  void record(std::vector<ReportSpec> reports);

  [[nodiscard]] WatchState state() const;

  /// Gives up the states that it keeps: nothing can be run again until there is another.
  void let_go();

  /// That taking these took, since the beginning.
  [[nodiscard]] double snapshots_s() const { return snapshots_s_; }

  /// Is all seen that there is in the engine's state? V beyond its bound is only at every eighth step.
  [[nodiscard]] bool has_seen_all() const;

 private:
  using Snapshot = std::shared_ptr<const EngineState>;
  /// What a memory has answered, or somebody outside given, for the step after.
  struct Answered {
    std::uint64_t step = 0;
    std::uint32_t region = 0;
    double novelty = 0;
    Replay replay;                 ///< or
    std::optional<double> reward;  ///< or none of both, and a novelty
  };
  [[nodiscard]] Snapshot snapshot();
  void take_snapshot();
  void step_on(std::uint64_t n_steps, Block& out);
  void answer(Answered answered);
  void run_to(std::uint64_t step, std::uint64_t at_once);
  void come_again_to(std::uint64_t step);
  [[nodiscard]] std::optional<Finding> look_at_rates(Block& out);
  void look_at_learning(Block& out, std::optional<Finding>& caller);
  void act_on(Finding finding, Block& out, std::optional<Finding>& caller);
  [[nodiscard]] bool is_news(const Block& block) const;
  void set_known(const Finding& finding, bool is_known);
  [[nodiscard]] std::vector<Finding> find_in_values(Block& out);
  [[nodiscard]] bool count(const Finding& finding);
  void tell_beside(Finding finding);
  [[nodiscard]] Finding find_first(const Block& block);
  [[nodiscard]] History history_of(const Finding& finding);
  void clamp(std::uint64_t step);
  [[nodiscard]] bool may_repair();

  Engine& engine_;
  const ModelSpec& spec_;
  RateWatch rates_;
  FrozenWatch frozen_;
  bool watches_values_;
  bool watches_rates_;
  WatchState state_;                   // but its rates and what is frozen
  std::vector<ReportSpec> reports_;    // that are sampled
  std::vector<Injection> injections_;  // ascending by step
  std::vector<Presented> presented_;   // since older_, ascending by step
  std::vector<Answered> answered_;     // likewise
  Listener tell_;
  double bound_mV_;  // infinity's stand-in once a V beyond it is known, and the run goes on with it
  Stopwatch since_snapshot_;
  double snapshot_s_ = 0;   // what the last one took
  double snapshots_s_ = 0;  // all of them
  Snapshot older_;          // at least kHistory before newer_, or where the run began; at first the same
  Snapshot newer_;
  Block scratch_;
};

}  // namespace sharpwave
