// Drawn rows on a backend. Who only looks at them needs no more; who makes them includes draw_rows_on.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/device_model.hpp"
#include "cuda/drawn_rows.hpp"

namespace sharpwave::device {

template <class Backend>
class DrawnRowsOn final : public DrawnRows {
 public:
  explicit DrawnRowsOn(const std::vector<PairsModel>& projections);

  [[nodiscard]] std::vector<std::uint32_t> indegrees(std::size_t projection) override;
  [[nodiscard]] DrawnTotals fill(const NetworkModel& network, std::uint32_t n_sources,
                                 std::span<const ValuesModel> values) override;

  /// Shows what fill() has filled.
  void show(Connections& connections) const {
    connections.segments = begin_.data();
    connections.synapses = synapses_.data();
    connections.wide_cells = wide_cells_.data();
    connections.wide_weights = wide_weights_.data();
  }
  /// Of NetworkModel::pair_bits[k].
  [[nodiscard]] const std::uint64_t* bits(std::size_t k) const {
    static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
    return reinterpret_cast<const std::uint64_t*>(bits_[k].data());
  }
  /// With what has been freed.
  [[nodiscard]] std::uint64_t allocated_bytes() const { return backend_.bytes(); }
  [[nodiscard]] std::uint64_t bytes() const override {
    std::uint64_t n_words = 0;
    for (const auto& bits : bits_) n_words += bits.size();
    return (n_words + begin_.size()) * sizeof(std::uint64_t) + synapses_.size() * sizeof(std::uint32_t) +
           wide_cells_.size() * sizeof(std::uint16_t) + wide_weights_.size() * sizeof(std::int64_t);
  }

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;

  /// A projection, and what its pairs point to.
  struct Projection {
    DrawnPairs pairs;
    Buffer<std::uint32_t> degrees, targets;
    Buffer<std::uint64_t> first;
  };
  /// Two arrays of keys, of one projection after the other.
  struct Keys {
    Buffer<std::uint64_t> drawn, sorted;
  };

  void draw(Projection& projection, Keys& keys);
  void sum_degrees(Projection& projection);
  void list_rows(Projection& projection, std::uint64_t n);
  void draw_by_target(Projection& projection, Keys& keys);
  void draw_by_chance(Projection& projection);
  void size_segments(const NetworkModel& network, const std::vector<SourceClass>& classes,
                     std::span<const ValuesModel> values);
  void fill_segments_of(const NetworkModel& network, const std::vector<SourceClass>& classes,
                        std::span<const ValuesModel> values, DrawnTotals& totals);
  void add_up_degrees(std::span<const ValuesModel> values, DrawnTotals& totals);
  void make_bits(const NetworkModel& network, std::span<ValuesModel> values);

  Backend backend_;
  std::vector<Projection> projections_;
  Buffer<std::uint32_t> counts_;  ///< of segments, while they are filled
  Buffer<std::uint64_t> begin_;
  std::vector<Buffer<unsigned long long>> bits_;
  Buffer<std::uint32_t> synapses_;
  Buffer<std::uint16_t> wide_cells_;
  Buffer<std::int64_t> wide_weights_;
};

}  // namespace sharpwave::device
