// The reader of images: IDX, plain and compressed.
#include <numeric>

#include "host/io/idx.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  const std::string_view file = text_of(data, size);
  const auto outcome = outcome_of([&] { return read_idx(file, "images"); });
  if (!outcome.value) {
    require(outcome.message.starts_with("images: "), "a message without a place", outcome.message);
    return 0;
  }
  const IdxArray& array = *outcome.value;
  const std::uint64_t n = std::accumulate(array.shape.begin(), array.shape.end(), std::uint64_t{1},
                                          std::multiplies<std::uint64_t>());
  require(!array.shape.empty() && array.shape.size() <= 4, "a number of dimensions that cannot be");
  require(n == array.values.size() && n > 0, "as many values as the shape says");
  require(read_idx(file, "images").values == array.values, "a result that differs the second time");
  return 0;
}
