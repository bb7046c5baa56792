#include "host/config/diagnostic.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sharpwave {
namespace {

std::string joined(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_string(diagnostic);
  }
  return text;
}

/// Levenshtein distance, letters compared without case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.line > 0) {
    text += ':' + std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column);
  }
  if (!diagnostic.key_path.empty()) text += ": " + shortened(diagnostic.key_path);
  text += ": ";
  if (!diagnostic.read.empty()) text += "read " + diagnostic.read;
  if (!diagnostic.read.empty() && !diagnostic.expected.empty()) text += ", ";
  if (!diagnostic.expected.empty()) text += "expected " + diagnostic.expected;
  if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
  return text;
}

ConfigError::ConfigError(std::vector<Diagnostic> diagnostics)
    : Error(ExitCode::invalid_config, joined(diagnostics)), diagnostics_(std::move(diagnostics)) {}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string shown = "'";
  for (const char c : text.substr(0, kLongest)) {
    shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  // A cut must not leave half of a multi-byte character behind.
  if (text.size() > kLongest) {
    while (shown.size() > 1 && (static_cast<unsigned char>(shown.back()) & 0x80) != 0) shown.pop_back();
    shown += "...";
  }
  return shown + "'";
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (text.size() <= kLongest) return std::string(text);
  const auto inside_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  std::size_t end = kLongest / 2;
  while (end > 0 && inside_character(end)) --end;
  std::size_t begin = text.size() - kLongest / 2;
  while (begin < text.size() && inside_character(begin)) ++begin;
  return std::string(text.substr(0, end)) + "..." + std::string(text.substr(begin));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > 40) return {};
  // One slip in a short word, more in a longer one; in a single letter nothing but its case.
  const std::size_t furthest = word.size() == 2 ? 1 : (word.size() + 1) / 3;
  std::string best;
  std::size_t best_distance = furthest + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + furthest || word.size() > candidate.size() + furthest) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : "did you mean '" + best + "'?";
}

std::string perhaps(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string hint = did_you_mean(word, candidates);
  return hint.empty() ? hint : "; " + hint;
}

}  // namespace sharpwave
