#include "memory_store/item.hpp"

namespace sharpwave::memory {

Band band_of(double kappa) {
  if (kappa >= .85) return Band::semantic;
  if (kappa >= .4) return Band::transitional;
  return kappa >= .15 ? Band::replayed : Band::episodic;
}

const char* name_of(ItemType type) {
  switch (type) {
    case ItemType::episodic:
      return "episodic";
    case ItemType::semantic:
      return "semantic";
    case ItemType::procedural:
      return "procedural";
  }
  return "";
}

const char* name_of(Band band) {
  switch (band) {
    case Band::episodic:
      return "episodic";
    case Band::replayed:
      return "replayed";
    case Band::transitional:
      return "transitional";
    case Band::semantic:
      return "semantic";
  }
  return "";
}

}  // namespace sharpwave::memory
