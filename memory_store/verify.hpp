// Reads all of a space that is open, and says what is not as it was written.
#pragma once

#include <vector>

#include "memory_store/contents.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

struct SpaceCheck {
  Contents contents;           ///< what is whole
  std::vector<Damage> damage;  ///< the first hundred
};

/// Each value against its checksum and its layout, and each edge against the items that it joins. Others may
/// change the space meanwhile: an edge whose item has just gone is looked at again. The space is read-only
/// from then on where something is damaged.
/// @throws Error(io). O(items + edges).
[[nodiscard]] SpaceCheck verify(const Space& space);

}  // namespace sharpwave::memory
