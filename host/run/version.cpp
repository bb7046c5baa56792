#include "host/run/version.hpp"

namespace sharpwave {

const char* version() {
  return SHARPWAVE_VERSION;
}

}  // namespace sharpwave
