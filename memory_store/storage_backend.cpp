#include "memory_store/storage_backend.hpp"

#include <array>

namespace sharpwave::memory {

const char* name_of(Column column) {
  static constexpr std::array kNames{"items", "vectors", "edges", "signals", "meta"};
  return kNames.at(static_cast<std::size_t>(column));
}

}  // namespace sharpwave::memory
