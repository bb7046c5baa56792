// A YAML text as a tree with positions, read under limits: the interpretation of a config starts only after
// the text has proved to be of bounded depth and size, free of recursion and of duplicate keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"

namespace sharpwave::config {

inline constexpr int kDeepestNesting = 64;
/// Nodes of the tree with aliases expanded; some 300 MB.
inline constexpr std::uint64_t kMostNodes = 2'000'000;
inline constexpr std::uint64_t kLargestFileBytes = 64ULL << 20;

/// Where something stands. Source 0 is the config, source k the k-th override.
struct Position {
  std::uint32_t source = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  struct Key {
    std::string text;
    Position position;
  };

  Kind kind = Kind::null;
  bool quoted = false;  ///< a scalar in quotes: text, never a number
  Position position;
  std::string text;
  std::vector<Key> keys;       ///< of a map, as many as `children`
  std::vector<Node> children;  ///< values of a map, items of a sequence

  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
};

/// Reads one YAML document.
/// @param name    how messages call the text.
/// @param source  goes into every position.
/// @param faults  gets duplicate keys and, as the last, the fault that ended the reading.
/// @return the tree, or a null node where it cannot be read; never throws for what the text contains.
[[nodiscard]] Node parse_document(std::string_view text, const std::string& name, std::uint32_t source,
                                  std::vector<Diagnostic>& faults);

/// What stands at a node, for a message: `'abc'`, `nothing`, `a list of 3`, `a map`.
[[nodiscard]] std::string describe_read(const Node& node);

/// The tree in a form in which layout, comments, order of keys and spelling of numbers make no difference;
/// the order below `populations` is kept, since it numbers the neurons.
[[nodiscard]] std::string canonical_text(const Node& root);

}  // namespace sharpwave::config
