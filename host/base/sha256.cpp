#include "host/base/sha256.hpp"

#include <openssl/evp.h>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

struct FreeAlgorithm {
  void operator()(EVP_MD* p) const { EVP_MD_free(p); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};

void check(int openssl_result) {
  if (openssl_result != 1) throw Error(ExitCode::internal, "SHA-256 of the OpenSSL library failed");
}

}  // namespace

struct Sha256::Context {
  // Fetched once: the implicit fetch of EVP_sha256() takes longer than the digest of a short message.
  std::unique_ptr<EVP_MD, FreeAlgorithm> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, FreeContext> state{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  check(context_->algorithm && context_->state ? 1 : 0);
  reset();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(const void* data, std::size_t n_bytes) {
  check(EVP_DigestUpdate(context_->state.get(), data, n_bytes));
}

Sha256::Digest Sha256::finish() {
  Digest digest{};
  check(EVP_DigestFinal_ex(context_->state.get(), digest.data(), nullptr));
  reset();
  return digest;
}

void Sha256::reset() {
  check(EVP_DigestInit_ex2(context_->state.get(), context_->algorithm.get(), nullptr));
}

Sha256::Digest sha256(std::string_view message) {
  Sha256 hash;
  hash.update(message.data(), message.size());
  return hash.finish();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace sharpwave
