#include "host/engine/step_profile.hpp"

#include <cmath>

namespace sharpwave {

std::uint64_t DurationHistogram::quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(n_)));
  std::uint64_t seen = 0;
  for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
    seen += counts_[bin];
    if (seen == 0 || seen < wanted) continue;
    if (bin < kBinsPerOctave) return bin;
    const std::size_t octave = bin / kBinsPerOctave - 1;
    return ((bin - octave * kBinsPerOctave + 1) << octave) - 1;
  }
  return 0;
}

void ThreadProfile::thin_out() {
  every_ *= 2;
  std::erase_if(events_, [&](const Event& event) { return event.step % every_ != 0; });
}

}  // namespace sharpwave
