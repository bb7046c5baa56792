#include "host/report/packing.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace sharpwave::report {

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::size_t kBlock = 3 << 20;  // whole triples, and below what an int counts
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4 + 1);
  for (std::size_t begin = 0; begin < bytes.size(); begin += kBlock) {
    const std::span<const std::byte> block = bytes.subspan(begin, std::min(kBlock, bytes.size() - begin));
    const std::size_t written = text.size();
    text.resize(written + (block.size() + 2) / 3 * 4 + 1);  // and the terminator
    const int n =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + written),
                        reinterpret_cast<const unsigned char*>(block.data()), static_cast<int>(block.size()));
    text.resize(written + static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace sharpwave::report
