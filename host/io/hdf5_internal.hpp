// Shared by the parts of the HDF5 layer; not for others.
#pragma once

#include <hdf5.h>

#include <string>
#include <type_traits>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave::hdf5 {

static_assert(std::is_same_v<hid_t, Id::Value>, "written for HDF5 1.10 and later");

/// Why the last call failed, from the library's error stack: its innermost entry, in parentheses and with a
/// space before it; empty where the stack is.
[[nodiscard]] std::string library_reason();

/// An identifier, or an exception that says what was attempted where.
[[nodiscard]] Id checked(hid_t id, Id::Close close, ExitCode code, const std::string& message);
/// To be called once, before variable_text().
void register_reference_conversion();
/// Text of variable length from an attribute that holds one, safely also from a damaged file.
/// @throws Error(damaged_data) with `message`.
[[nodiscard]] std::string variable_text(hid_t attribute, const std::string& file, std::size_t longest,
                                        const std::string& message);

/// To be called before a dataset is opened whose header stands at `address`.
/// @throws Error(damaged_data) naming `where` for chunks and attributes on which the library would hang or
/// crash.
void check_header(hid_t file_id, const std::string& path, std::uint64_t address, const std::string& where);

void check(herr_t status, ExitCode code, const std::string& message);

}  // namespace sharpwave::hdf5
