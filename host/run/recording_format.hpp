// The bytes of a recording that its writer and its reader share; docs/formats/recording.md describes them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "host/base/sha256.hpp"
#include "host/engine/plasticity_reading.hpp"
#include "kernels/neuromodulation.hpp"

namespace sharpwave::recording {

static_assert(std::endian::native == std::endian::little, "the structs below are the file's bytes");

inline constexpr const char* kFileName = "recording.swr";
inline constexpr std::uint32_t kVersion = 2;
inline constexpr std::uint64_t kAlignment = 8;
inline constexpr std::uint64_t kMostStepsInBlock = 0xffffffff;

struct FileHead {
  std::array<std::uint8_t, 8> magic{0x89, 'S', 'W', 'R', '\r', '\n', 0x1a, '\n'};
  std::uint32_t version = kVersion;
  std::uint32_t zero = 0;
};
static_assert(sizeof(FileHead) == 16);

enum class FrameKind : std::uint32_t {
  header = 0,
  samples = 1,
  spikes = 2,
  learning = 3,
  synapses = 4,
  modulators = 5,
  trial = 6
};

inline constexpr std::uint32_t kFrameMagic = 0x454d5246;

struct FrameHead {
  std::uint32_t magic = kFrameMagic;
  std::uint32_t kind = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t first_step = 0;
  std::uint64_t n_steps = 0;
  std::uint32_t report = 0;
  std::uint32_t zero = 0;
  std::array<std::uint8_t, 8> head_digest{};
  std::array<std::uint8_t, 16> payload_digest{};
};
static_assert(sizeof(FrameHead) == 64 && offsetof(FrameHead, head_digest) == 40);

/// What a frame of a trial begins with; counts of neurons follow.
struct TrialHead {
  std::uint32_t phase = 0;
  std::uint32_t item = 0;
  std::uint32_t label = 0;
  std::uint32_t told = 0;
  std::uint32_t attempts = 0;
  std::uint32_t n_counts = 0;
  double gain = 0;
  std::uint64_t first_step = 0;
  std::uint64_t spikes = 0;
};
static_assert(sizeof(TrialHead) == 48);

/// A step with spikes: counted from the first of its block, and how many.
struct SpikeGroup {
  std::uint32_t step = 0;
  std::uint32_t n = 0;
};
static_assert(sizeof(SpikeGroup) == 8);

/// A learning frame without weights: numbers of 64 bits.
inline constexpr std::size_t kMetricNumbers = 11 + PlasticityReading::kBins;
/// In the order of PlasticityReading.
[[nodiscard]] std::array<std::uint64_t, kMetricNumbers> to_numbers(const PlasticityReading& reading);
[[nodiscard]] PlasticityReading from_numbers(std::span<const std::uint64_t, kMetricNumbers> numbers);

/// A modulators frame: five numbers of 64 bits for each region, as the struct has them.
static_assert(sizeof(ModulatorLevels) == 5 * sizeof(double));

/// Zeros that follow `n_bytes` of content.
[[nodiscard]] constexpr std::uint64_t padding_of(std::uint64_t n_bytes) {
  return (kAlignment - n_bytes % kAlignment) % kAlignment;
}

/// The digests of a file's frames one after the other, each over the one before. For every frame: head(),
/// then add() what its payload holds, then end_frame().
class DigestChain {
 public:
  using Value = std::array<std::uint8_t, 16>;
  /// The value before the first frame is the file head.
  explicit DigestChain(const FileHead& head = {}) : last_(std::bit_cast<Value>(head)) {}
  /// Behind a frame with the payload digest `last`.
  explicit DigestChain(const Value& last) : last_(last) {}
  [[nodiscard]] const Value& last() const { return last_; }

  /// The head digest of the frame that begins; its payload's digest is not looked at.
  [[nodiscard]] std::array<std::uint8_t, 8> head(const FrameHead& frame) {
    hash_.update(last_.data(), last_.size());
    hash_.update(&frame, offsetof(FrameHead, head_digest));
    const Sha256::Digest digest = hash_.finish();
    std::array<std::uint8_t, 8> result{};
    std::copy_n(digest.begin(), result.size(), result.begin());
    hash_.update(&frame, offsetof(FrameHead, head_digest));
    hash_.update(result.data(), result.size());
    return result;
  }
  void add(const void* payload, std::size_t n_bytes) { hash_.update(payload, n_bytes); }
  /// The payload digest.
  Value end_frame() {
    const Sha256::Digest digest = hash_.finish();
    std::copy_n(digest.begin(), last_.size(), last_.begin());
    return last_;
  }

 private:
  Sha256 hash_;
  Value last_;
};

}  // namespace sharpwave::recording
