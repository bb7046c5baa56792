// The other way round: what of a description a config must say when the network itself is in files.
#pragma once

#include <string>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// The text of a config whose `network` names SONATA files, and which says what these cannot: Poisson
/// sources, inputs, seeds, precision, the recording. Reading both gives the network of `spec`.
///
/// @param spec         its inputs are written as they are.
/// @param sonata_file  the simulation config, relative to the config that is written.
/// @param comment      lines for its top, each beginning with '#'.
/// @throws Error(invalid_config) naming a population whose name a config cannot say.
[[nodiscard]] std::string sonata_config_text(const ModelSpec& spec, const std::string& sonata_file,
                                             const std::string& comment);

}  // namespace sharpwave
