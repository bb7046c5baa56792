// What stands for the executor in a build without CUDA.
#include "cuda/executor.hpp"

namespace sharpwave::device {

const bool kHasCuda = false;

DeviceInfo find_device() {
  return {.reason = "this build has no CUDA executor"};
}

std::unique_ptr<Executor> make_executor(const NetworkModel&, std::uint32_t) {
  throw RuntimeError(find_device().reason, false);
}

std::shared_ptr<DrawnRows> draw_rows(const std::vector<PairsModel>&) {
  throw RuntimeError(find_device().reason, false);
}

}  // namespace sharpwave::device
