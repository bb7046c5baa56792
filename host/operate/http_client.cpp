#include "host/operate/http_client.hpp"

// First: what Boost 1.74 uses of it, it does not include, and g++ 12 then finds no std::exchange.
#include <utility>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>
#include <charconv>
#include <memory>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave::operate {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Clock = std::chrono::steady_clock;
using Tcp = asio::ip::tcp;

constexpr std::uint64_t kLargestAnswer = std::uint64_t{16} << 20;
constexpr std::uint32_t kLargestHead = 64 << 10;

bool is_ip_address(const std::string& host) {
  boost::system::error_code status;
  static_cast<void>(asio::ip::make_address(host, status));
  return !status;
}

/// A service that listens everywhere is asked here.
std::string reachable_host(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

/// It knows its address and `localhost`; what is asked in the place of "everywhere" it may not.
std::string host_header(const HttpPlace& place) {
  std::string host = reachable_host(place.host) == place.host ? place.host : "localhost";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("{}:{}", host, place.port);
}

/// Lets what was begun go on until it has ended or time is up.
class Waiting {
 public:
  Waiting(asio::io_context& io, Clock::time_point until) : io_(io), until_(until) {}

  /// @param begin  begins an operation, with what it calls at its end.
  /// @param stop   ends what it waits for: the socket is closed.
  template <class Begin, class Stop>
  boost::system::error_code operator()(Begin begin, Stop stop) {
    boost::system::error_code result;
    bool has_ended = false;
    begin([&](boost::system::error_code status) {
      result = status;
      has_ended = true;
    });
    io_.restart();
    io_.run_until(until_);
    if (has_ended) return result;
    stop();
    io_.restart();
    io_.run();  // what was begun ends, so that nothing refers to what is gone
    return beast::error::timeout;
  }

 private:
  asio::io_context& io_;
  Clock::time_point until_;
};

/// Trusts `file` where there is one; the leaf of that file is trusted whatever it is named.
class Trust {
 public:
  explicit Trust(const std::optional<std::filesystem::path>& file)
      : context_(asio::ssl::context::tls_client) {
    boost::system::error_code status;
    context_.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, status);
    if (!file) {
      context_.set_default_verify_paths(status);
      return;
    }
    constexpr std::uint64_t kLargestFile = 4 << 20;
    const std::string pem = read_text_file(*file, kLargestFile);
    context_.add_certificate_authority(asio::buffer(pem), status);
    if (status)
      throw Error(ExitCode::io,
                  fmt::format("{}: read no certificate, expected PEM: {}", file->string(), status.message()));
    // A certificate that is trusted needs none above it.
    X509_STORE_set_flags(SSL_CTX_get_cert_store(context_.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    pinned_ = digests_in(pem);
  }

  [[nodiscard]] asio::ssl::context& context() { return context_; }

  [[nodiscard]] bool accepts(bool is_verified, asio::ssl::verify_context& verification,
                             const std::string& host) const {
    if (!is_verified) return false;
    X509_STORE_CTX* store = verification.native_handle();
    if (X509_STORE_CTX_get_error_depth(store) == 0) {
      X509* leaf = X509_STORE_CTX_get_current_cert(store);
      if (std::find(pinned_.begin(), pinned_.end(), digest_of(leaf)) != pinned_.end()) return true;
    }
    return asio::ssl::host_name_verification(host)(is_verified, verification);
  }

 private:
  static std::string digest_of(X509* certificate) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned n = 0;
    if (certificate == nullptr ||
        X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), &n) != 1)
      return {};
    digest.resize(n);
    return digest;
  }
  static std::vector<std::string> digests_in(const std::string& pem) {
    std::vector<std::string> digests;
    const std::unique_ptr<BIO, int (*)(BIO*)> input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                    BIO_free);
    while (X509* certificate = PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr)) {
      digests.push_back(digest_of(certificate));
      X509_free(certificate);
    }
    return digests;
  }

  asio::ssl::context context_;
  std::vector<std::string> pinned_;
};

/// One request.
class Exchange {
 public:
  Exchange(const HttpPlace& place, const std::string& path, std::chrono::milliseconds limit)
      : place_(place), wait_(io_, Clock::now() + limit) {
    request_.method(http::verb::get);
    request_.target(path);
    request_.version(11);
    request_.set(http::field::host, host_header(place));
    request_.set(http::field::user_agent, "sharpwave");
    request_.set(http::field::connection, "close");
    if (!place.token.empty()) request_.set(http::field::authorization, "Bearer " + place.token);
    parser_.body_limit(kLargestAnswer);
    parser_.header_limit(kLargestHead);
  }

  HttpAnswer run() {
    const Clock::time_point begin = Clock::now();
    HttpAnswer answer = place_.tls ? over_tls() : over_tcp();
    answer.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return answer;
  }

 private:
  HttpAnswer over_tcp() {
    Tcp::socket socket(io_);
    if (auto failed = connect(socket)) return *failed;
    return talk(socket, socket);
  }

  HttpAnswer over_tls() {
    Trust trust(place_.ca);
    beast::ssl_stream<Tcp::socket> stream(io_, trust.context());
    Tcp::socket& socket = stream.next_layer();
    const std::string host = reachable_host(place_.host);
    if (!is_ip_address(host))
      static_cast<void>(SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()));
    boost::system::error_code status;
    stream.set_verify_mode(asio::ssl::verify_peer, status);
    stream.set_verify_callback(
        [&](bool is_verified, asio::ssl::verify_context& verification) {
          return trust.accepts(is_verified, verification, host);
        },
        status);
    if (auto failed = connect(socket)) return *failed;
    status = wait_([&](auto ended) { stream.async_handshake(asio::ssl::stream_base::client, ended); },
                   [&] { close(socket); });
    if (status == beast::error::timeout) return fault(HttpFault::timeout, status);
    if (status) return fault(HttpFault::tls, status);
    return talk(stream, socket);
  }

  std::optional<HttpAnswer> connect(Tcp::socket& socket) {
    boost::system::error_code status;
    Tcp::resolver resolver(io_);
    const auto found = resolver.resolve(reachable_host(place_.host), std::to_string(place_.port), status);
    if (status) return fault(HttpFault::unreachable, status);
    status = wait_(
        [&](auto ended) {
          asio::async_connect(
              socket, found,
              [ended](boost::system::error_code s, const Tcp::endpoint&) mutable { ended(s); });
        },
        [&] { close(socket); });
    if (!status) return std::nullopt;
    return fault(status == beast::error::timeout ? HttpFault::timeout : HttpFault::unreachable, status);
  }

  template <class Stream>
  HttpAnswer talk(Stream& stream, Tcp::socket& socket) {
    const auto stop = [&] { close(socket); };
    boost::system::error_code status = wait_(
        [&](auto ended) {
          http::async_write(stream, request_,
                            [ended](boost::system::error_code s, std::size_t) mutable { ended(s); });
        },
        stop);
    if (!status) {
      beast::flat_buffer buffer;
      status = wait_(
          [&](auto ended) {
            http::async_read(stream, buffer, parser_,
                             [ended](boost::system::error_code s, std::size_t) mutable { ended(s); });
          },
          stop);
    }
    close(socket);
    if (status == beast::error::timeout) return fault(HttpFault::timeout, status);
    // Many a server ends a TLS connection without saying so; the parser knows whether the answer is whole.
    if (status && !parser_.is_done()) return fault(HttpFault::protocol, status);
    HttpAnswer answer;
    answer.status = parser_.get().result_int();
    answer.body = std::move(parser_.get().body());
    return answer;
  }

  HttpAnswer fault(HttpFault kind, const boost::system::error_code& status) const {
    HttpAnswer answer;
    answer.fault = kind;
    const char* what = kind == HttpFault::unreachable ? "cannot be reached"
                       : kind == HttpFault::timeout   ? "did not answer in time"
                       : kind == HttpFault::tls       ? "TLS failed"
                                                      : "did not answer as HTTP does";
    answer.what = fmt::format("{}{} {}", url_of(place_), std::string(request_.target()), what);
    if (kind != HttpFault::timeout) answer.what += ": " + status.message();
    return answer;
  }

  static void close(Tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  const HttpPlace& place_;
  asio::io_context io_{1};
  Waiting wait_;
  http::request<http::empty_body> request_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

HttpPlace parse_url(std::string_view url) {
  const auto refuse = [&](const char* expected) -> Error {
    return {ExitCode::usage, fmt::format("--url: read '{}', expected {}", url.substr(0, 200), expected)};
  };
  HttpPlace place;
  std::string_view rest = url;
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  if (rest.starts_with(kHttps)) {
    place.tls = true;
    place.port = 443;
    rest.remove_prefix(kHttps.size());
  } else if (rest.starts_with(kHttp)) {
    place.port = 80;
    rest.remove_prefix(kHttp.size());
  } else {
    throw refuse("http://HOST:PORT or https://HOST:PORT");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ \t\r\n") != std::string_view::npos)
    throw refuse("no path, no user and no blanks in it");
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) throw refuse("']' behind an address of IPv6");
    place.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    place.host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (place.host.empty()) throw refuse("a host");
  if (port.empty()) return place;
  const char* const end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data() + 1, end, place.port);
  if (port.front() != ':' || error != std::errc() || stop != end || place.port == 0)
    throw refuse("a port from 1 to 65535");
  return place;
}

std::string url_of(const HttpPlace& place) {
  const bool is_v6 = place.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", place.tls ? "https" : "http", is_v6 ? "[" : "", place.host,
                     is_v6 ? "]" : "", place.port);
}

std::string read_token(const std::filesystem::path& file) {
  constexpr std::uint64_t kLargestFile = 64 << 10;
  constexpr std::size_t kLongestToken = 4096;
  const std::string text = read_text_file(file, kLargestFile);
  std::string token = text.substr(0, text.find('\n'));
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!token.empty() && is_blank(token.back())) token.pop_back();
  token.erase(token.begin(), std::find_if_not(token.begin(), token.end(), is_blank));
  const bool is_plain = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  // The message does not quote what was read: it may be most of a token.
  if (token.empty() || token.size() > kLongestToken || !is_plain)
    throw Error(ExitCode::io,
                fmt::format("{}: has no token in its first line; expected 1 to {} characters without blanks",
                            file.string(), kLongestToken));
  return token;
}

HttpAnswer http_get(const HttpPlace& place, const std::string& path, std::chrono::milliseconds limit) {
  return Exchange(place, path, limit).run();
}

}  // namespace sharpwave::operate
