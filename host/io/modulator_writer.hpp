// neuromodulators.h5: the levels of neuromodulators over time. docs/formats/neuromodulators.md describes it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/neuromodulation.hpp"

namespace sharpwave {

/// What a record of a region says about itself.
struct ModulatorHeader {
  std::string region;
  std::array<bool, kModulators> has{};  ///< by Modulator
  double dt_ms = 0;
};

/// Its name appears only in finish(); until then the file is called `<name>.partial`.
class ModulatorWriter {
 public:
  static constexpr const char* kName = "neuromodulators.h5";

  /// @throws Error(io) naming the file; so do all.
  ModulatorWriter(const std::filesystem::path& directory, const std::vector<ModulatorHeader>& regions);
  ~ModulatorWriter();
  ModulatorWriter(ModulatorWriter&&) noexcept;
  ModulatorWriter& operator=(ModulatorWriter&&) noexcept;

  /// @param levels  [n_regions] after the step.
  void append(std::uint64_t step, std::span<const ModulatorLevels> levels);
  /// @return the file's path.
  std::filesystem::path finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sharpwave
