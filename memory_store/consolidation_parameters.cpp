#include "memory_store/consolidation_parameters.hpp"

#include <fmt/format.h>

#include <cmath>

#include "memory_store/consolidation_rules.hpp"

namespace sharpwave::memory {

namespace {

/// Comparisons are written so that NaN fails them.
class Faults {
 public:
  void require(bool holds, const char* name, double value, const std::string& expected) {
    if (!holds) lines_.push_back(fmt::format("{}: {}, expected {}", name, value, expected));
  }
  void share(const char* name, double value) { require(value >= 0 && value <= 1, name, value, "0 to 1"); }
  /// κ and weights of edges lie on a grid: what is smaller would vanish.
  void step(const char* name, double value) {
    require(value == 0 || (value >= kGrid && value <= 1), name, value, fmt::format("0, or {} to 1", kGrid));
  }
  void count(const char* name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    if (value < least || value > most)
      lines_.push_back(fmt::format("{}: {}, expected {} to {}", name, value, least, most));
  }
  void positive(const char* name, double value) {
    require(value > 0 && std::isfinite(value), name, value, "a finite number above 0");
  }
  void not_negative(const char* name, double value) {
    require(value >= 0 && std::isfinite(value), name, value, "a finite number of at least 0");
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

void check_take(const TakeParameters& p, Faults& faults) {
  faults.require(p.similarity > -1 && p.similarity <= 1, "take.similarity", p.similarity,
                 "above -1, up to 1");
  const auto floor = [&](const char* name, double value) {
    faults.require(!std::isnan(value), name, value, "a number");
  };
  floor("take.gate_floor.dopamine", p.gate_floor.dopamine);
  floor("take.gate_floor.serotonin", p.gate_floor.serotonin);
  floor("take.gate_floor.noradrenaline", p.gate_floor.noradrenaline);
  floor("take.gate_floor.acetylcholine", p.gate_floor.acetylcholine);
  faults.share("take.importance", p.importance);
  faults.share("take.surprise_gain", p.surprise_gain);
  faults.share("take.dopamine_gain", p.dopamine_gain);
  faults.share("take.change_gain", p.change_gain);
  const double sum = p.surprise_gain + p.dopamine_gain + p.change_gain;
  faults.require(sum <= 1 + kGrid, "take.surprise_gain + dopamine_gain + change_gain", sum, "at most 1");
  faults.require(std::isfinite(p.dopamine_neutral), "take.dopamine_neutral", p.dopamine_neutral,
                 "a finite number");
  faults.positive("take.dopamine_half", p.dopamine_half);
  faults.positive("take.change_half", p.change_half);
  faults.step("take.replay_kappa", p.replay_kappa);
}

void check_phases(const ConsolidationParameters& p, Faults& faults) {
  faults.share("nrem.most_kappa", p.nrem.most_kappa);
  faults.share("nrem.least_importance", p.nrem.least_importance);
  faults.count("nrem.most_items", p.nrem.most_items, 1, 1'000'000);
  faults.count("nrem.passes", p.nrem.passes, 1, 1000);
  faults.step("nrem.kappa", p.nrem.kappa);
  faults.count("nrem.together", p.nrem.together, 1, kMostTogether);
  faults.share("nrem.edge_start", p.nrem.edge_start);
  faults.step("nrem.edge", p.nrem.edge);
  faults.share("reinjection.least_kappa", p.reinjection.least_kappa);
  faults.share("reinjection.below_kappa", p.reinjection.below_kappa);
  faults.count("reinjection.most_items", p.reinjection.most_items, 0, kMostReinjected);
  faults.step("reinjection.kappa", p.reinjection.kappa);
  faults.share("rem.least_kappa", p.rem.least_kappa);
  faults.share("rem.most_kappa", p.rem.most_kappa);
  faults.require(p.rem.least_kappa <= p.rem.most_kappa, "rem.least_kappa", p.rem.least_kappa,
                 "at most rem.most_kappa");
  faults.require(p.rem.similarity > 0 && p.rem.similarity <= 1, "rem.similarity", p.rem.similarity,
                 "above 0, up to 1");
  faults.count("rem.least_members", p.rem.least_members, 2, kMostMembers);
  faults.count("rem.most_members", p.rem.most_members, 2, kMostMembers);
  faults.require(p.rem.least_members <= p.rem.most_members, "rem.least_members",
                 static_cast<double>(p.rem.least_members), "at most rem.most_members");
  faults.count("rem.most_leaders", p.rem.most_leaders, 1, 1'000'000);
  faults.share("rem.kappa", p.rem.kappa);
  faults.share("rem.edge", p.rem.edge);
  faults.step("rem.more_kappa", p.rem.more_kappa);
  faults.share("prune.most_kappa", p.prune.most_kappa);
  faults.share("prune.below_importance", p.prune.below_importance);
}

/// How NREM hands an item on: it must be able to leave NREM's reach, and to be in that of reinjection then.
void check_that_nothing_stalls(const ConsolidationParameters& p, Faults& faults) {
  faults.require(p.reinjection.least_kappa <= p.nrem.most_kappa, "reinjection.least_kappa",
                 p.reinjection.least_kappa, "at most nrem.most_kappa, or items stall between them");
  faults.require(p.reinjection.below_kappa >= p.reinjection.least_kappa, "reinjection.below_kappa",
                 p.reinjection.below_kappa, "at least reinjection.least_kappa");
}

void check_cycle(const CycleParameters& p, Faults& faults) {
  faults.count("cycle.rounds", p.rounds, 1, 1000);
  faults.count("cycle.half_life", p.half_life, 1, 1'000'000);
  faults.not_negative("cycle.apart_s", p.apart_s);
  faults.positive("cycle.every_s", p.every_s);
  faults.share("cycle.write_buffer", p.write_buffer);
  faults.not_negative("cycle.inserts_per_minute", p.inserts_per_minute);
  faults.require(p.simulated_every_ms >= 1 && std::isfinite(p.simulated_every_ms), "cycle.simulated_every_ms",
                 p.simulated_every_ms, "a finite number of at least 1");
}

}  // namespace

std::vector<std::string> check(const ConsolidationParameters& parameters) {
  Faults faults;
  check_take(parameters.take, faults);
  check_phases(parameters, faults);
  check_that_nothing_stalls(parameters, faults);
  check_cycle(parameters.cycle, faults);
  return faults.take();
}

}  // namespace sharpwave::memory
