#include "memory_store/space_status.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "memory_store/codec.hpp"
#include "memory_store/cycle_number.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/take.hpp"

namespace sharpwave::memory {

namespace {

void count_items(const Space& space, SpaceStatus& status) {
  const auto items = space.summaries();
  status.n_items = items.size();
  if (items.empty()) return;
  double sum = 0;
  for (const auto& [id, item] : items) {
    ++status.by_type.at(static_cast<std::size_t>(item.type));
    ++status.by_band.at(static_cast<std::size_t>(band_of(item.kappa)));
    const auto bin = static_cast<std::size_t>(item.kappa * SpaceStatus::kBins);
    ++status.kappa.at(std::min(bin, SpaceStatus::kBins - 1));
    sum += item.kappa;
  }
  const auto n = static_cast<double>(items.size());
  status.mean_kappa = sum / n;
  double squares = 0;
  for (const auto& [id, item] : items) squares += std::pow(item.kappa - status.mean_kappa, 2);
  status.sd_kappa = std::sqrt(squares / n);
}

}  // namespace

SpaceStatus status_of(const Space& space) {
  SpaceStatus status;
  count_items(space, status);
  status.cycle = space.number(kCycleKey);
  status.changes_since_cycle = changes_since_cycle(space);
  status.gated = space.number(kGatedKey);
  const std::string_view phases = kPhasePrefix;
  for (const auto& [key, payload] : space.meta(phases))
    status.phases.emplace(key.substr(phases.size()), decode_phase(key, payload));
  for (const auto& [key, payload] : space.meta(kRejectedPrefix))
    status.rejected.emplace(key.substr(kRejectedPrefix.size()), decode_number(Column::meta, key, payload));
  return status;
}

}  // namespace sharpwave::memory
