#include "memory_store/vector_table.hpp"

#include <algorithm>

#include "host/base/error.hpp"
#include "kernels/dot_product.hpp"

namespace sharpwave::memory {

namespace {

/// The k that come first, as a heap whose top is the last of them.
class Nearest {
 public:
  explicit Nearest(std::size_t k) : k_(k) {}
  void offer(const Neighbour& neighbour) {
    if (k_ == 0) return;
    if (heap_.size() == k_) {
      if (!(neighbour < heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back(neighbour);
    std::push_heap(heap_.begin(), heap_.end());
  }
  [[nodiscard]] std::vector<Neighbour> take() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<Neighbour> heap_;
};

}  // namespace

void VectorTable::insert(ItemId id, std::span<const float> vector) {
  SHARPWAVE_ASSERT(vector.size() == dimension_);
  const bool is_new = rows_.emplace(id, ids_.size()).second;
  SHARPWAVE_ASSERT(is_new);
  ids_.push_back(id);
  values_.insert(values_.end(), vector.begin(), vector.end());
}

void VectorTable::erase(ItemId id) {
  const auto at = rows_.find(id);
  if (at == rows_.end()) return;
  const std::size_t row = at->second;
  rows_.erase(at);
  const std::size_t last = ids_.size() - 1;
  if (row != last) {
    ids_[row] = ids_[last];
    std::copy_n(values_.data() + last * dimension_, dimension_, values_.data() + row * dimension_);
    rows_[ids_[row]] = row;
  }
  ids_.pop_back();
  values_.resize(last * dimension_);
}

std::span<const float> VectorTable::find(ItemId id) const {
  const auto at = rows_.find(id);
  return at == rows_.end() ? std::span<const float>() : row(at->second);
}

std::vector<Neighbour> VectorTable::nearest(std::span<const float> query, std::size_t k,
                                            const IsMeant& is_meant) const {
  Nearest nearest(k);
  for (std::size_t i = 0; i < ids_.size(); ++i)
    if (!is_meant || is_meant(ids_[i]))
      nearest.offer({ids_[i], dot_product(query.data(), row(i).data(), dimension_)});
  return nearest.take();
}

ItemId VectorTable::identical(std::span<const float> vector, const IsMeant& is_meant) const {
  ItemId found = kNoItem;
  for (std::size_t i = 0; i < ids_.size(); ++i)
    if (std::ranges::equal(row(i), vector) && (!is_meant || is_meant(ids_[i])) &&
        (found == kNoItem || ids_[i] < found))
      found = ids_[i];
  return found;
}

}  // namespace sharpwave::memory
