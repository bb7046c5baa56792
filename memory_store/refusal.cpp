#include "memory_store/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/base/error.hpp"
#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory {

const char* name_of(Reason reason) {
  switch (reason) {
    case Reason::not_finite:
      return "not_finite";
    case Reason::wrong_dimension:
      return "wrong_dimension";
    case Reason::oversized:
      return "oversized";
    case Reason::no_direction:
      return "no_direction";
    case Reason::bad_text:
      return "bad_text";
    case Reason::bad_window:
      return "bad_window";
    case Reason::bad_number:
      return "bad_number";
    case Reason::out_of_range:
      return "out_of_range";
    case Reason::duplicate:
      return "duplicate";
  }
  return "";
}

namespace {

struct Sequence {
  std::size_t n_bytes;
  std::uint32_t first;  ///< the smallest code point that needs as many bytes
};

/// Of the character that begins with `lead`; no bytes where none does.
Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1, 0};
  if (lead >= 0xC2 && lead < 0xE0) return {2, 0x80};
  if (lead >= 0xE0 && lead < 0xF0) return {3, 0x800};
  if (lead >= 0xF0 && lead < 0xF5) return {4, 0x10000};
  return {0, 0};
}

std::optional<Refusal> find_fault_of_name(const char* what, const std::string& name) {
  if (name.size() > kMostNameBytes)
    return Refusal{Reason::oversized,
                   fmt::format("{} of {} bytes, expected at most {}", what, name.size(), kMostNameBytes)};
  if (!is_utf8(name, true))
    return Refusal{Reason::bad_text, fmt::format("{}: neither control characters nor bytes that are no UTF-8 "
                                                 "were expected",
                                                 what)};
  return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text, bool is_name) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const Sequence sequence = sequence_of(lead);
    if (sequence.n_bytes == 0 || sequence.n_bytes > text.size() - i) return false;
    std::uint32_t point = sequence.n_bytes == 1 ? lead : lead & (0x7FU >> sequence.n_bytes);
    for (std::size_t k = 1; k < sequence.n_bytes; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80) return false;
      point = point << 6 | (next & 0x3FU);
    }
    const bool is_surrogate = point >= 0xD800 && point < 0xE000;
    if (point < sequence.first || is_surrogate || point > 0x10FFFF) return false;
    if (is_name && (point < 0x20 || point == 0x7F)) return false;
    i += sequence.n_bytes;
  }
  return true;
}

std::optional<Refusal> find_fault(const Provenance& provenance) {
  for (const auto& [what, name] : {std::pair{"the run's id", &provenance.run},
                                   std::pair{"the config's digest", &provenance.config_digest},
                                   std::pair{"the population's name", &provenance.population}})
    if (auto fault = find_fault_of_name(what, *name)) return fault;
  if (provenance.signal == 0 || provenance.signal > kLastSignal)
    return Refusal{Reason::bad_number,
                   fmt::format("signal number {}, expected 1 to {}", provenance.signal, kLastSignal)};
  return std::nullopt;
}

std::optional<Refusal> find_fault(const ConsolidationSignal& signal) {
  const WindowStatistics& s = signal.statistics;
  const Modulators& m = signal.modulators;
  for (const auto& [what, value] :
       {std::pair{"number of spikes", s.n_spikes}, std::pair{"mean rate", s.mean_rate_Hz},
        std::pair{"synchrony", s.synchrony}, std::pair{"burst strength", s.burst_strength},
        std::pair{"change of weights", s.weight_change}, std::pair{"eligibility", s.eligibility},
        std::pair{"dopamine", m.dopamine}, std::pair{"serotonin", m.serotonin},
        std::pair{"noradrenaline", m.noradrenaline}, std::pair{"acetylcholine", m.acetylcholine}})
    if (!std::isfinite(value))
      return Refusal{Reason::not_finite, fmt::format("{}: {}, expected a finite number", what, value)};
  const Provenance& p = signal.provenance;
  if (!(p.begin_ms >= 0 && p.begin_ms < p.end_ms && p.end_ms <= kLatestMs))
    return Refusal{Reason::bad_window,
                   fmt::format("a window from {} to {} ms, expected 0 <= begin < end <= {}", p.begin_ms,
                               p.end_ms, kLatestMs)};
  return find_metadata_fault(signal.metadata);
}

std::optional<Refusal> find_metadata_fault(std::string_view metadata) {
  if (metadata.size() > kMostMetadataBytes)
    return Refusal{Reason::oversized, fmt::format("metadata of {} bytes, expected at most {}",
                                                  metadata.size(), kMostMetadataBytes)};
  if (!is_utf8(metadata, false)) return Refusal{Reason::bad_text, "the metadata is no UTF-8"};
  return std::nullopt;
}

std::optional<Refusal> find_fault(std::span<const float> embedding, std::uint32_t dimension,
                                  std::vector<float>& unit) {
  try {
    unit = unit_vector(embedding, dimension);
    return std::nullopt;
  } catch (const Error& error) {
    Reason reason = Reason::no_direction;
    if (embedding.size() > kMaxDimension)
      reason = Reason::oversized;
    else if (embedding.empty() || (dimension > 0 && embedding.size() != dimension))
      reason = Reason::wrong_dimension;
    else if (!std::all_of(embedding.begin(), embedding.end(), [](float x) { return std::isfinite(x); }))
      reason = Reason::not_finite;
    return Refusal{reason, error.what()};
  }
}

}  // namespace sharpwave::memory
