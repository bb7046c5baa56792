#include "host/run/run_id.hpp"

#include <fmt/format.h>

#include <random>

namespace sharpwave {

std::string new_run_id() {
  std::random_device system;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", system());
  return id;
}

}  // namespace sharpwave
