// Who looks at a run while it goes on, and may act on it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/engine/engine.hpp"

namespace sharpwave {

/// Called in the run's thread, between blocks. Looking changes nothing of what is simulated; rewards do, and
/// the run is then another one.
class RunObserver {
 public:
  RunObserver() = default;
  RunObserver(const RunObserver&) = delete;
  RunObserver& operator=(const RunObserver&) = delete;
  virtual ~RunObserver() = default;

  /// To be given with the next step: see Engine::give_reward(), whose conditions hold.
  struct Reward {
    std::uint32_t region = 0;
    double reward = 0;
  };
  struct Wishes {
    /// That are sampled from the next block on, besides the spec's; none: the same as before.
    std::optional<std::vector<ReportSpec>> reports{};
    std::vector<Reward> rewards{};  ///< a run that goes on from a checkpoint of just this step lacks them
  };
  /// A block begins. @param is_new  an engine does, for which no reports were wanted yet.
  [[nodiscard]] virtual Wishes wishes(bool is_new) = 0;
  /// A block has ended. @param samples  of the reports that were wanted for it.
  virtual void look(const Engine& engine, const Block& block,
                    std::span<const Block::ReportSamples> samples) = 0;
};

}  // namespace sharpwave
