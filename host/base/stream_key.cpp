#include "host/base/stream_key.hpp"

#include <cstring>
#include <string>

#include "host/base/sha256.hpp"

namespace sharpwave {

PhiloxKey stream_key(RandomPurpose purpose, std::uint64_t seed, std::string_view name) {
  std::string message = purpose_name(purpose);
  message.push_back('\0');
  for (int byte = 0; byte < 8; ++byte) message.push_back(static_cast<char>((seed >> (8 * byte)) & 0xff));
  message += name;
  const Sha256::Digest digest = sha256(message);
  PhiloxKey key{};
  std::memcpy(&key.k0, digest.data(), 4);
  std::memcpy(&key.k1, digest.data() + 4, 4);
  return key;
}

}  // namespace sharpwave
