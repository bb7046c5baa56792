#include "host/config/expression.hpp"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

#include "host/config/diagnostic.hpp"

namespace sharpwave::config {
namespace {

constexpr std::size_t kLongestExpression = 1000;
constexpr int kDeepestReference = 64;
constexpr std::array kFunctions = {"sqrt", "abs", "min", "max", "round", "floor", "ceil"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

double least(const double* values, int n) {
  return *std::min_element(values, values + n);
}
double greatest(const double* values, int n) {
  return *std::max_element(values, values + n);
}

/// The names in an expression, or the character that has no place in one. muparser itself would also accept
/// comparisons, logic, `?:` and `^`.
struct Scan {
  std::vector<std::string> names;
  std::string fault;
};

Scan scan(std::string_view text) {
  Scan result;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_letter(c)) {
      std::size_t end = i;
      while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
      result.names.emplace_back(text.substr(i, end - i));
      i = end;
    } else if (is_digit(c) || c == '.') {
      double value = 0;
      const auto read = std::from_chars(text.data() + i, text.data() + text.size(), value);
      if (read.ec != std::errc{}) {
        result.fault = "a number at " + in_quotes(text.substr(i, 20));
        return result;
      }
      i = static_cast<std::size_t>(read.ptr - text.data());
    } else if (std::string_view("+-*/(), ").find(c) != std::string_view::npos) {
      ++i;
    } else {
      result.fault = "only names, numbers, + - * / ( ) and functions, not " + in_quotes(std::string(1, c));
      return result;
    }
  }
  return result;
}

mu::Parser arithmetic_parser() {
  mu::Parser parser;
  parser.ClearFun();
  parser.ClearConst();
  // The optimiser reorders sums and products, which rounds differently from what is written.
  parser.EnableOptimizer(false);
  parser.DefineFun("sqrt", static_cast<mu::fun_type1>([](double x) { return std::sqrt(x); }), false);
  parser.DefineFun("abs", static_cast<mu::fun_type1>([](double x) { return std::fabs(x); }), false);
  parser.DefineFun("round", static_cast<mu::fun_type1>([](double x) { return std::round(x); }), false);
  parser.DefineFun("floor", static_cast<mu::fun_type1>([](double x) { return std::floor(x); }), false);
  parser.DefineFun("ceil", static_cast<mu::fun_type1>([](double x) { return std::ceil(x); }), false);
  parser.DefineFun("min", least, false);
  parser.DefineFun("max", greatest, false);
  parser.DefineConst("pi", std::numbers::pi);
  return parser;
}

Evaluated failed(std::string fault, std::string hint = {}) {
  return {std::nullopt, std::move(fault), std::move(hint)};
}

bool is_function(std::string_view name) {
  return std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

}  // namespace

std::optional<std::string_view> expression_in(std::string_view text) {
  if (text.size() < 3 || text.substr(0, 2) != "${" || text.back() != '}') return std::nullopt;
  return text.substr(2, text.size() - 3);
}

std::optional<double> parse_number(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char first = text.empty() ? ' ' : text[text[0] == '-' && text.size() > 1 ? 1 : 0];
  if (!is_digit(first) && first != '.') return std::nullopt;  // from_chars reads `inf` and `nan` too
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool Parameters::is_allowed_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); }) &&
         name != "pi" && !is_function(name);
}

void Parameters::define(const std::string& name, const std::string& text) {
  definitions_[name] = {text, std::nullopt, false};
}

Evaluated Parameters::value(const std::string& name) {
  const auto found = definitions_.find(name);
  if (found == definitions_.end()) {
    return failed("a name from `parameters` at " + in_quotes(name), did_you_mean(name, names()));
  }
  Definition& definition = found->second;
  if (definition.in_progress)
    return failed("parameters without a cycle; " + in_quotes(name) + " needs itself");
  if (definition.result) return *definition.result;
  if (depth_ >= kDeepestReference) {
    return failed("parameters that refer to each other at most " + std::to_string(kDeepestReference) +
                  " deep");
  }
  definition.in_progress = true;
  ++depth_;
  if (const auto expression = expression_in(definition.text)) {
    definition.result = evaluate(*expression);
  } else if (const auto number = parse_number(definition.text)) {
    definition.result = Evaluated{number, {}, {}};
  } else {
    definition.result = failed("a finite number or \"${...}\"");
  }
  --depth_;
  definition.in_progress = false;
  return *definition.result;
}

Evaluated Parameters::evaluate(std::string_view expression) {
  if (expression.size() > kLongestExpression) {
    return failed("an expression of at most " + std::to_string(kLongestExpression) + " characters");
  }
  const Scan scanned = scan(expression);
  if (!scanned.fault.empty()) return failed(scanned.fault);
  std::map<std::string, double> variables;
  for (const std::string& name : scanned.names) {
    if (name == "pi" || is_function(name)) continue;
    const Evaluated referred = value(name);
    if (!referred.value) return referred;
    variables[name] = *referred.value;
  }
  try {
    mu::Parser parser = arithmetic_parser();
    for (auto& [name, variable] : variables) parser.DefineVar(name, &variable);
    parser.SetExpr(std::string(expression));
    int n_results = 0;
    const double* results = parser.Eval(n_results);
    if (n_results != 1) return failed("one value, not several with commas");
    if (!std::isfinite(results[0])) return failed("a finite result");
    return {results[0], {}, {}};
  } catch (const mu::ParserError& error) {
    return failed("arithmetic; muparser: " + error.GetMsg());
  }
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> names;
  for (const auto& definition : definitions_) names.push_back(definition.first);
  return names;
}

}  // namespace sharpwave::config
