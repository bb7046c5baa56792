#include "host/network/random_streams.hpp"

#include <cstring>

#include "host/base/error.hpp"
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

PhiloxKey StreamRegistry::key(RandomPurpose purpose, std::uint64_t seed, std::string_view name) {
  const PhiloxKey key = stream_key(purpose, seed, name);
  const std::string owner = std::string(purpose_name(purpose)) + " of '" + std::string(name) + "'";
  const auto [place, is_new] = owners_.emplace((std::uint64_t{key.k1} << 32) | key.k0, owner);
  if (!is_new)
    throw Error(ExitCode::invalid_config, "the random stream '" + owner + "' equals that of '" +
                                              place->second + "': give one of them another name");
  return key;
}

}  // namespace sharpwave
