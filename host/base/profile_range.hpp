// Named stretches of time for Nsight Systems. Without a profiler a range costs about a nanosecond; without
// NVTX, which comes with the CUDA toolkit, nothing.
#pragma once

#if defined(SHARPWAVE_HAS_NVTX)
#include <nvtx3/nvtx3.hpp>
#endif

namespace sharpwave {

#if defined(SHARPWAVE_HAS_NVTX)
namespace detail {
struct ProfileDomain {
  static constexpr const char* name{"sharpwave"};
};
}  // namespace detail

/// From construction to the end of the scope. `name` is a literal.
class ProfileRange {
 public:
  explicit ProfileRange(const char* name) : range_(name) {}

 private:
  nvtx3::scoped_range_in<detail::ProfileDomain> range_;
};
#else
class ProfileRange {
 public:
  explicit ProfileRange(const char*) {}
};
#endif

}  // namespace sharpwave
