// Reading JSON that may hold anything: every message names the file, the place in it, and what was expected.
#pragma once

#include <cstdint>
#include <string>

#include "host/base/json.hpp"

namespace sharpwave {

/// @param where  the file's name, for messages.
/// @throws Error(damaged_data) for what is no JSON, is nested more than 32 deep, or has objects of more than
/// 1,000 keys: writing JSON recurses, and finding a key goes through all those of its object.
[[nodiscard]] Json parse_json(const std::string& text, const std::string& where);

/// As it stands in a message: 60 characters of it at most.
[[nodiscard]] std::string shown(const Json& value);

/// A value in a file and where it stands. What reads it throws Error(damaged_data) where something else is
/// there.
struct JsonPlace {
  const Json& value;
  std::string file;
  std::string path{};  ///< "populations[1].size"; empty for the whole

  /// "run.json: populations[1].size"
  [[nodiscard]] std::string where() const { return path.empty() ? file : file + ": " + path; }
  [[noreturn]] void fail(const std::string& expected) const;
  [[nodiscard]] JsonPlace operator[](const std::string& key) const;
  [[nodiscard]] JsonPlace operator[](std::size_t index) const;
  /// Of an array.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::uint64_t unsigned_up_to(std::uint64_t most) const;
  [[nodiscard]] double number() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;
};

}  // namespace sharpwave
