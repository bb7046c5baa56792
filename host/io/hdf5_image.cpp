// HDF5 files that lie in memory.
#include <atomic>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/hdf5_internal.hpp"

namespace sharpwave::hdf5 {
namespace {

constexpr std::size_t kGrowthBytes = std::size_t{1} << 20;

/// Access to a file in memory that is never written to the disk.
Id access_properties(const std::string& message) {
  Id access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, ExitCode::io, message);
  check(H5Pset_fapl_core(access.get(), kGrowthBytes, false), ExitCode::io, message);
  // Closing fails while objects are open, instead of being put off silently.
  check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_SEMI), ExitCode::io, message);
  return access;
}

/// The library takes two files in memory of one name for one file.
std::string unique_name() {
  static std::atomic<std::uint64_t> n_images = 0;
  return "sharpwave image " + std::to_string(n_images++);
}

}  // namespace

File File::open_image(std::string_view image, const std::string& name) {
  LibraryLock lock = lock_library();
  const std::string message = name + ": the HDF5 part of the file is damaged";
  const Id access = access_properties(message);
  // The library only reads: it makes a copy, which it works on.
  check(H5Pset_file_image(access.get(), const_cast<char*>(image.data()), image.size()),
        ExitCode::damaged_data, message);
  Id id = checked(H5Fopen(unique_name().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose,
                  ExitCode::damaged_data, message);
  File file(std::move(lock), std::move(id), name);
  file.opened_->image = image;
  file.opened_->bytes_left = image.size();
  return file;
}

File File::create_image(std::uint64_t userblock, const std::string& name) {
  LibraryLock lock = lock_library();
  const std::string message = name + ": cannot be made in memory";
  const Id creation = checked(H5Pcreate(H5P_FILE_CREATE), H5Pclose, ExitCode::io, message);
  check(H5Pset_userblock(creation.get(), userblock), ExitCode::io, message);
  const Id access = access_properties(message);
  // The oldest structures that do, also where a later library has another default: open_image() wants these.
  check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST), ExitCode::io, message);
  Id id = checked(H5Fcreate(unique_name().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                  ExitCode::io, message);
  return {std::move(lock), std::move(id), name, userblock};
}

std::string File::image() {
  flush();
  const std::string message = name_ + ": cannot be read from memory";
  // Without the user block, as the library counts.
  const ssize_t size = H5Fget_file_image(id_.get(), nullptr, 0);
  if (size < 0) throw Error(ExitCode::io, message + library_reason());
  std::string image(userblock_ + static_cast<std::size_t>(size), '\0');
  if (H5Fget_file_image(id_.get(), image.data() + userblock_, static_cast<std::size_t>(size)) != size)
    throw Error(ExitCode::io, message + library_reason());
  return image;
}

}  // namespace sharpwave::hdf5
