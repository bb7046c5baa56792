// What is said where a request cannot be answered (docs/formats/http.md).
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/service/http.hpp"

namespace sharpwave::service {

/// docs/operations/errors.md says what is done about each.
enum class Family : std::uint8_t { access, range, persistence, space, index, consolidation, resource };
[[nodiscard]] const char* name_of(Family family);

struct Trouble {
  unsigned status = 500;
  const char* kind = "bug";  ///< a word that does not change
  Family family = Family::resource;
  std::string message{};   ///< what happened
  std::string expected{};  ///< instead; may be empty
  std::string to_do{};     ///< likewise
  std::optional<unsigned> retry_after_s{};
  Json faults = nullptr;  ///< of a config
};

class ApiError : public std::exception {
 public:
  explicit ApiError(Trouble trouble) : trouble_(std::move(trouble)) {}
  [[nodiscard]] const Trouble& trouble() const { return trouble_; }
  [[nodiscard]] const char* what() const noexcept override { return trouble_.message.c_str(); }

 private:
  Trouble trouble_;
};

/// Of what the program's own functions throw. Only of what was asked are their words passed on: those of
/// files and libraries are for the log.
[[nodiscard]] Trouble trouble_of(const Error& error);

[[nodiscard]] Response response_of(const Trouble& trouble, const std::string& trace);
[[nodiscard]] Response response_of(const Json& json, unsigned status = 200);

}  // namespace sharpwave::service
