// What must not leave the machine, taken out of texts that may.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sharpwave::operate {

inline constexpr std::string_view kMasked = "[masked]";

/// `text` with these replaced by "[masked]":
///  - private keys in PEM, also those of which only one end is there;
///  - what follows `Bearer` or `Basic`, and the value of an `Authorization` or `Cookie` header up to a quote;
///  - the value behind `=` or `:`, and of an option the word behind it, where the name contains `token`,
///  `password`,
///    `passwd`, `passphrase`, `secret`, `credential`, `api_key`, `access_key` or `private_key`, in any case,
///    quoted or not, also in JSON within JSON;
///  - the password of a URL, `scheme://user:password@host`.
/// It is too eager rather than too shy: "token: 32 characters" loses the 32.
/// @param known  texts that are masked wherever they stand; those of less than 4 bytes are left alone.
/// Any bytes. Safe from several threads. O(size).
[[nodiscard]] std::string mask_secrets(std::string_view text, const std::vector<std::string>& known = {});

/// Whether a variable, an option or a key of that name holds a secret: it contains TOKEN, KEY, SECRET,
/// PASSWORD, PASSWD, PASSPHRASE or CREDENTIAL, in any case.
[[nodiscard]] bool is_secret_name(std::string_view name);

}  // namespace sharpwave::operate
