// SHA-256 for the spike digest, the config digest and the keys of random streams (OpenSSL EVP).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sharpwave {

/// Incremental SHA-256. One object is meant to be kept and used again: the spike digest makes one digest for
/// every step with spikes, and creating a context costs more than hashing a short message.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, std::size_t n_bytes);
  /// The digest of everything since the start or the last finish() or reset(); begins a new message.
  Digest finish();
  /// Forgets what has been given so far.
  void reset();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// The digest of one message.
[[nodiscard]] Sha256::Digest sha256(std::string_view message);

/// Two lower-case hexadecimal digits per byte.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace sharpwave
