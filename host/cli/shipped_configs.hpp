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

/// @throws Error(usage) for a name that is none, with what was perhaps meant.
[[nodiscard]] std::string_view shipped_config_text(std::string_view name);

}  // namespace sharpwave::cli
