#include "memory_store/item.hpp"

namespace sharpwave::memory {

Band band_of(double kappa) {
  if (kappa >= .85) return Band::semantic;
  if (kappa >= .4) return Band::transitional;
  return kappa >= .15 ? Band::replayed : Band::episodic;
}

}  // namespace sharpwave::memory
