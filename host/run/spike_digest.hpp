// The digest chain over all spikes of a run: what two executions of one config must have in common.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/base/sha256.hpp"
#include "host/engine/engine.hpp"

namespace sharpwave {

/// d0 = 32 zero bytes; for each step with spikes d = SHA-256(d || step u64 || count u64 || ids u64
/// ascending), little-endian. It covers all neurons and parrots, recorded or not, warm-up included; no
/// virtual sources.
class SpikeDigest {
 public:
  /// @param chain  what to go on from: the digest of the steps before.
  explicit SpikeDigest(const Sha256::Digest& chain = {}) : chain_(chain) {}
  /// Steps must come in ascending order; a step without spikes changes nothing.
  void add_step(std::uint64_t step, std::span<const std::uint32_t> ids);
  void add_block(const Block& block);
  [[nodiscard]] const Sha256::Digest& chain() const { return chain_; }
  [[nodiscard]] std::string hex() const { return to_hex(chain_); }

 private:
  Sha256 hash_;
  Sha256::Digest chain_;
  std::vector<std::uint64_t> message_;
};

}  // namespace sharpwave
