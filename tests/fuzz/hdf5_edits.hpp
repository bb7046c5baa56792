// Valid HDF5 files with contents that nobody expects: edits of a file, chosen by bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace sharpwave::fuzz {

/// Bytes that choose; zeros where they have run out.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t next() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  template <typename List>
  const auto& among(const List& list) {
    return list[next() % std::size(list)];
  }

 private:
  std::span<const std::uint8_t> rest_;
};

/// What edits are about.
struct Editable {
  std::vector<std::string> objects;     ///< paths, also of what is not there
  std::vector<std::string> attributes;  ///< names
};

/// Replaces, removes, links or describes one of the objects of a file; what the library refuses is left.
void edit_hdf5(const std::filesystem::path& file, const Editable& editable, Choices& choices);

}  // namespace sharpwave::fuzz
