// The executor's backend that runs kernels on the host; what cuda/cuda_backend.cuh is for a GPU.
#pragma once

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "tests/simt/simt.hpp"
// After it:
#include "cuda/draw_rows_on.hpp"
#include "cuda/executor_on.hpp"

namespace sharpwave::simt {

/// On the heap, of exactly that size, so that AddressSanitizer sees what reaches beyond.
template <class T>
class HeapBuffer {
 public:
  HeapBuffer() = default;
  explicit HeapBuffer(std::size_t n) : n_(n), data_(n > 0 ? std::make_unique<T[]>(n) : nullptr) {}
  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return n_; }

 private:
  std::size_t n_ = 0;
  std::unique_ptr<T[]> data_;
};

class SimtBackend {
 public:
  static constexpr std::uint32_t kBlockThreads = 64;  // two warps
  static constexpr std::uint32_t kSharesOfARow = 2;
  static constexpr std::uint32_t kPlasticBlocks = 6;
  static constexpr std::uint32_t kOwnerThreads = 64;
  static constexpr std::uint32_t kMostOwners = 7;
  template <class T>
  using Buffer = HeapBuffer<T>;
  using Graph = std::vector<std::function<void()>>;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  template <class T>
  [[nodiscard]] HeapBuffer<T> allocate(std::size_t n) {
    bytes_ += n * sizeof(T);
    return HeapBuffer<T>(n);
  }
  template <class T>
  [[nodiscard]] HeapBuffer<T> upload(std::span<const T> values) {
    HeapBuffer<T> buffer = allocate<T>(values.size());
    std::copy(values.begin(), values.end(), buffer.data());
    return buffer;
  }
  template <class T>
  void write(const HeapBuffer<T>& buffer, std::size_t first, std::span<const T> values) {
    std::copy(values.begin(), values.end(), buffer.data() + first);
  }
  template <class T>
  void clear(const HeapBuffer<T>& buffer, std::size_t first, std::size_t n) {
    std::fill_n(buffer.data() + first, n, T{});
  }
  template <class T>
  void download(std::span<T> values, const HeapBuffer<T>& buffer, std::size_t first) {
    std::copy_n(buffer.data() + first, values.size(), values.begin());
  }
  template <class... Parameters, class... Arguments>
  void launch(const char*, void (*kernel)(Parameters...), device::Grid grid, Arguments... arguments) {
    if (grid.x == 0 || grid.y == 0) return;
    const std::function<void()> run = [=] { kernel(arguments...); };
    const auto whole = [this, grid, run] { team_->launch({grid.x, grid.y, grid.z}, run); };
    if (capturing_ != nullptr)
      capturing_->push_back(whole);
    else
      whole();
  }
  template <class... Parameters>
  void launch_together(const char*, void (*kernel)(Parameters...), std::uint32_t n_blocks,
                       std::size_t shared_bytes, std::type_identity_t<Parameters>... arguments) {
    if (owners_ == nullptr) owners_ = std::make_unique<Team>(kOwnerThreads, kMostOwners);
    owners_->launch_together(n_blocks, shared_bytes, [=] { kernel(arguments...); });
  }
  void count_bits(const std::uint32_t* words, std::uint64_t n, std::uint32_t* first) {
    first[0] = 0;
    for (std::uint64_t i = 0; i < n; ++i)
      first[i + 1] = first[i] + static_cast<std::uint32_t>(std::popcount(words[i]));
  }
  void sum_up(const std::uint32_t* counts, std::uint64_t n, std::uint64_t* first) {
    first[0] = 0;
    for (std::uint64_t i = 0; i < n; ++i) first[i + 1] = first[i] + counts[i];
  }
  void sort_up(const std::uint64_t* keys, std::uint64_t n, std::uint32_t, std::uint64_t* sorted) {
    std::copy_n(keys, n, sorted);
    std::sort(sorted, sorted + n);
  }
  template <class Enqueue>
  [[nodiscard]] Graph capture(Enqueue&& enqueue) {
    Graph graph;
    capturing_ = &graph;
    enqueue();
    capturing_ = nullptr;
    return graph;
  }
  void replay(const Graph& graph) {
    for (const auto& launch : graph) launch();
  }
  void wait() {}

 private:
  std::unique_ptr<Team> team_ = std::make_unique<Team>(kBlockThreads);
  std::unique_ptr<Team> owners_;
  Graph* capturing_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace sharpwave::simt
