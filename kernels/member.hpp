// How a back end's loop reaches the variables of a model that it knows only by its lists kState, kParameters.
#pragma once

#include "kernels/portability.hpp"

namespace sharpwave {

/// object.*kMember. As a template constant, member<Model::kState[k]>(s), and not as an expression,
/// s.*Model::kState[k]: with that, g++ 12 does not vectorise the loop around it (10 times slower).
template <auto kMember, class Object>
SHARPWAVE_HD auto& member(Object& object) {
  return object.*kMember;
}

}  // namespace sharpwave
