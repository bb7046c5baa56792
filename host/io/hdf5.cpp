#include "host/io/hdf5.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "host/base/error.hpp"
#include "host/io/hdf5_internal.hpp"

namespace sharpwave::hdf5 {
namespace {

constexpr hsize_t kMostLinks = 1'000'000;

std::string fixed_text(const std::string& buffer) {
  std::string text = buffer.substr(0, buffer.find('\0'));
  text.erase(text.find_last_not_of(' ') + 1);  // H5T_STR_SPACEPAD
  return text;
}

// A text type as stored, in memory: same length, padding and character set.
Id text_type(std::size_t size, H5T_cset_t character_set) {
  Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), size);
  H5Tset_cset(type.get(), character_set);
  return type;
}

}  // namespace

// The library prints its error stack by default and loads filters from wherever the environment says.
LibraryLock lock_library() {
  static std::recursive_mutex mutex;
  LibraryLock lock(mutex);
  static const bool done = [] {
    // A file that could not be closed because the disk is full stays in the library's tables, and its
    // clean-up at exit crashes on it. We close what we open ourselves.
    H5dont_atexit();
    H5open();
    H5PLset_loading_state(0);
    register_reference_conversion();
    return true;
  }();
  static_cast<void>(done);
  // A library that is built for threads has an error stack for each of them.
  thread_local const bool is_quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(is_quiet);
  return lock;
}

namespace {

/// The error number of the system that a description of the library names; 0 if none.
int error_number_in(const std::string& description) {
  constexpr std::string_view kMark = "errno = ";
  const std::size_t at = description.find(kMark);
  return at == std::string::npos ? 0 : std::atoi(description.c_str() + at + kMark.size());
}

[[noreturn]] void fail(ExitCode code, const std::string& message) {
  const std::string reason = library_reason();
  const int number = error_number_in(reason);
  if (number == 0) throw Error(code, message + reason);
  // What the library says besides of a failed write is times and addresses.
  const bool no_room = number == ENOSPC || number == EDQUOT || number == EFBIG;
  throw Error(code == ExitCode::io && no_room ? ExitCode::no_room : code,
              message + ": " + std::strerror(number));
}

}  // namespace

std::string library_reason() {
  std::string reason;
  const auto innermost = [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    if (error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, innermost, &reason);
  H5Eclear2(H5E_DEFAULT);
  return reason.empty() ? reason : " (" + reason + ")";
}

Id checked(hid_t id, Id::Close close, ExitCode code, const std::string& message) {
  if (id < 0) fail(code, message);
  return {id, close};
}

void check(herr_t status, ExitCode code, const std::string& message) {
  if (status < 0) fail(code, message);
}

// ---- Object -------------------------------------------------------------------------------------------

std::optional<std::string> Object::text_attribute(const std::string& name) const {
  const std::string message = where() + ": attribute '" + name + "': expected one piece of text";
  const htri_t exists = H5Aexists(id_.get(), name.c_str());
  check(exists, ExitCode::damaged_data, message);
  if (exists == 0) return std::nullopt;

  const Id attribute = checked(H5Aopen(id_.get(), name.c_str(), H5P_DEFAULT), H5Aclose, kDamaged, message);
  const Id space = checked(H5Aget_space(attribute.get()), H5Sclose, kDamaged, message);
  const Id type = checked(H5Aget_type(attribute.get()), H5Tclose, kDamaged, message);
  if (H5Sget_simple_extent_npoints(space.get()) != 1 || H5Tget_class(type.get()) != H5T_STRING) {
    throw Error(kDamaged, message);
  }
  if (H5Tis_variable_str(type.get()) > 0) {
    std::string text = variable_text(attribute.get(), RawBytes(file_, opened_->image), kLongestText, message);
    spend(*opened_, text.size(), where());
    return text;
  }
  const std::size_t size = H5Tget_size(type.get());
  if (size == 0 || size > kLongestText) throw Error(kDamaged, message);
  std::string buffer(size, '\0');
  check(H5Aread(attribute.get(), type.get(), buffer.data()), kDamaged, message);
  return fixed_text(buffer);
}

void Object::write_attribute(const std::string& name, Id::Value type, Id::Value space, const void* value) {
  const std::string message = where() + ": cannot write attribute '" + name + "'";
  const Id attribute = checked(H5Acreate2(id_.get(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                               H5Aclose, ExitCode::io, message);
  check(H5Awrite(attribute.get(), type, value), ExitCode::io, message);
}

void Object::set_attribute(const std::string& name, const std::string& text) {
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id type = text_type(H5T_VARIABLE, H5T_CSET_UTF8);
  const char* value = text.c_str();
  write_attribute(name, type.get(), space.get(), static_cast<const void*>(&value));
}

void Object::set_enum_attribute(const std::string& name, const std::vector<std::string>& names, int value) {
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Id type(H5Tenum_create(H5T_STD_U8LE), H5Tclose);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto number = static_cast<std::uint8_t>(i);
    check(H5Tenum_insert(type.get(), names[i].c_str(), &number), ExitCode::io,
          where() + ": cannot write attribute '" + name + "'");
  }
  const auto stored = static_cast<std::uint8_t>(value);
  write_attribute(name, type.get(), space.get(), &stored);
}

void Object::set_attribute(const std::string& name, std::uint8_t value) {
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  write_attribute(name, H5T_STD_U8LE, space.get(), &value);
}
void Object::set_attribute(const std::string& name, std::int32_t value) {
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  write_attribute(name, H5T_STD_I32LE, space.get(), &value);
}
void Object::set_attribute(const std::string& name, std::uint64_t value) {
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  write_attribute(name, H5T_STD_U64LE, space.get(), &value);
}
void Object::set_attribute(const std::string& name, double value) {
  const Id space(H5Screate(H5S_SCALAR), H5Sclose);
  write_attribute(name, H5T_IEEE_F64LE, space.get(), &value);
}

// ---- Group --------------------------------------------------------------------------------------------

std::string Group::child_path(const std::string& name) const {
  return path_ == "/" ? path_ + name : path_ + "/" + name;
}

Group::Kind Group::kind(const std::string& name) const {
  const htri_t exists = H5Lexists(id_.get(), name.c_str(), H5P_DEFAULT);
  check(exists, ExitCode::damaged_data, where() + ": cannot look up '" + name + "'");
  if (exists == 0) return Kind::none;
  // An external link would make a file of this network read another one of its maker's choice.
  H5L_info_t link;
  check(H5Lget_info(id_.get(), name.c_str(), &link, H5P_DEFAULT), ExitCode::damaged_data,
        where() + ": cannot look up '" + name + "'");
  if (link.type != H5L_TYPE_HARD && link.type != H5L_TYPE_SOFT) {
    throw Error(ExitCode::damaged_data,
                file_ + ": " + child_path(name) + " is a link to another file; expected it in this one");
  }
  if (H5Oexists_by_name(id_.get(), name.c_str(), H5P_DEFAULT) <= 0) return Kind::none;  // dangling soft link
  H5O_info_t object;
  check(H5Oget_info_by_name(id_.get(), name.c_str(), &object, H5P_DEFAULT), ExitCode::damaged_data,
        file_ + ": " + child_path(name) + " cannot be opened");
  if (object.type == H5O_TYPE_GROUP) return Kind::group;
  return object.type == H5O_TYPE_DATASET ? Kind::dataset : Kind::other;
}

std::vector<std::string> Group::names() const {
  H5G_info_t info;
  check(H5Gget_info(id_.get(), &info), ExitCode::damaged_data, where() + ": cannot list the group");
  if (info.nlinks > kMostLinks) {
    throw Error(ExitCode::damaged_data, where() + ": says that it has " + std::to_string(info.nlinks) +
                                            " entries; expected at most " + std::to_string(kMostLinks));
  }
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    auto& found = *static_cast<std::vector<std::string>*>(out);
    if (found.size() >= kMostLinks) return -1;
    found.emplace_back(name);
    return 0;
  };
  check(H5Literate(id_.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect, &names),
        ExitCode::damaged_data, where() + ": cannot list the group");
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) spend(*opened_, name.size(), where());
  return names;
}

Group Group::group(const std::string& name) const {
  const std::string message = file_ + ": " + child_path(name) + ": expected a group";
  if (kind(name) != Kind::group) throw Error(ExitCode::damaged_data, message);
  check_header_of(id_.get(), name, file_, *opened_, file_ + ": " + child_path(name));
  return {checked(H5Gopen2(id_.get(), name.c_str(), H5P_DEFAULT), H5Gclose, ExitCode::damaged_data, message),
          file_, child_path(name), opened_};
}

Dataset Group::dataset(const std::string& name) const {
  const std::string message = file_ + ": " + child_path(name) + ": expected a dataset";
  if (kind(name) != Kind::dataset) throw Error(ExitCode::damaged_data, message);
  check_header_of(id_.get(), name, file_, *opened_, file_ + ": " + child_path(name));
  return {checked(H5Dopen2(id_.get(), name.c_str(), H5P_DEFAULT), H5Dclose, ExitCode::damaged_data, message),
          file_, child_path(name), opened_};
}

Group Group::create_group(const std::string& name) {
  const std::string message = file_ + ": cannot create group " + child_path(name);
  return {checked(H5Gcreate2(id_.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                  ExitCode::io, message),
          file_, child_path(name), opened_};
}

void Group::mark_as_sonata() {
  // SONATA developer guide, "HDF5 file attributes".
  constexpr std::uint32_t kMagic = 0x0A7A;
  constexpr std::array<std::uint32_t, 2> kVersion{0, 1};
  const Id scalar(H5Screate(H5S_SCALAR), H5Sclose);
  write_attribute("magic", H5T_STD_U32LE, scalar.get(), &kMagic);
  const hsize_t size = kVersion.size();
  const Id pair(H5Screate_simple(1, &size, nullptr), H5Sclose);
  write_attribute("version", H5T_STD_U32LE, pair.get(), kVersion.data());
}

// ---- File ---------------------------------------------------------------------------------------------

File File::open(const std::filesystem::path& path) {
  LibraryLock lock = lock_library();
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw Error(ExitCode::io, name + ": is a directory; expected an HDF5 file");
  }
  if (!std::ifstream(path).is_open()) {
    throw Error(ExitCode::io, name + ": cannot be opened: " + std::strerror(errno));
  }
  if (H5Fis_hdf5(name.c_str()) <= 0) {
    H5Eclear2(H5E_DEFAULT);
    throw Error(ExitCode::damaged_data, name + ": is not an HDF5 file, or its beginning is damaged");
  }
  Id id = checked(H5Fopen(name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, ExitCode::damaged_data,
                  name + ": the HDF5 file is truncated or damaged");
  return {std::move(lock), std::move(id), name};
}

File File::create(const std::filesystem::path& path) {
  LibraryLock lock = lock_library();
  const std::string name = path.string();
  const std::string message = name + ": cannot be created";
  const Id access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, ExitCode::io, message);
  // Closing fails while objects are open, instead of being put off silently.
  check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_SEMI), ExitCode::io, message);
  Id id = checked(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose, ExitCode::io,
                  message);
  return {std::move(lock), std::move(id), name};
}

Group File::root() const {
  check_header_of(id_.get(), "/", name_, *opened_, name_ + ": /");
  return {checked(H5Gopen2(id_.get(), "/", H5P_DEFAULT), H5Gclose, ExitCode::damaged_data,
                  name_ + ": the HDF5 file has no readable root group"),
          name_, "/", opened_};
}

void File::flush() {
  check(H5Fflush(id_.get(), H5F_SCOPE_LOCAL), ExitCode::io, name_ + ": cannot be written out");
}

void File::close() {
  check(id_.reset(), ExitCode::io, name_ + ": cannot be written out");
  opened_.reset();
}

}  // namespace sharpwave::hdf5
