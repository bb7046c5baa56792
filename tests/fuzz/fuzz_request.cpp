// What the service parses itself of a request. Input: a line with its target, then its body.
#include <cmath>

#include "host/service/api_error.hpp"
#include "host/service/parameters.hpp"
#include "host/service/target.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace sharpwave::fuzz {
namespace {

using namespace sharpwave::service;

/// Its value, or none where it is refused, with words.
template <class Read>
auto accepted(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const ApiError& error) {
    require(error.trouble().status == 400 && !error.trouble().message.empty(), "a refusal without words");
    verdicts.refusal = error.trouble().message;
    return std::nullopt;
  }
}

void read_target(std::string_view text) {
  const std::optional<Target> target = parse_target(text);
  if (!target) return;
  ++verdicts.accepted;
  const std::string framed = target->path + "/";
  require(target->path.starts_with('/'), "a path that does not begin with /", target->path);
  for (const char* part : {"//", "/./", "/../"})
    require(target->path == "/" || framed.find(part) == std::string::npos, "a path that leads out",
            target->path);
  for (const char c : target->path) require(static_cast<unsigned char>(c) >= 0x20, "a control character");
  Request request;
  request.query = target->query;
  for (const auto& entry : target->query) {
    const std::string& key = entry.first;  // clang 14 does not capture a structured binding
    const std::string& value = entry.second;
    const auto whole = accepted([&] { return *whole_number(request, key.c_str(), 1, 100); });
    require(!whole || (*whole >= 1 && *whole <= 100), "a number out of its range", value);
    const auto real = accepted([&] { return *number(request, key.c_str(), -5, 5); });
    require(!real || (*real >= -5 && *real <= 5), "a number out of its range", value);
    const auto list = accepted([&] { return numbers(key, value, 8); });
    require(!list || (!list->empty() && list->size() <= 8), "too many numbers", value);
    if (list)
      for (const float x : *list) require(std::isfinite(x), "a number that is not finite", value);
  }
}

void read_body(std::string_view text) {
  Request request;
  request.body = text;
  auto body = accepted([&] { return Body(request); });
  if (!body) return;
  const auto embedding = accepted([&] { return body->numbers("embedding", 8); });
  require(!embedding || (!embedding->empty() && embedding->size() <= 8), "too many numbers");
  const auto name = accepted([&] { return body->text("name", "", 16); });
  require(!name || name->size() <= 16, "too long a text");
  const auto x = accepted([&] { return body->number("x", 0, -1, 1); });
  require(!x || (*x >= -1 && *x <= 1), "a number out of its range");
  static_cast<void>(accepted([&] { return body->texts("texts", 4); }));
  static_cast<void>(accepted([&] { return body->flag("flag", false); }));
  static_cast<void>(accepted([&] {
    body->expect_all_read();
    return true;
  }));
}

}  // namespace
}  // namespace sharpwave::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = sharpwave::fuzz::text_of(data, size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  sharpwave::fuzz::read_target(input.substr(0, end));
  sharpwave::fuzz::read_body(input.substr(std::min(end + 1, input.size())));
  return 0;
}
