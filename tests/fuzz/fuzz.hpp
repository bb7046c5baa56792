// What the fuzz targets share: how a finding ends the process, and what a reader may throw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/error.hpp"

/// The entry of libFuzzer, and of replay.cpp where there is none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sharpwave::fuzz {

inline void require(bool holds, const char* what, const std::string& detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "finding: %s: %s\n", what, detail.c_str());
  std::abort();
}

/// What readers have said of the input in hand; replay.cpp looks at it.
struct Verdicts {
  int accepted = 0;     ///< how often
  std::string refusal;  ///< the last one
};
inline Verdicts verdicts;

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// What reading came to: a value, or the message of an Error.
template <typename T>
struct Outcome {
  std::optional<T> value;
  std::string message;
};

/// Reads. Whatever it throws besides an Error with a message and a documented code for input is a finding:
/// nothing catches it.
template <typename Read>
auto outcome_of(Read read) -> Outcome<decltype(read())> {
  try {
    Outcome<decltype(read())> outcome{read(), {}};
    ++verdicts.accepted;
    return outcome;
  } catch (const Error& error) {
    const std::string message = error.what();
    const ExitCode code = error.code();
    require(code == ExitCode::invalid_config || code == ExitCode::io || code == ExitCode::damaged_data ||
                code == ExitCode::no_room,
            "an exit code that hostile input must not give", message);
    require(!message.empty(), "an error without a message");
    verdicts.refusal = message;
    return {std::nullopt, message};
  }
}

}  // namespace sharpwave::fuzz
