#include "host/run/spike_digest.hpp"

#include <bit>

namespace sharpwave {

void SpikeDigest::add_step(std::uint64_t step, std::span<const std::uint32_t> ids) {
  static_assert(std::endian::native == std::endian::little, "the message is written in memory order");
  if (ids.empty()) return;
  message_.assign({step, ids.size()});
  message_.insert(message_.end(), ids.begin(), ids.end());
  hash_.update(chain_.data(), chain_.size());
  hash_.update(message_.data(), message_.size() * sizeof(std::uint64_t));
  chain_ = hash_.finish();
}

void SpikeDigest::add_block(const Block& block) {
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    const std::span<const std::uint32_t> ids(block.ids);
    add_step(block.first_step + i, ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]));
  }
}

}  // namespace sharpwave
