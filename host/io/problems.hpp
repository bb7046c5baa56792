// Collects what is wrong with a description, so that its author fixes it once.
#pragma once

#include <string>
#include <vector>

namespace sharpwave {

class Problems {
 public:
  /// @param message  says what was read, where, and what was expected.
  void add(const std::string& message);
  [[nodiscard]] bool empty() const { return messages_.empty(); }
  /// @throws Error(invalid_config) with one line per problem, if there is any.
  void throw_if_any() const;

 private:
  std::vector<std::string> messages_;
  std::size_t n_more_ = 0;
};

}  // namespace sharpwave
