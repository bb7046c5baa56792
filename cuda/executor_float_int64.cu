// The executor for one arithmetic: a file each, so that they compile side by side.
#include "cuda/cuda_backend.cuh"

namespace sharpwave::device {

template class ExecutorOn<CudaBackend, float, std::int64_t>;

}  // namespace sharpwave::device
