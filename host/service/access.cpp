#include "host/service/access.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "host/base/error.hpp"
#include "host/base/sha256.hpp"
#include "host/io/file_descriptor.hpp"

namespace sharpwave::service {
namespace {

constexpr std::size_t kLeastToken = 32;
constexpr std::size_t kMostToken = 512;
constexpr std::string_view kBearer = "Bearer ";

std::string read_token(const std::filesystem::path& file) {
  struct stat status {};
  const FileDescriptor descriptor(file, O_RDONLY);
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0)
    fail_with_errno(file, "the file of a token cannot be read");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Error(ExitCode::io,
                fmt::format("{}: others can read or write this token: chmod 600", file.string()));
  std::string text(kMostToken + 2, '\0');
  const ssize_t n = ::read(descriptor.get(), text.data(), text.size());
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  if (text.size() < kLeastToken || text.size() > kMostToken || !is_plain)
    throw Error(ExitCode::io, fmt::format("{}: no token, expected one line of {} to {} printable characters",
                                          file.string(), kLeastToken, kMostToken));
  return text;
}

}  // namespace

bool is_loopback(std::string_view address) {
  boost::system::error_code status;
  const auto parsed = boost::asio::ip::make_address(std::string(address), status);
  return !status && parsed.is_loopback();
}

AccessControl::AccessControl(const AccessOptions& options, std::string_view address, bool has_tls)
    : options_(options), has_tls_(has_tls), hosts_(options.host_names) {
  if (!is_loopback(address) && (!options_.admin_token || !has_tls_))
    throw Error(ExitCode::usage,
                fmt::format("--address {}: others reach it; expected --admin-token, --tls-certificate and "
                            "--tls-key with it",
                            address));
  hosts_.emplace_back("localhost");
  hosts_.emplace_back(address.find(':') == std::string_view::npos ? std::string(address)
                                                                  : fmt::format("[{}]", address));
  if (is_loopback(address)) hosts_.insert(hosts_.end(), {"127.0.0.1", "[::1]"});
  reload();
}

void AccessControl::reload() {
  const auto digest_in = [](const std::optional<std::filesystem::path>& file) -> std::optional<Digest> {
    if (!file) return std::nullopt;
    return sha256(read_token(*file));
  };
  const std::optional<Digest> reader = digest_in(options_.read_token);
  const std::optional<Digest> admin = digest_in(options_.admin_token);
  const std::lock_guard lock(mutex_);
  reader_ = reader;
  admin_ = admin;
}

bool AccessControl::knows_host(std::string_view host, std::uint16_t port) const {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  if (has_port && host.substr(colon + 1) != std::to_string(port)) {
    // Behind a proxy or a forwarded port it is reached by another one, which is as good under a name that was
    // given; of what a browser makes an address of by itself it has to be this one.
    if (std::ranges::find(options_.host_names, name) == options_.host_names.end()) return false;
  }
  return std::ranges::any_of(hosts_, [&](const std::string& known) {
    return std::ranges::equal(known, name,
                              [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  });
}

bool AccessControl::knows_origin(std::string_view origin, std::string_view host) const {
  return origin == fmt::format("{}://{}", has_tls_ ? "https" : "http", host);
}

std::optional<Access> AccessControl::granted_to(const std::optional<std::string>& authorization) const {
  const std::lock_guard lock(mutex_);
  const Access without = admin_ ? Access::anyone : Access::admin;
  if (!authorization) return without;
  if (!reader_ && !admin_) return without;
  if (!std::string_view(*authorization).starts_with(kBearer)) return std::nullopt;
  const Digest given = sha256(std::string_view(*authorization).substr(kBearer.size()));
  // Both are compared, whatever the first says, so that the time says nothing.
  const auto is_same = [&](const std::optional<Digest>& digest) {
    return digest && CRYPTO_memcmp(given.data(), digest->data(), given.size()) == 0;
  };
  const bool is_reader = is_same(reader_);
  const bool is_admin = is_same(admin_);
  if (is_admin) return Access::admin;
  if (is_reader) return Access::reader;
  return std::nullopt;
}

}  // namespace sharpwave::service
