#include "cuda/cuda_backend.cuh"
#include "cuda/draw_rows_on.hpp"

namespace sharpwave::device {

std::shared_ptr<DrawnRows> draw_rows(const std::vector<PairsModel>& projections) {
  return draw_rows_on<CudaBackend>(projections);
}

}  // namespace sharpwave::device
