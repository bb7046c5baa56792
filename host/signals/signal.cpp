#include "host/signals/signal.hpp"

#include <bit>

namespace sharpwave {

Sha256::Digest chained(Sha256& hash, const Sha256::Digest& before, const Signal& signal) {
  static_assert(std::endian::native == std::endian::little, "the message is written in memory order");
  const std::uint32_t words[] = {static_cast<std::uint32_t>(signal.kind), signal.stream, signal.item,
                                 signal.label};
  const std::uint64_t numbers[] = {signal.number, signal.begin_step, signal.end_step, signal.embedding.size(),
                                   signal.n_spikes};
  const double figures[] = {signal.mean_rate_Hz,
                            signal.synchrony,
                            signal.burst,
                            signal.weight_change,
                            signal.eligibility,
                            signal.levels.dopamine,
                            signal.levels.serotonin,
                            signal.levels.noradrenaline,
                            signal.levels.acetylcholine};
  hash.update(before.data(), before.size());
  hash.update(words, sizeof words);
  hash.update(numbers, sizeof numbers);
  hash.update(figures, sizeof figures);
  hash.update(signal.embedding.data(), signal.embedding.size() * sizeof signal.embedding[0]);
  return hash.finish();
}

}  // namespace sharpwave
