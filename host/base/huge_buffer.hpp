// Memory for arrays that a step touches everywhere: page-aligned, zeroed, backed by huge pages where the
// system has them (measured: full microcircuit 0.70 -> 0.555 of real time).
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace sharpwave {

/// Reserves `bytes` of zeroed address space; pages are taken when first written.
/// @throws Error(no_room) with the figure.
[[nodiscard]] void* reserve_pages(std::size_t bytes);
void release_pages(void* pointer, std::size_t bytes) noexcept;

/// Owns an array of trivial elements, zero-initialised. Move-only.
template <class T>
class HugeBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  HugeBuffer() = default;
  explicit HugeBuffer(std::size_t size)
      : data_(size > 0 ? static_cast<T*>(reserve_pages(size * sizeof(T))) : nullptr), size_(size) {}
  HugeBuffer(HugeBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  HugeBuffer& operator=(HugeBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  HugeBuffer(const HugeBuffer&) = delete;
  HugeBuffer& operator=(const HugeBuffer&) = delete;
  ~HugeBuffer() {
    if (data_ != nullptr) release_pages(data_, size_ * sizeof(T));
  }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sharpwave
