// The list of a model's variables or parameters, for loops that know a model only by its lists.
#pragma once

#include <cstddef>

namespace sharpwave {

/// Pointers to members. operator[] returns by value, unlike std::array's: only then does g++ 12 see a
/// constant in `object.*kList[k]` early enough to vectorise the loop around it (10 times slower otherwise).
template <class Member, std::size_t kSize>
struct MemberList {
  Member members[kSize];

  constexpr Member operator[](std::size_t k) const { return members[k]; }
  static constexpr std::size_t size() { return kSize; }
};

template <class Member, class... Members>
MemberList(Member, Members...) -> MemberList<Member, 1 + sizeof...(Members)>;

}  // namespace sharpwave
