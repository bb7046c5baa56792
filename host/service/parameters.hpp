// What a request says, checked: keys of its query, and of its body.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.hpp"
#include "host/service/http.hpp"

namespace sharpwave::service {

/// A number in [least, most]. @throws ApiError(400) naming it, also where it is NaN.
[[nodiscard]] double checked(std::string_view name, double value, double least, double most);

/// Of a query. Whatever is there and no number in its range is an ApiError(400).
[[nodiscard]] std::optional<std::uint64_t> whole_number(const Request& request, const char* name,
                                                        std::uint64_t least, std::uint64_t most);
[[nodiscard]] std::optional<double> number(const Request& request, const char* name,
                                           double least = std::numeric_limits<double>::lowest(),
                                           double most = std::numeric_limits<double>::max());
[[nodiscard]] bool flag(const Request& request, const char* name);  ///< "true" or "false", or not there
/// "0.1,-2,3e-4". @throws ApiError(400) for none, for more than `most`, and for what is not finite.
[[nodiscard]] std::vector<float> numbers(std::string_view name, const std::string& text, std::size_t most);

/// The JSON object of a body. Keys that nobody reads are refused.
class Body {
 public:
  /// @throws ApiError(400) where it is no JSON object, or nested deeper than 32.
  explicit Body(const Request& request);

  [[nodiscard]] bool has(const char* key) const { return json_.contains(key); }
  [[nodiscard]] std::string text(const char* key, const std::string& otherwise, std::size_t most);
  [[nodiscard]] double number(const char* key, double otherwise, double least, double most);
  [[nodiscard]] std::uint64_t whole_number(const char* key, std::uint64_t otherwise, std::uint64_t least,
                                           std::uint64_t most);
  [[nodiscard]] bool flag(const char* key, bool otherwise);
  [[nodiscard]] std::vector<float> numbers(const char* key, std::size_t most);
  [[nodiscard]] std::vector<std::string> texts(const char* key, std::size_t most);
  /// @throws ApiError(400) naming keys that were not read.
  void expect_all_read() const;

 private:
  [[nodiscard]] const Json* find(const char* key);

  Json json_;
  std::vector<std::string> read_;
};

}  // namespace sharpwave::service
