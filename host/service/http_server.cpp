#include "host/service/http_server.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <list>
#include <thread>

#include "host/base/error.hpp"

namespace sharpwave::service {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Status = boost::system::error_code;
using Parser = http::request_parser<http::string_body>;
using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;
using Seconds = std::chrono::seconds;

template <class Value>
using Task = asio::awaitable<Value>;

auto into(Status& status) {
  return asio::redirect_error(asio::use_awaitable, status);
}

std::string text_of(beast::string_view view) {
  return {view.data(), view.size()};
}

RequestHead head_of(const Parser& parser) {
  const auto& message = parser.get();
  RequestHead head{.method = text_of(message.method_string()), .target = text_of(message.target())};
  const auto only = [&](beast::string_view name) -> std::optional<std::string> {
    const auto at = message.find(name);
    if (at == message.end()) return std::nullopt;
    return text_of(at->value());
  };
  const auto hosts = message.equal_range(http::field::host);
  for (auto at = hosts.first; at != hosts.second; ++at) head.hosts.push_back(text_of(at->value()));
  head.origin = only("Origin");
  head.authorization = only("Authorization");
  head.space = only("X-Memory-Space");
  head.trace = only("X-Trace-Id");
  return head;
}

/// What a proxy before it could read in another way.
bool is_ambiguous(const Parser& parser) {
  const auto& message = parser.get();
  const auto count = [&](http::field field) {
    const auto range = message.equal_range(field);
    return std::distance(range.first, range.second);
  };
  if (message.version() != 10 && message.version() != 11) return true;
  for (const http::field field : {http::field::host, http::field::content_length,
                                  http::field::transfer_encoding, http::field::authorization})
    if (count(field) > 1) return true;
  const auto encoding = message.find(http::field::transfer_encoding);
  if (encoding == message.end()) return false;
  return message.version() == 10 || count(http::field::content_length) > 0 ||
         !beast::iequals(encoding->value(), "chunked");
}

struct Refused {
  unsigned status;
  const char* what;
};

/// None where nobody is there any more to be told.
std::optional<Refused> refused_for(const Status& status) {
  if (status == http::error::header_limit || status == http::error::buffer_overflow)
    return Refused{431, "the head of the request is too long"};
  if (status == http::error::body_limit) return Refused{413, "the body of the request is too long"};
  if (status.category() == http::make_error_code(http::error::bad_line_ending).category() &&
      status != http::error::end_of_stream && status != http::error::partial_message)
    return Refused{400, "the request is no HTTP/1.1"};
  return std::nullopt;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, Dispatcher& dispatcher)
      : options_(options),
        dispatcher_(dispatcher),
        acceptor_(io_),
        pool_(static_cast<std::size_t>(options.threads)) {
    if (options_.tls) tls_ = load_tls(*options_.tls);
    bind();
  }

  ~Impl() {
    drain(std::chrono::milliseconds(0));
    pool_.join();
    if (thread_.joinable()) thread_.join();  // nothing is left for it to do
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start() {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_port_; }

  bool drain(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) return true;
    asio::post(io_, [this] {
      is_draining_ = true;
      Status ignored;
      acceptor_.close(ignored);
      for (Connection& connection : connections_)
        if (connection.is_waiting) connection.close();
    });
    const auto end = std::chrono::steady_clock::now() + patience;
    while (n_connections_ > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (n_connections_ == 0) return true;
    asio::post(io_, [this] {
      for (Connection& connection : connections_) connection.close();
    });
    return false;
  }

  void reload_tls() {
    if (!options_.tls) return;
    asio::post(io_, [this, fresh = load_tls(*options_.tls)] { tls_ = fresh; });
  }

  [[nodiscard]] Figures figures() const {
    return {.connections = n_connections_,
            .accepted = n_accepted_,
            .pushed_out = n_pushed_out_,
            .waiting = n_waiting_};
  }

 private:
  /// One that is open. Only the thread that serves all looks at it.
  struct Connection {
    bool is_waiting = true;  ///< for a whole request
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::function<void()> close;
  };

  static std::shared_ptr<asio::ssl::context> load_tls(const TlsFiles& files) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    const auto expect = [](const Status& status, const std::filesystem::path& file, const char* what) {
      if (status) throw Error(ExitCode::io, fmt::format("{}: {}: {}", file.string(), what, status.message()));
    };
    Status status;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1 | asio::ssl::context::single_dh_use,
                         status);
    context->use_certificate_chain_file(files.certificate.string(), status);
    expect(status, files.certificate, "no certificate for TLS, expected PEM");
    context->use_private_key_file(files.key.string(), asio::ssl::context::pem, status);
    expect(status, files.key, "no key of that certificate, expected PEM");
    return context;
  }

  void bind() {
    const auto fail = [&](const Status& status) {
      if (status)
        throw Error(ExitCode::io, fmt::format("{}, port {}: nobody can be served there: {}", options_.address,
                                              options_.port, status.message()));
    };
    Status status;
    const auto address = asio::ip::make_address(options_.address, status);
    fail(status);
    const tcp::endpoint place(address, options_.port);
    acceptor_.open(place.protocol(), status);
    fail(status);
    acceptor_.set_option(tcp::acceptor::reuse_address(true), status);
    acceptor_.bind(place, status);
    fail(status);
    acceptor_.listen(asio::socket_base::max_listen_connections, status);
    fail(status);
    acceptor_port_ = acceptor_.local_endpoint(status).port();
  }

  Task<void> accept() {
    asio::steady_timer pause(io_);
    while (acceptor_.is_open()) {
      Status status;
      tcp::socket socket(io_);
      co_await acceptor_.async_accept(socket, into(status));
      if (status && acceptor_.is_open()) {  // without descriptors it would fail again at once
        pause.expires_after(std::chrono::milliseconds(50));
        co_await pause.async_wait(into(status));
        continue;
      }
      if (status) break;
      ++n_accepted_;
      if (!make_room()) continue;  // closes it
      asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
    }
  }

  // One that is pushed out is gone as soon as it hears of it.
  bool make_room() {
    if (connections_.size() < options_.most_connections) return true;
    auto oldest = connections_.end();
    for (auto at = connections_.begin(); at != connections_.end(); ++at)
      if (at->is_waiting && (oldest == connections_.end() || at->since < oldest->since)) oldest = at;
    if (oldest == connections_.end()) return false;
    ++n_pushed_out_;
    oldest->is_waiting = false;  // not twice
    oldest->close();
    return true;
  }

  Task<void> serve(tcp::socket socket) {
    if (tls_ != nullptr) {
      const std::shared_ptr<asio::ssl::context> context = tls_;
      auto stream = std::make_shared<Secure>(std::move(socket), *context);
      co_await serve_on(stream);
    } else {
      auto stream = std::make_shared<Plain>(std::move(socket));
      co_await serve_on(stream);
    }
  }

  template <class Stream>
  Task<void> serve_on(std::shared_ptr<Stream> stream) {
    const auto place = connections_.emplace(connections_.end());
    n_connections_ = connections_.size();
    place->close = [stream] {
      Status ignored;
      beast::get_lowest_layer(*stream).socket().close(ignored);
    };
    try {
      if (co_await shake_hands(*stream)) co_await serve_requests(*stream, *place);
    } catch (const std::exception&) {  // out of memory: this connection ends
    }
    place->close();
    connections_.erase(place);
    n_connections_ = connections_.size();
  }

  Task<bool> shake_hands(Plain&) { co_return true; }
  Task<bool> shake_hands(Secure& stream) {
    Status status;
    beast::get_lowest_layer(stream).expires_after(options_.header_timeout);
    co_await stream.async_handshake(asio::ssl::stream_base::server, into(status));
    co_return !status;
  }

  template <class Stream>
  Task<void> serve_requests(Stream& stream, Connection& connection) {
    beast::flat_buffer buffer(options_.header_bytes + 4096);
    for (bool is_first = true; !is_draining_; is_first = false) {
      Parser parser;
      parser.header_limit(options_.header_bytes);
      parser.body_limit(options_.body_bytes);
      connection.is_waiting = true;
      connection.since = std::chrono::steady_clock::now();
      beast::get_lowest_layer(stream).expires_after(is_first ? options_.header_timeout
                                                             : options_.idle_timeout);
      Status status;
      co_await http::async_read_header(stream, buffer, parser, into(status));
      if (status) co_return co_await refuse(stream, status);
      if (is_ambiguous(parser)) {
        Response refusal = dispatcher_.refusal(400, "the request can be read in several ways");
        co_return co_await send_last(stream, refusal);
      }
      auto looked = dispatcher_.look_at(head_of(parser));
      if (auto* refusal = std::get_if<Response>(&looked)) {
        if (!parser.is_done() || !parser.keep_alive()) co_return co_await send_last(stream, *refusal);
        if (!co_await send(stream, *refusal, true)) co_return;
        continue;
      }
      auto& accepted = std::get<Dispatcher::Accepted>(looked);
      if (!parser.is_done()) {
        const bool waits_for_word = beast::iequals(parser.get()[http::field::expect], "100-continue");
        beast::get_lowest_layer(stream).expires_after(options_.body_timeout);
        if (waits_for_word) {
          http::response<http::empty_body> go_on(http::status::continue_, 11);
          co_await http::async_write(stream, go_on, into(status));
        }
        if (!status) co_await http::async_read(stream, buffer, parser, into(status));
        if (status) co_return co_await refuse(stream, status);
      }
      connection.is_waiting = false;
      accepted.request.body = std::move(parser.get().body());
      const bool keeps = parser.keep_alive() && !is_draining_;
      Response response = co_await answer_to(accepted);
      if (response.events) co_return co_await send_events(stream, response);
      if (!co_await send(stream, response, keeps && !is_draining_)) co_return;
      if (!keeps) co_return co_await linger(stream);
    }
  }

  // What is awaited gets references to what its caller has: g++ 12 destroys an argument that it has moved
  // into a coroutine twice where that is awaited in a condition.
  Task<Response> answer_to(Dispatcher::Accepted& accepted) {
    if (accepted.is_quick) co_return dispatcher_.answer(accepted.request);
    if (n_waiting_ >= options_.most_waiting) {
      Response answer = dispatcher_.refusal(503, "too many requests are waiting");
      answer.headers.emplace_back("Retry-After", "1");
      co_return answer;
    }
    ++n_waiting_;
    co_return co_await asio::co_spawn(pool_, work(accepted.request), asio::use_awaitable);
  }

  Task<Response> work(const Request& request) {
    --n_waiting_;
    co_return dispatcher_.answer(request);
  }

  template <class Stream>
  Task<void> refuse(Stream& stream, Status status) {
    const std::optional<Refused> refused = refused_for(status);
    if (!refused) co_return;
    Response response = dispatcher_.refusal(refused->status, refused->what);
    co_await send_last(stream, response);
  }

  /// The rest of the request is not read.
  template <class Stream>
  Task<void> send_last(Stream& stream, Response& response) {
    const bool is_sent = co_await send(stream, response, false);
    if (is_sent) co_await linger(stream);
  }

  /// What comes in is thrown away for a moment: closing at once would take back what was sent.
  template <class Stream>
  Task<void> linger(Stream& stream) {
    constexpr std::size_t kMost = 2048;  // 8 MiB
    auto& socket = beast::get_lowest_layer(stream);
    Status status;
    socket.socket().shutdown(tcp::socket::shutdown_send, status);
    socket.expires_after(Seconds(1));
    std::array<char, 4096> thrown_away{};
    for (std::size_t i = 0; !status && i < kMost; ++i)
      co_await socket.async_read_some(asio::buffer(thrown_away), into(status));
  }

  static void set_headers(auto& message, const Response& response) {
    message.set(http::field::server, "sharpwave");
    message.set(http::field::content_type, response.type);
    message.set("X-Content-Type-Options", "nosniff");
    message.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : response.headers) message.set(name, value);
  }

  template <class Stream>
  Task<bool> send(Stream& stream, Response& response, bool keeps) {
    http::response<http::string_body> message(http::int_to_status(response.status), 11);
    set_headers(message, response);
    message.body() = std::move(response.body);
    message.keep_alive(keeps);
    message.prepare_payload();
    beast::get_lowest_layer(stream).expires_after(options_.write_timeout);
    Status status;
    co_await http::async_write(stream, message, into(status));
    co_return !status;
  }

  template <class Stream>
  Task<void> send_events(Stream& stream, const Response& response) {
    http::response<http::empty_body> message(http::int_to_status(response.status), 11);
    set_headers(message, response);
    message.keep_alive(false);
    http::response_serializer<http::empty_body> head(message);
    auto& socket = beast::get_lowest_layer(stream);
    socket.expires_after(options_.write_timeout);
    Status status;
    co_await http::async_write_header(stream, head, into(status));
    asio::steady_timer pause(io_);
    while (!status && socket.socket().is_open()) {
      const std::optional<std::string> events =
          co_await asio::co_spawn(pool_, next_of(response), asio::use_awaitable);
      if (!events) break;
      socket.expires_after(options_.write_timeout);
      co_await asio::async_write(stream, asio::buffer(*events), into(status));
      socket.expires_never();
      if (status || is_draining_) break;
      pause.expires_after(options_.event_interval);
      co_await pause.async_wait(into(status));
    }
  }

  static Task<std::optional<std::string>> next_of(const Response& response) { co_return response.events(); }

  HttpOptions options_;
  Dispatcher& dispatcher_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  std::uint16_t acceptor_port_ = 0;
  std::shared_ptr<asio::ssl::context> tls_;
  std::list<Connection> connections_;
  bool is_draining_ = false;  ///< read and written by the thread that serves all

  std::atomic<std::size_t> n_connections_{0};
  std::atomic<std::uint64_t> n_accepted_{0};
  std::atomic<std::uint64_t> n_pushed_out_{0};
  std::atomic<std::size_t> n_waiting_{0};

  asio::thread_pool pool_;
  std::thread thread_;
};

HttpServer::HttpServer(const HttpOptions& options, Dispatcher& dispatcher)
    : impl_(std::make_unique<Impl>(options, dispatcher)) {}
HttpServer::~HttpServer() = default;
void HttpServer::start() {
  impl_->start();
}
std::uint16_t HttpServer::port() const {
  return impl_->port();
}
bool HttpServer::drain(std::chrono::milliseconds patience) {
  return impl_->drain(patience);
}
void HttpServer::reload_tls() {
  impl_->reload_tls();
}
HttpServer::Figures HttpServer::figures() const {
  return impl_->figures();
}

}  // namespace sharpwave::service
