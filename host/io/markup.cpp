#include "host/io/markup.hpp"

namespace sharpwave {

std::string escaped_for_markup(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '&')
      result += "&amp;";
    else
      result += c;
  }
  return result;
}

}  // namespace sharpwave
