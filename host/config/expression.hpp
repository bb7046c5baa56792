// Arithmetic in config values: `${8 * K_ext}`. Numbers, the names of the `parameters:` block, `pi`,
// + - * / ( ), sqrt, abs, min, max, round, floor, ceil.
//
// Nothing that calls the C library's exp, log or pow: their last bit differs between processors, and a
// config must mean the same network everywhere. That is why there is no power operator either.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sharpwave::config {

/// The inside of `${...}` where `text` is such an expression as a whole.
[[nodiscard]] std::optional<std::string_view> expression_in(std::string_view text);

/// A finite number as YAML writes it, with nothing around it; no value for anything else.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// Either a value or why there is none.
struct Evaluated {
  std::optional<double> value;
  std::string fault;  ///< reads on after "expected "; empty where there is a value
  std::string hint;
};

/// The `parameters:` block, evaluated on demand.
class Parameters {
 public:
  /// @param text  a number or `${...}`. A later definition of the same name replaces the earlier one.
  void define(const std::string& name, const std::string& text);

  /// Value of one parameter; follows references, finds cycles.
  [[nodiscard]] Evaluated value(const std::string& name);
  /// Value of an expression, without `${` and `}`.
  [[nodiscard]] Evaluated evaluate(std::string_view expression);
  [[nodiscard]] std::vector<std::string> names() const;

  /// Whether a parameter may be called so.
  [[nodiscard]] static bool is_allowed_name(std::string_view name);

 private:
  struct Definition {
    std::string text;
    std::optional<Evaluated> result;
    bool in_progress = false;
  };
  std::map<std::string, Definition> definitions_;
  int depth_ = 0;
};

}  // namespace sharpwave::config
