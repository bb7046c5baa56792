#include "host/network/random_streams.hpp"

#include "host/base/error.hpp"

namespace sharpwave {

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
