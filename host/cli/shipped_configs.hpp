// The configs that come with the program, put into it when it is built.
#pragma once

#include <span>
#include <string_view>

namespace sharpwave::cli {

struct ShippedConfig {
  std::string_view name;  ///< "brunel", of configs/brunel.yaml
  std::string_view text;
};

/// By name.
extern const std::span<const ShippedConfig> kShippedConfigs;

}  // namespace sharpwave::cli
