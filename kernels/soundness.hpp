// Whether the state of a neuron is one that its model can have: what the watchdog looks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "kernels/portability.hpp"

namespace sharpwave {

/// An integer that grows with the magnitude of a number, and is larger yet for infinity and NaN: vectors of
/// it need no masks.
template <class Real>
using Magnitude = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;

template <class Real>
SHARPWAVE_HD constexpr Magnitude<Real> magnitude(Real x) {
  return __builtin_bit_cast(Magnitude<Real>, x) & std::numeric_limits<Magnitude<Real>>::max();
}
template <class Real>
inline constexpr Magnitude<Real> kLargestFinite = magnitude(std::numeric_limits<Real>::max());

/// Steps from one look at how far V is to the next. A variable that is not finite stays so: for those it is
/// enough to look at the end of a block.
inline constexpr std::uint64_t kBoundInterval = 8;

/// Is every variable finite, and V at most `bound` away from 0?
template <class Model, class Real, std::size_t... kOthers>
SHARPWAVE_HD bool is_sound(const typename Model::State& s, Magnitude<Real> bound,
                           std::index_sequence<kOthers...>) {
  return magnitude(s.*Model::kState[0]) <= bound &&
         (true && ... && (magnitude(s.*Model::kState[kOthers + 1]) <= kLargestFinite<Real>));
}
template <class Model, class Real>
SHARPWAVE_HD bool is_sound(const typename Model::State& s, Magnitude<Real> bound) {
  return is_sound<Model, Real>(s, bound, std::make_index_sequence<Model::kState.size() - 1>{});
}

}  // namespace sharpwave
