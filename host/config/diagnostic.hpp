// What a config fault looks like, and the exception that carries all of them at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace sharpwave {

/// One fault, or one warning, of a config.
struct Diagnostic {
  std::string file;      ///< the config's name, or `--set key=value`
  int line = 0;          ///< from 1; 0 where there is no line (an override, a missing file)
  int column = 0;        ///< from 1, in characters
  std::string key_path;  ///< `populations.E.params.C_m`; may be empty
  std::string read;      ///< what stands there, quoted where it is text; may be empty
  std::string expected;  ///< empty for a warning that only says what was read
  std::string hint;      ///< may be empty
};

/// `file:line:column: key.path: read '...', expected ... (hint)`
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

/// Everything that is wrong with a config; what() has one line for each.
class ConfigError : public Error {
 public:
  explicit ConfigError(std::vector<Diagnostic> diagnostics);
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// `text` in quotes, shortened, with control characters replaced, fit for a message.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// `text`, of which the middle is left out where it is longer than 200 bytes.
[[nodiscard]] std::string shortened(std::string_view text);

/// "did you mean 'x'?" for the candidate that is nearest to `word`, or nothing if none is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// The same as the end of a message about `word`: "; did you mean 'x'?", or nothing.
[[nodiscard]] std::string perhaps(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace sharpwave
