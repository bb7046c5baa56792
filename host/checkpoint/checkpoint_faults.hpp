// What must hold of a checkpoint, besides that it can be read.
#pragma once

#include <optional>
#include <string>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave {

struct CheckpointFault {
  std::string path;  ///< of the object in the file
  std::string what;  ///< what is there, and what was expected
};

/// The first rule of docs/formats/checkpoint.md that the content breaks; none if it keeps all of them.
/// Whether it fits a network, only that network says.
[[nodiscard]] std::optional<CheckpointFault> find_fault(const Checkpoint& checkpoint);

}  // namespace sharpwave
