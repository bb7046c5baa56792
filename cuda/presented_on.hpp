// What a protocol presents to an instance on a device: tables of rates and lists of spikes, which are put
// there anew whenever it changes.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "cuda/network_on.hpp"

namespace sharpwave::device {

template <class Backend>
class PresentedOn {
 public:
  PresentedOn() = default;
  PresentedOn(Backend& backend, const std::vector<PopulationShape>& populations, const InstanceModel& model);

  [[nodiscard]] FileSpikes put_spikes(Backend& backend, const std::vector<FileSpike>& spikes) {
    put(backend, spikes_, spikes);
    return {spikes_.data(), spikes.size()};
  }
  /// Of `rates.population`, which is one.
  [[nodiscard]] PresentedRates put_rates(Backend& backend, const RatesInForce& rates);

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  struct Tables {
    Buffer<std::uint32_t> table;
    Buffer<std::uint64_t> table_begin;
    Buffer<std::uint32_t> thresholds;
  };

  template <class T>
  static void put(Backend& backend, Buffer<T>& buffer, const std::vector<T>& values) {
    if (buffer.size() < values.size()) buffer = backend.template allocate<T>(values.size());
    backend.write(buffer, 0, std::span<const T>(values));
  }

  std::vector<Tables> tables_;  ///< by population
  Buffer<FileSpike> spikes_;
};

template <class Backend>
PresentedOn<Backend>::PresentedOn(Backend& backend, const std::vector<PopulationShape>& populations,
                                  const InstanceModel& model)
    : tables_(populations.size()),
      spikes_(backend.template allocate<FileSpike>(model.most_presented_spikes)) {
  for (std::size_t i = 0; i < populations.size(); ++i) {
    const PopulationModel& p = model.populations[i];
    if (p.most_presented_tables == 0) continue;
    tables_[i] = {.table = backend.template allocate<std::uint32_t>(populations[i].size),
                  .table_begin = backend.template allocate<std::uint64_t>(p.most_presented_tables + 1),
                  .thresholds = backend.template allocate<std::uint32_t>(p.most_presented_thresholds)};
  }
}

template <class Backend>
PresentedRates PresentedOn<Backend>::put_rates(Backend& backend, const RatesInForce& rates) {
  Tables& tables = tables_[rates.population];
  put(backend, tables.table, rates.table);
  put(backend, tables.table_begin, rates.table_begin);
  put(backend, tables.thresholds, rates.thresholds);
  return {tables.table.data(), tables.table_begin.data(), tables.thresholds.data()};
}

}  // namespace sharpwave::device
