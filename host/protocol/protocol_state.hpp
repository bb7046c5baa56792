// Where an experiment in trials stands, and what it has found so far.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace sharpwave {

/// Of a network without a protocol all lists are empty.
struct ProtocolState {
  /// Phase, trial in the phase, attempts of the trial before this one, the step before the attempt's first,
  /// and spikes of the population that is listened to since then. Behind the last trial: the number of
  /// phases.
  std::vector<std::uint64_t> position;
  std::vector<std::uint32_t> counts;   ///< of each neuron likewise, where the phase keeps them
  std::vector<std::uint64_t> trials;   ///< of each phase, done
  std::vector<std::uint64_t> repeats;  ///< attempts of these beside the first ones
  std::vector<std::uint64_t> correct;  ///< likewise, trials whose class was told
  /// Of each phase that tests: [class][class that was told, the last for none].
  std::vector<std::uint64_t> confusion;
  std::vector<std::uint64_t> responses;  ///< [class][neuron] spikes of the labelling trials that count now
  std::vector<std::uint64_t> labelled;   ///< [class] trials of these
  bool operator==(const ProtocolState&) const = default;
};

inline constexpr std::size_t kPositionNumbers = 5;

/// All lists, by their names in files.
inline constexpr std::tuple kProtocolColumns{
    std::pair{"position", &ProtocolState::position},   std::pair{"counts", &ProtocolState::counts},
    std::pair{"trials", &ProtocolState::trials},       std::pair{"repeats", &ProtocolState::repeats},
    std::pair{"correct", &ProtocolState::correct},     std::pair{"confusion", &ProtocolState::confusion},
    std::pair{"responses", &ProtocolState::responses}, std::pair{"labelled", &ProtocolState::labelled},
};

/// Calls visit(name, pointer to member) for each list.
template <class Visit>
void for_each_protocol_column(const Visit& visit) {
  std::apply([&](const auto&... column) { (visit(column.first, column.second), ...); }, kProtocolColumns);
}

/// A list that cannot be, whatever the protocol is, and why.
struct ProtocolFault {
  std::string column;
  std::string what;
};
[[nodiscard]] std::optional<ProtocolFault> find_fault(const ProtocolState& state);

}  // namespace sharpwave
