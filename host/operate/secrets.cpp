#include "host/operate/secrets.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sharpwave::operate {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
/// RSA of 16,384 bits, the largest that OpenSSL makes, has 13 kB.
constexpr std::size_t kLargestKey = 16 << 10;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Whether the text has `word`, in small letters, at `at`.
bool stands_at(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char w, char c) { return w == lower(c); });
}

bool contains(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at)
    if (stands_at(text, at, word)) return true;
  return false;
}

/// The length of a line "-----BEGIN EC PRIVATE KEY-----" at the front of the text, 0 where it is none.
std::size_t private_key_line(std::string_view text, std::string_view front) {
  if (!text.starts_with(front)) return 0;
  constexpr std::size_t kLongestLabel = 64;
  const std::size_t end = text.substr(0, kLongestLabel + front.size()).find("-----", front.size());
  if (end == std::string_view::npos) return 0;
  const std::string_view label = text.substr(front.size(), end - front.size());
  return label.find("PRIVATE KEY") == std::string_view::npos ? 0 : end + 5;
}

/// Without private keys in PEM.
std::string without_private_keys(std::string_view text) {
  std::string kept;
  std::size_t inside_since = std::string::npos;  // in `kept`
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find("-----", at), text.size());
    kept += text.substr(at, next - at);
    at = next;
    if (at == text.size()) break;
    const std::string_view rest = text.substr(at);
    if (const std::size_t n = private_key_line(rest, kBegin); n > 0) {
      if (inside_since == std::string::npos) inside_since = kept.size();
      at += n;
    } else if (const std::size_t m = private_key_line(rest, kEnd); m > 0) {
      // The beginning may have been cut off with what stood before.
      const std::size_t least = kept.size() > kLargestKey ? kept.size() - kLargestKey : 0;
      const std::size_t masked = kept.rfind(kMasked);
      const std::size_t behind_last = masked == std::string::npos ? 0 : masked + kMasked.size();
      kept.resize(inside_since != std::string::npos ? inside_since : std::max(least, behind_last));
      kept += kMasked;
      inside_since = std::string::npos;
      at += m;
    } else {
      kept += "-----";
      at += 5;
    }
  }
  if (inside_since != std::string::npos) {  // the end is not there: a key at most, then other text
    const std::size_t end = std::min(kept.size(), inside_since + kLargestKey);
    kept.replace(inside_since, end - inside_since, kMasked);
  }
  return kept;
}

constexpr std::array<std::string_view, 9> kSecretWords{"token",      "password",   "passwd",
                                                       "passphrase", "secret",     "credential",
                                                       "api_key",    "access_key", "private_key"};
constexpr std::array<std::string_view, 3> kDashedWords{"api-key", "access-key", "private-key"};

bool names_a_secret(std::string_view word) {
  const auto is_in = [&](std::string_view part) { return contains(word, part); };
  return std::any_of(kSecretWords.begin(), kSecretWords.end(), is_in) ||
         std::any_of(kDashedWords.begin(), kDashedWords.end(), is_in) || contains(word, "apikey");
}

/// A quote, and the backslashes before it: in JSON within JSON it has some.
struct Quote {
  std::size_t n_backslashes = 0;
  char mark = '"';
};

/// Takes a quote from where `at` is.
std::optional<Quote> take_quote(std::string_view text, std::size_t& at) {
  std::size_t stop = at;
  while (stop < text.size() && text[stop] == '\\') ++stop;
  if (stop == text.size() || (text[stop] != '"' && text[stop] != '\'')) return std::nullopt;
  const Quote quote{stop - at, text[stop]};
  at = stop + 1;
  return quote;
}

/// Where what began behind the quote ends: at the same quote. One that nobody closes takes not all that
/// follows.
std::size_t end_of_quoted(std::string_view text, std::size_t at, const Quote& quote) {
  const std::size_t end = std::min(text.size(), at + kLargestKey);
  std::size_t n_backslashes = 0;
  for (; at < end; ++at) {
    if (text[at] == quote.mark && n_backslashes <= quote.n_backslashes) return at - n_backslashes;
    n_backslashes = text[at] == '\\' ? n_backslashes + 1 : 0;
  }
  return end;
}

std::size_t end_of_bare(std::string_view text, std::size_t at) {
  constexpr std::string_view kStops = " \t\r\n,;&\"'`)}]<>\\";
  return std::min(text.find_first_of(kStops, at), text.size());
}

/// From where a value may begin, to its end; `at` becomes its beginning.
std::size_t end_of_value(std::string_view text, std::size_t& at) {
  if (const std::optional<Quote> quote = take_quote(text, at)) return end_of_quoted(text, at, *quote);
  return end_of_bare(text, at);
}

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
}

/// What stands behind the word that ends at `at` and names a secret: beginning and end; none where it has no
/// value.
std::optional<std::pair<std::size_t, std::size_t>> value_behind(std::string_view text, std::size_t at,
                                                                bool is_option, bool is_header) {
  std::size_t here = at;
  static_cast<void>(take_quote(text, here));  // that of the name
  skip_blanks(text, here);
  const bool has_sign = here < text.size() && (text[here] == '=' || text[here] == ':');
  if (has_sign) {
    ++here;
    // `key:` at the end of a line may have its value below, in YAML's blocks; that of a header has none
    // there.
    skip_blanks(text, here);
  } else {
    // "--admin-token X", and as an element of a list.
    while (here < text.size() && (is_space(text[here]) || text[here] == ',')) ++here;
    if (!is_option || here == at) return std::nullopt;
  }
  if (is_header && here < text.size() && text[here] != '"' && text[here] != '\'' && text[here] != '\\')
    return std::pair{here, std::min(text.find_first_of("\r\n\"'\\", here), text.size())};
  const std::size_t end = end_of_value(text, here);
  return end > here ? std::optional(std::pair{here, end}) : std::nullopt;
}

/// `//user:password@` at `at`, which is behind the "//": where the password begins and ends.
std::optional<std::pair<std::size_t, std::size_t>> password_of_url(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 1024;
  const std::string_view rest = text.substr(at, kLongest);
  const std::size_t end = std::min(rest.find_first_of("/ \t\r\n\"'<>\\"), rest.size());
  const std::size_t sign = rest.substr(0, end).rfind('@');
  const std::size_t colon = rest.find(':');
  if (sign == std::string_view::npos || colon == std::string_view::npos || colon > sign) return std::nullopt;
  return std::pair{at + colon + 1, at + sign};
}

std::string without_known(std::string text, const std::vector<std::string>& known) {
  constexpr std::size_t kShortest = 4;
  for (const std::string& secret : known) {
    if (secret.size() < kShortest) continue;
    std::string kept;
    std::size_t at = 0;
    for (std::size_t next = 0; (next = text.find(secret, at)) != std::string::npos; at = next + secret.size())
      kept.append(text, at, next - at).append(kMasked);
    text = kept.append(text, at);
  }
  return text;
}

/// Walks over a text word by word, and copies what is no secret.
class SecretMasker {
 public:
  explicit SecretMasker(std::string_view text) : text_(text) { kept_.reserve(text.size()); }

  std::string masked() && {
    while (at_ < text_.size()) {
      if (!is_word(text_[at_]))
        step_over_sign();
      else
        step_over_word();
    }
    return std::move(kept_);
  }

 private:
  void step_over_sign() {
    if (text_.substr(at_).starts_with("://")) {
      copy_until(at_ + 3);
      if (const auto place = password_of_url(text_, at_)) mask(place->first, place->second);
      return;
    }
    kept_ += text_[at_++];
  }
  void step_over_word() {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const std::string_view all = text_.substr(at_, end - at_);
    const std::string_view word = without_escape(all);
    const bool is_option = all.starts_with('-') || word.starts_with('-');
    copy_until(end);
    const auto is_one = [&](std::string_view name) {
      return (all.size() == name.size() && stands_at(all, 0, name)) ||
             (word.size() == name.size() && stands_at(word, 0, name));
    };
    if (is_one("bearer")) return mask_next_word();
    if (is_one("basic")) return mask_credentials();
    const bool is_header = contains(all, "authorization") || contains(all, "cookie");
    if (!is_header && !names_a_secret(all)) return;
    if (const auto place = value_behind(text_, end, is_option, is_header)) mask(place->first, place->second);
  }
  /// In JSON a word may begin behind `\n` or `\u000a`, whose letters look like some of its own.
  [[nodiscard]] std::string_view without_escape(std::string_view word) const {
    if (at_ == 0 || text_[at_ - 1] != '\\') return word;
    constexpr std::size_t kLongEscape = 5;
    if (word.front() == 'u' && word.size() > kLongEscape) return word.substr(kLongEscape);
    return word.substr(1);
  }
  /// Of "Bearer X", also "Bearer=X".
  void mask_next_word() {
    std::size_t at = at_;
    while (at < text_.size() && (is_space(text_[at]) || text_[at] == ':' || text_[at] == '=')) ++at;
    if (at == at_) return;
    const std::size_t end = end_of_value(text_, at);
    if (end > at) mask(at, end);
  }
  /// "Basic" is also a word of the language: what follows has to look like base64 of a name and a password.
  void mask_credentials() {
    std::size_t at = at_;
    skip_blanks(text_, at);
    const std::size_t end = end_of_bare(text_, at);
    const std::string_view value = text_.substr(at, end - at);
    const bool has_capital =
        std::any_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (at > at_ && value.size() >= 8 && (has_capital || value.ends_with('='))) mask(at, end);
  }
  void copy_until(std::size_t end) {
    kept_ += text_.substr(at_, end - at_);
    at_ = end;
  }
  void mask(std::size_t begin, std::size_t end) {
    copy_until(begin);
    kept_ += kMasked;
    at_ = end;
  }

  std::string_view text_;
  std::string kept_;
  std::size_t at_ = 0;
};

}  // namespace

std::string mask_secrets(std::string_view text, const std::vector<std::string>& known) {
  const std::string without_keys = without_private_keys(text);
  return without_known(SecretMasker(without_keys).masked(), known);
}

bool is_secret_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> kParts{"token",  "key",        "secret",    "password",
                                                   "passwd", "passphrase", "credential"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return contains(name, part); });
}

}  // namespace sharpwave::operate
