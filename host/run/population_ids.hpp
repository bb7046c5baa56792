// Which population a global id belongs to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// The populations that have global ids (those that are not virtual), in their order. "Rank" is the position
/// among them.
class PopulationIds {
 public:
  explicit PopulationIds(const ModelSpec& spec) {
    for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
      if (spec.populations[i].is_virtual()) continue;
      in_spec_.push_back(i);
      first_.push_back(first_.back() + spec.populations[i].size);
    }
  }

  [[nodiscard]] std::size_t count() const { return in_spec_.size(); }
  [[nodiscard]] std::uint32_t index_in_spec(std::size_t rank) const { return in_spec_[rank]; }
  [[nodiscard]] std::uint64_t first_id(std::size_t rank) const { return first_[rank]; }
  [[nodiscard]] std::uint64_t size(std::size_t rank) const { return first_[rank + 1] - first_[rank]; }
  [[nodiscard]] std::uint64_t n_ids() const { return first_.back(); }

  /// Calls visit(rank, ids of that population) for each population that occurs in `ids`, which ascend.
  template <class Visit>
  void split(std::span<const std::uint32_t> ids, Visit visit) const {
    while (!ids.empty()) {
      const auto above = std::upper_bound(first_.begin(), first_.end(), std::uint64_t{ids.front()});
      const auto end = std::lower_bound(ids.begin(), ids.end(), *above);
      const auto n = static_cast<std::size_t>(end - ids.begin());
      visit(static_cast<std::size_t>(above - first_.begin()) - 1, ids.first(n));
      ids = ids.subspan(n);
    }
  }

 private:
  std::vector<std::uint32_t> in_spec_;
  std::vector<std::uint64_t> first_{0};  // one entry more than populations
};

}  // namespace sharpwave
