#include "memory_store/take.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/error.hpp"
#include "memory_store/consolidation_rules.hpp"
#include "memory_store/cycle_number.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostSignalsInAChange = 256;

/// Numbers first, in the order of signal.hpp, then the embedding.
std::string bytes_of(const ConsolidationSignal& signal) {
  const Provenance& p = signal.provenance;
  const WindowStatistics& s = signal.statistics;
  const Modulators& m = signal.modulators;
  const std::array numbers{p.begin_ms,  p.end_ms,         s.n_spikes,      s.mean_rate_Hz,
                           s.synchrony, s.burst_strength, s.weight_change, s.eligibility,
                           m.dopamine,  m.serotonin,      m.noradrenaline, m.acetylcholine};
  std::string bytes(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  const std::size_t n_values = std::min(signal.embedding.size(), kMostQuarantinedBytes / sizeof(float));
  bytes += memory::bytes_of(std::span(signal.embedding).first(n_values));
  return bytes;
}

std::string whence(const Provenance& p) {
  const auto cut = [](const std::string& name) { return std::string_view(name).substr(0, kMostNameBytes); };
  return fmt::format("signal {} of population '{}', instance {}, branch {}, run '{}'", p.signal,
                     cut(p.population), p.instance, p.branch, cut(p.run));
}

/// Decides one signal after the other within a change.
class Decision {
 public:
  Decision(Transaction& change, const TakeParameters& parameters)
      : change_(change), parameters_(parameters), cycle_(cycle_number(change)) {}

  Taken take(const ConsolidationSignal& signal) {
    if (auto fault = find_fault(signal.provenance)) return reject(signal, std::move(*fault));
    if (change_.watermark(signal.provenance) >= signal.provenance.signal) return {};
    change_.set_watermark(signal.provenance);
    if (auto fault = find_fault(signal)) return reject(signal, std::move(*fault));
    std::vector<float> unit;
    if (auto fault = find_fault(signal.embedding, change_.dimension(), unit))
      return reject(signal, std::move(*fault));
    const Neighbour nearest = change_.nearest(unit);
    const double similarity = static_cast<double>(nearest.similarity);
    const double novelty = nearest.id == kNoItem ? 1 : std::clamp(1 - similarity, 0.0, 2.0);
    if (!is_gate_open(signal.modulators, parameters_.gate_floor)) {
      change_.set_number(kGatedKey, change_.number(kGatedKey) + 1);
      return {.outcome = Outcome::gated, .item = kNoItem, .novelty = novelty, .refusal = {}};
    }
    if (nearest.id != kNoItem && similarity >= parameters_.similarity) {
      replay(nearest.id, signal, novelty);
      return {.outcome = Outcome::replayed, .item = nearest.id, .novelty = novelty, .refusal = {}};
    }
    const ItemId id = form(signal, unit, novelty);
    return {.outcome = Outcome::formed, .item = id, .novelty = novelty, .refusal = {}};
  }

 private:
  ItemId form(const ConsolidationSignal& signal, std::span<const float> unit, double novelty) {
    Item item;
    item.importance =
        importance_after(parameters_.importance, novelty, signal.modulators, signal.statistics, parameters_);
    item.event_ms = signal.provenance.end_ms;
    item.recorded_us = now_us();
    item.last_used_cycle = cycle_;
    item.statistics = signal.statistics;
    item.modulators = signal.modulators;
    item.provenance = signal.provenance;
    item.metadata = signal.metadata;
    return change_.insert(std::move(item), unit);
  }

  void replay(ItemId id, const ConsolidationSignal& signal, double novelty) {
    std::optional<Item> item = change_.find(id);
    SHARPWAVE_ASSERT(item.has_value());
    item->kappa = raised(item->kappa, parameters_.replay_kappa);
    item->importance =
        importance_after(item->importance, novelty, signal.modulators, signal.statistics, parameters_);
    ++item->replays;
    item->last_used_cycle = cycle_;
    change_.update(std::move(*item));
  }

  Taken reject(const ConsolidationSignal& signal, Refusal refusal) {
    put_into_quarantine(change_, refusal, whence(signal.provenance), bytes_of(signal));
    return {.outcome = Outcome::rejected, .item = kNoItem, .novelty = 0, .refusal = std::move(refusal)};
  }

  Transaction& change_;
  const TakeParameters& parameters_;
  std::uint64_t cycle_;
};

}  // namespace

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::formed:
      return "formed";
    case Outcome::replayed:
      return "replayed";
    case Outcome::gated:
      return "gated";
    case Outcome::known:
      return "known";
    case Outcome::rejected:
      return "rejected";
  }
  return "";
}

std::vector<Taken> take(Space& space, const TakeParameters& parameters,
                        std::span<const ConsolidationSignal> signals) {
  std::vector<Taken> all;
  all.reserve(signals.size());
  for (std::size_t first = 0; first < signals.size(); first += kMostSignalsInAChange) {
    const auto chunk = signals.subspan(first, std::min(kMostSignalsInAChange, signals.size() - first));
    space.commit([&](Transaction& change) {
      Decision decision(change, parameters);
      for (const ConsolidationSignal& signal : chunk) all.push_back(decision.take(signal));
    });
  }
  return all;
}

}  // namespace sharpwave::memory
