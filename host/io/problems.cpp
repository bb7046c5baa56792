#include "host/io/problems.hpp"

#include <algorithm>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

// Beyond this the same mistake is being repeated.
constexpr std::size_t kMostMessages = 50;

}  // namespace

void Problems::add(const std::string& message) {
  if (std::find(messages_.begin(), messages_.end(), message) != messages_.end()) return;
  if (messages_.size() < kMostMessages) {
    messages_.push_back(message);
  } else {
    ++n_more_;
  }
}

void Problems::throw_if_any() const {
  if (messages_.empty()) return;
  std::string text;
  for (const std::string& message : messages_) text += (text.empty() ? "" : "\n") + message;
  if (n_more_ > 0) text += "\nand " + std::to_string(n_more_) + " more";
  throw Error(ExitCode::invalid_config, text);
}

}  // namespace sharpwave
