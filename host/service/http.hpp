// Requests and answers of the service, without what carries them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sharpwave::service {

enum class Method : std::uint8_t { get, post, erase };
[[nodiscard]] const char* name_of(Method method);

/// Who may ask for something; what is granted to one is granted to those behind it.
enum class Access : std::uint8_t { anyone, reader, admin };

/// What is known of a request before its body is read. Nothing of it is to be trusted.
struct RequestHead {
  std::string method;
  std::string target;
  std::vector<std::string> hosts;  ///< each value of a Host header
  std::optional<std::string> origin;
  std::optional<std::string> authorization;
  std::optional<std::string> space;  ///< X-Memory-Space
  std::optional<std::string> trace;  ///< X-Trace-Id
};

struct Route;

struct Request {
  const Route* route = nullptr;
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> parts;  ///< what the {names} of its route stand for
  std::string space;                         ///< of the header; empty: none is named there
  std::string trace;                         ///< 32 hex digits
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
  /// Of a stream of server-sent events: what has to be sent now, maybe nothing; none where it is over. Asked
  /// a few times a second, on threads of the pool, until the other side has gone.
  std::function<std::optional<std::string>()> events{};
};

/// What the server asks for an answer.
class Dispatcher {
 public:
  Dispatcher() = default;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  virtual ~Dispatcher() = default;

  /// A request, and where it is answered.
  struct Accepted {
    Request request;
    bool is_quick = false;  ///< by the thread that serves all: it must not wait for anything
  };
  /// On the thread that serves all: accepts a request by its head, or refuses it.
  [[nodiscard]] virtual std::variant<Accepted, Response> look_at(const RequestHead& head) = 0;
  /// On a thread of the pool, where the request is not quick.
  [[nodiscard]] virtual Response answer(const Request& request) noexcept = 0;
  /// Of what the server refuses by itself.
  [[nodiscard]] virtual Response refusal(unsigned status, const std::string& what) = 0;
};

}  // namespace sharpwave::service
