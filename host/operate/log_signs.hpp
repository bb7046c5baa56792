// What a message is a sign of: by its words, which docs/formats/log_analysis_json.md lists.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/operate/log_line.hpp"

namespace sharpwave::operate {

/// The families of errors (docs/formats/http.md).
inline constexpr std::array<const char*, 7> kFamilies{"access", "range",         "persistence", "space",
                                                      "index",  "consolidation", "resource"};

enum class SignKind { performance, recovery, critical };

/// Something that is looked for in messages.
struct Sign {
  SignKind kind;
  const char* name;
  Level least;  ///< of lines below this level the sign is none
  /// Alternatives; of each, all words that have "&" between them. A word stands alone, or, where it ends in
  /// '*', begins one; in small letters.
  std::vector<const char*> phrases;
};
/// In the order in which they are told.
[[nodiscard]] const std::vector<Sign>& log_signs();

/// The family of an error: what the line says, else what its words say. @return index into kFamilies; none of
/// a line below a warning, and where nothing fits.
struct FamilyOfLine {
  std::size_t family;
  bool is_said;  ///< by the line
};
[[nodiscard]] std::optional<FamilyOfLine> family_of(const LogLine& line);

/// Indices into log_signs() of those that the first 8 KiB of a message show.
[[nodiscard]] std::vector<std::size_t> signs_of(const LogLine& line);

/// Whether a text has what a phrase of a Sign asks for. @param small  in small letters (ASCII).
[[nodiscard]] bool has_phrase(std::string_view small, std::string_view phrase);
/// ASCII letters made small; others stay.
[[nodiscard]] std::string in_small_letters(std::string_view text);

}  // namespace sharpwave::operate
