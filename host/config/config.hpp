// A YAML config to the typed description of a model. The keys are documented in docs/config.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// `--set populations.E.size=500`: replaces or adds one key before the config is interpreted.
struct Override {
  std::string path;   ///< keys joined by dots; an item of a list by its position or its `name`
  std::string value;  ///< YAML, usually a number or a word
  int line = 0;       ///< where the config asks for it; 0: it does not
  int column = 0;
  bool varied = false;  ///< by `batch.vary`
};
/// The inverse of parse_override().
[[nodiscard]] std::string to_text(const Override& override);

/// Splits `path=value`.
/// @throws Error(usage) where there is no `=` or no path before it.
[[nodiscard]] Override parse_override(std::string_view argument);
/// Each of them, in their order.
[[nodiscard]] std::vector<Override> parse_overrides(const std::vector<std::string>& arguments);

/// Reads a config file.
///
/// @param warnings  gets what is tolerated but hardly meant (spikes after the end); may be null.
/// @return a description in which every value has been checked; populations, projections and inputs in the
///         order of the file.
/// @throws ConfigError with every fault at once; Error(io) where the file cannot be read; what read_sonata()
///         throws for a SONATA network.
[[nodiscard]] ModelSpec load_config(const std::filesystem::path& file,
                                    const std::vector<Override>& overrides = {},
                                    std::vector<Diagnostic>* warnings = nullptr);

/// The same for a text.
/// @param name         how messages call it.
/// @param base_folder  what relative paths in it start from.
[[nodiscard]] ModelSpec load_config_text(std::string_view text, const std::string& name,
                                         const std::vector<Override>& overrides = {},
                                         std::vector<Diagnostic>* warnings = nullptr,
                                         const std::filesystem::path& base_folder = ".");

/// A config that is read more than once.
class ConfigText {
 public:
  /// @throws ConfigError where the text cannot be read at all.
  ConfigText(std::string_view text, const std::string& name, std::vector<Override> overrides,
             const std::filesystem::path& base_folder);
  ~ConfigText();
  ConfigText(ConfigText&&) noexcept;
  ConfigText& operator=(ConfigText&&) noexcept;

  [[nodiscard]] const std::string& name() const;

  /// What load_config_text() gives.
  [[nodiscard]] ModelSpec load(std::vector<Diagnostic>* warnings = nullptr) const;
  /// The same with further overrides, and without a look at `batch`.
  [[nodiscard]] ModelSpec load_instance(const std::vector<Override>& further) const;

 private:
  struct Parsed;
  std::unique_ptr<const Parsed> parsed_;
};

/// That of a file; throws as load_config().
[[nodiscard]] ConfigText config_text_of(const std::filesystem::path& file, std::vector<Override> overrides);

/// What makes an instance of the config: overrides behind those with which `spec` was read.
/// @param spec      has a `batch`.
/// @param instance  below its size.
[[nodiscard]] std::vector<Override> instance_overrides(const ModelSpec& spec, std::uint32_t instance);

}  // namespace sharpwave
