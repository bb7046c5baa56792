#pragma once

#include "host/cli/operate/arguments.hpp"
#include "host/operate/observation.hpp"

namespace sharpwave::cli {

/// What the command line says, with this program to ask about the store.
[[nodiscard]] operate::Surroundings surroundings_of(const ServicePlace& place);

}  // namespace sharpwave::cli
