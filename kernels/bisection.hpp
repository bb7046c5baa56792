// Where a value falls in an ascending list.
#pragma once

#include "kernels/portability.hpp"

namespace sharpwave {

/// Number of the `n` ascending values that are <= x.
template <class Value, class Size>
SHARPWAVE_HD Size count_up_to(const Value* ascending, Size n, Value x) {
  Size base = 0;
  for (Size remaining = n; remaining > 0;) {
    const Size half = remaining / 2;
    const bool is_counted = ascending[base + half] <= x;
    base = is_counted ? base + half + 1 : base;
    remaining = is_counted ? remaining - half - 1 : half;
  }
  return base;
}

}  // namespace sharpwave
