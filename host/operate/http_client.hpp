// A request, its answer, and a limit on the time that both take.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sharpwave::operate {

/// What is asked, and how.
struct HttpPlace {
  std::string host = "127.0.0.1";  ///< a name or an address; of IPv6 without brackets
  std::uint16_t port = 8080;
  bool tls = false;
  std::string token;                        ///< empty: none is sent
  std::optional<std::filesystem::path> ca;  ///< certificates to trust, PEM; else those of the system
};

/// "http://HOST[:PORT][/]" or "https://...".
/// @throws Error(usage) naming the URL and what is expected.
[[nodiscard]] HttpPlace parse_url(std::string_view url);
/// The same the other way round, for messages.
[[nodiscard]] std::string url_of(const HttpPlace& place);

/// The token in a file: its first line, without blanks around it.
/// @throws Error(io) naming the file where it cannot be read, or has no token of at most 4096 characters.
[[nodiscard]] std::string read_token(const std::filesystem::path& file);

enum class HttpFault : std::uint8_t {
  none,
  unreachable,  ///< nobody listens there, or the name is none
  timeout,
  tls,      ///< the certificate is not one that is trusted, or there is no TLS there
  protocol  ///< what came is no answer of HTTP, or too large
};

struct HttpAnswer {
  HttpFault fault = HttpFault::none;
  std::string what;     ///< of a fault, with the address
  unsigned status = 0;  ///< 0 where there is a fault
  std::string body;
  double seconds = 0;  ///< from the connection's beginning to the answer's end
  [[nodiscard]] bool is_ok() const { return fault == HttpFault::none && status == 200; }
};

/// Asks for `path` with GET over a connection of its own. It sends what `Host` a service on this machine
/// knows. A certificate is trusted where it is one of `place.ca`, whatever names it has, or where it rests on
/// one of those, or of the system's, and names the host.
/// @param path   begins with '/'.
/// @param limit  of the whole; looking a name up may take longer.
/// Does not throw for what the other side does. An answer has at most 16 MiB. Safe from several threads.
/// @throws Error(io) where place.ca cannot be read.
[[nodiscard]] HttpAnswer http_get(const HttpPlace& place, const std::string& path,
                                  std::chrono::milliseconds limit);

}  // namespace sharpwave::operate
