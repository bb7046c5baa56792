// The HTTP server: connections, their limits and timeouts, TLS. What is asked and answered is a Dispatcher's.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "host/service/http.hpp"

namespace sharpwave::service {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM, with those that it rests on
  std::filesystem::path key;          ///< PEM
};

struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: one that is free
  std::optional<TlsFiles> tls{};
  std::uint32_t header_bytes = 16 * 1024;
  std::uint64_t body_bytes = 1024 * 1024;
  std::size_t most_connections = 256;
  std::size_t most_waiting = 128;                    ///< requests that no thread of the pool has begun yet
  int threads = 4;                                   ///< of the pool
  std::chrono::milliseconds header_timeout{10'000};  ///< a TLS handshake as well
  std::chrono::milliseconds body_timeout{20'000};
  std::chrono::milliseconds write_timeout{20'000};
  std::chrono::milliseconds idle_timeout{60'000};  ///< between requests of a connection
  std::chrono::milliseconds event_interval{250};
};

/// HTTP/1.1 over TCP or TLS. One thread serves all connections, a pool answers what may take long. Where
/// there are too many connections, the one that has been waiting longest for a whole request is closed.
class HttpServer {
 public:
  /// Binds; connections are served from start() on.
  /// @param dispatcher  outlives this.
  /// @throws Error(io) naming the address or the file of TLS.
  HttpServer(const HttpOptions& options, Dispatcher& dispatcher);
  /// Closes all connections.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start();
  [[nodiscard]] std::uint16_t port() const;

  /// Nobody is accepted any more, and connections end with the answer that is under way.
  /// @return whether all had ended in time; the rest is closed.
  bool drain(std::chrono::milliseconds patience);
  /// Reads certificate and key again; connections from now on use them.
  /// @throws Error(io) where they are not good: the old ones stay.
  void reload_tls();

  struct Figures {
    std::size_t connections = 0;
    std::uint64_t accepted = 0;
    std::uint64_t pushed_out = 0;  ///< connections that were closed to make room
    std::size_t waiting = 0;       ///< requests that no thread of the pool has begun yet
  };
  [[nodiscard]] Figures figures() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sharpwave::service
