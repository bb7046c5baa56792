// The expression evaluator. Input: lines `name=text` that define parameters, then a line to evaluate.
#include <bit>
#include <cmath>

#include "host/config/expression.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace sharpwave::fuzz {
namespace {

using config::Evaluated;
using config::Parameters;

void check(const Evaluated& evaluated, std::string_view text) {
  const bool has_value = evaluated.value.has_value();
  require(has_value == evaluated.fault.empty(), "neither a value nor a fault, or both", std::string(text));
  require(!has_value || std::isfinite(*evaluated.value), "not a finite value", std::string(text));
}

bool same(const Evaluated& a, const Evaluated& b) {
  return a.value && b.value ? std::bit_cast<std::uint64_t>(*a.value) == std::bit_cast<std::uint64_t>(*b.value)
                            : !a.value && !b.value && a.fault == b.fault && a.hint == b.hint;
}

void evaluate(Parameters& parameters, std::string_view text) {
  const Evaluated first = parameters.evaluate(text);
  check(first, text);
  if (first.value) ++verdicts.accepted;
  require(same(first, parameters.evaluate(text)), "another result the second time", std::string(text));
  if (!first.value || text.size() > 900) return;  // parentheses may make it too long
  std::string in_parentheses("(");
  in_parentheses.append(text).append(")");
  require(same(first, parameters.evaluate(in_parentheses)), "parentheses change it", in_parentheses);
  const std::optional<double> number = config::parse_number(text);
  require(!number || same(first, {number, {}, {}}), "a number that means another in an expression",
          std::string(text));
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  std::string_view rest = fuzz::text_of(data, size);
  config::Parameters parameters;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const std::string_view line = rest.substr(0, end);
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string name(line.substr(0, equals));
    if (equals < line.size() && config::Parameters::is_allowed_name(name))
      parameters.define(name, std::string(line.substr(equals + 1)));
    rest.remove_prefix(end + 1);
  }
  for (const std::string& name : parameters.names()) fuzz::check(parameters.value(name), name);
  fuzz::evaluate(parameters, config::expression_in(rest).value_or(rest));
  return 0;
}
