// What presented items recall of those that a memory has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/json.hpp"
#include "memory_store/signal.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

/// Of a protocol: metadata of what is formed by its presentations.
struct PresentedItem {
  std::uint32_t item = 0;
  std::optional<std::uint32_t> label;
};
[[nodiscard]] std::string metadata_of(const PresentedItem& presented);
/// None where the text is no such metadata.
[[nodiscard]] std::optional<PresentedItem> presented_in(const std::string& metadata);

/// The last presentations of labelled items, and which labelled items of a space are near to them. The plugin
/// does not know where a phase of the protocol begins, so it keeps for each presentation the nearest of what
/// was known at any time before: of the items, by when their windows began, each that is nearer than all
/// before it.
class Recall {
 public:
  static constexpr std::size_t kMostPresentations = 1000;
  static constexpr std::size_t kMostNearer = 20;

  /// Only presentations of labelled items count.
  void note(const ConsolidationSignal& signal);
  /// Looks up those that were noted since. O(presentations * items * dimension).
  void look_up(const Space& space);
  [[nodiscard]] Json json() const;

 private:
  struct Nearer {
    ItemId id;
    std::uint32_t label;
    double begin_ms;
    double cosine;
  };
  struct Presentation {
    std::string run;
    double begin_ms;
    std::uint32_t item;
    std::uint32_t label;
    std::vector<float> embedding;  ///< until it is looked up
    std::vector<Nearer> nearest;
  };
  /// Of an item of the space.
  struct Known {
    std::string run;
    double begin_ms;
    std::optional<std::uint32_t> label;
  };
  void learn_items(const Space& space);

  std::deque<Presentation> presentations_;
  std::map<ItemId, Known> known_;
};

}  // namespace sharpwave::memory
