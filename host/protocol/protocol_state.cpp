#include "host/protocol/protocol_state.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kLargest = std::uint64_t{1} << 60;  // sums of it stay far from overflow

}  // namespace

std::optional<ProtocolFault> find_fault(const ProtocolState& s) {
  std::optional<ProtocolFault> fault;
  const auto say = [&](const char* column, const std::string& what) {
    if (!fault) fault = ProtocolFault{column, what};
  };
  const std::size_t n = s.position.size();
  if (n != 0 && n != kPositionNumbers)
    say("position",
        "has " + std::to_string(n) + " values; expected 0 or " + std::to_string(kPositionNumbers));
  if (n == 0 && s != ProtocolState()) say("position", "is empty, and other lists are not");
  for_each_protocol_column([&](const char* name, auto column) {
    for (std::size_t i = 0; i < (s.*column).size(); ++i)
      if ((s.*column)[i] > kLargest)
        say(name, "value " + std::to_string(i) + " is " + std::to_string((s.*column)[i]) +
                      "; expected at most 2^60");
  });
  for (const auto* list : {&s.repeats, &s.correct})
    if (list->size() != s.trials.size())
      say(list == &s.repeats ? "repeats" : "correct",
          "has " + std::to_string(list->size()) + " values; expected " + std::to_string(s.trials.size()) +
              ", as trials has");
  return fault;
}

}  // namespace sharpwave
