// Who may ask for what: tokens, and the names by which the service is reached.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/service/http.hpp"

namespace sharpwave::service {

struct AccessOptions {
  std::optional<std::filesystem::path> read_token;   ///< a file that only its owner can read
  std::optional<std::filesystem::path> admin_token;  ///< likewise
  std::vector<std::string> host_names;               ///< by which it is reached, besides its address
};

/// Whether an address is one of this machine's own that nobody else reaches.
[[nodiscard]] bool is_loopback(std::string_view address);

class AccessControl {
 public:
  /// @throws Error(usage) where an address that others reach has no token or no TLS; Error(io) for a file of
  /// a
  ///         token that is not there, that others can read, or that has no token of 32 to 512 characters.
  AccessControl(const AccessOptions& options, std::string_view address, bool has_tls);

  /// Reads the files of tokens again. @throws as the constructor: the old ones stay.
  void reload();

  /// Of a Host header's value and an Origin's.
  /// @param port  at which the service is reached.
  [[nodiscard]] bool knows_host(std::string_view host, std::uint16_t port) const;
  [[nodiscard]] bool knows_origin(std::string_view origin, std::string_view host) const;

  /// What an Authorization header grants; none: its token is wrong. Without tokens everything is granted.
  [[nodiscard]] std::optional<Access> granted_to(const std::optional<std::string>& authorization) const;

 private:
  using Digest = std::array<std::uint8_t, 32>;

  AccessOptions options_;
  bool has_tls_;
  std::vector<std::string> hosts_;
  mutable std::mutex mutex_;  ///< of the two below
  std::optional<Digest> reader_;
  std::optional<Digest> admin_;
};

}  // namespace sharpwave::service
