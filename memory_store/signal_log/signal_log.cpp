// The consolidation plugin `signal_log`: writes every signal to signals.h5 in the run's folder
// (docs/formats/signals.md). It shows what a plugin has to do, and lets one look at what a memory would be
// told.
#include <fcntl.h>
#include <hdf5.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "memory_store/consolidation_plugin.h"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPendingBytes = 16 << 20;
constexpr hsize_t kChunkRows = 256;

/// What ends a call.
struct Failure {
  sharpwave_plugin_result result;
  std::string why;
};

/// An identifier of HDF5 that closes itself.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close how, const std::string& what) : id_(id), close_(how) {
    if (id < 0) throw Failure{SHARPWAVE_PLUGIN_IO, what};
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  operator hid_t() const { return id_; }
  void close(const std::string& what) {
    if (close_(std::exchange(id_, -1)) < 0) throw Failure{SHARPWAVE_PLUGIN_IO, what};
  }

 private:
  hid_t id_;
  Close close_;
};

void check(herr_t status, const std::string& what) {
  if (status < 0) throw Failure{SHARPWAVE_PLUGIN_IO, what};
}

[[noreturn]] void fail_of_system(const std::string& what) {
  const int error = errno;
  throw Failure{error == ENOSPC || error == EDQUOT ? SHARPWAVE_PLUGIN_NO_ROOM : SHARPWAVE_PLUGIN_IO,
                what + ": " + std::strerror(error)};
}

/// Numbers of a signal that are stored as they are; columns of docs/formats/signals.md.
struct RealColumn {
  const char* name;
  double sharpwave_signal::*value;
};
constexpr std::array kReals{
    RealColumn{"begin", &sharpwave_signal::begin_ms},
    RealColumn{"end", &sharpwave_signal::end_ms},
    RealColumn{"n_spikes", &sharpwave_signal::n_spikes},
    RealColumn{"mean_rate", &sharpwave_signal::mean_rate_Hz},
    RealColumn{"synchrony", &sharpwave_signal::synchrony},
    RealColumn{"burst", &sharpwave_signal::burst},
    RealColumn{"weight_change", &sharpwave_signal::weight_change},
    RealColumn{"eligibility", &sharpwave_signal::eligibility},
    RealColumn{"dopamine", &sharpwave_signal::dopamine},
    RealColumn{"serotonin", &sharpwave_signal::serotonin},
    RealColumn{"noradrenaline", &sharpwave_signal::noradrenaline},
    RealColumn{"acetylcholine", &sharpwave_signal::acetylcholine},
};
constexpr std::array<const char*, 5> kWholes{"number", "branch", "kind", "item", "label"};

/// Of one population: rows that are not in the file yet, column by column.
struct Rows {
  std::size_t group = 0;  ///< its name in the file
  std::string space;
  std::uint32_t dimension = 0;
  std::array<std::vector<std::uint64_t>, kWholes.size()> wholes;
  std::array<std::vector<double>, kReals.size()> reals;
  std::vector<float> embeddings;
  std::uint64_t taken = 0;  ///< the last number of this branch

  [[nodiscard]] std::size_t size() const { return wholes[0].size(); }
  void clear() {
    for (auto& column : wholes) column.clear();
    for (auto& column : reals) column.clear();
    embeddings.clear();
  }
};

class SignalLog {
 public:
  explicit SignalLog(const sharpwave_plugin_setup& setup)
      : file_(fs::path(setup.run_folder) / "signals.h5"),
        run_(setup.run),
        branch_(setup.branch),
        lock_(setup.lock_hdf5),
        unlock_(setup.unlock_hdf5) {
    const Lock lock(*this);
    if (fs::exists(file_)) read();
  }

  void take(const sharpwave_signal& signal) {
    Rows& rows = rows_of(signal);
    if (signal.number <= rows.taken) {
      ++n_passed_over_;
      return;
    }
    const std::uint64_t wholes[kWholes.size()] = {signal.number, branch_, signal.kind, signal.item,
                                                  signal.label};
    for (std::size_t k = 0; k < kWholes.size(); ++k) rows.wholes[k].push_back(wholes[k]);
    for (std::size_t k = 0; k < kReals.size(); ++k) rows.reals[k].push_back(signal.*kReals[k].value);
    rows.embeddings.insert(rows.embeddings.end(), signal.embedding, signal.embedding + signal.dimension);
    rows.taken = signal.number;
    ++n_taken_;
    pending_bytes_ += 8 * (kWholes.size() + kReals.size()) + 4 * std::size_t{signal.dimension};
    if (pending_bytes_ > kMostPendingBytes) flush();
  }

  /// The file is whole at any time: rows are added to a copy, which replaces it.
  void flush() {
    if (pending_bytes_ == 0 && fs::exists(file_)) return;
    fs::path partial = file_;
    partial += ".partial";
    write_or_say_why_not(partial);
    const int file = ::open(partial.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail_of_system(partial.string() + ": cannot be opened");
    const int result = ::fsync(file);
    ::close(file);
    if (result != 0) fail_of_system(partial.string() + ": cannot be made durable");
    fs::rename(partial, file_);
    const int folder = ::open(file_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || ::fsync(folder) != 0)
      fail_of_system(file_.parent_path().string() + ": cannot be synced");
    ::close(folder);
    for (auto& [population, rows] : rows_) rows.clear();
    pending_bytes_ = 0;
  }

  const char* status() {
    status_ =
        nlohmann::json{{"file", "signals.h5"}, {"taken", n_taken_}, {"passed_over", n_passed_over_}}.dump();
    return status_.c_str();
  }

 private:
  /// HDF5 to oneself, and without its messages on stderr: what failed is said by us.
  class Lock {
   public:
    explicit Lock(const SignalLog& log) : unlock_(log.unlock_) {
      log.lock_();
      H5Eget_auto2(H5E_DEFAULT, &printer_, &data_);
      H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    ~Lock() {
      H5Eset_auto2(H5E_DEFAULT, printer_, data_);
      unlock_();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    void (*unlock_)();
    H5E_auto2_t printer_ = nullptr;
    void* data_ = nullptr;
  };

  Rows& rows_of(const sharpwave_signal& signal) {
    const auto [place, is_new] = rows_.try_emplace(signal.population);
    Rows& rows = place->second;
    if (is_new) {
      rows.group = rows_.size() - 1;
      rows.space = signal.space;
      rows.dimension = signal.dimension;
    } else if (rows.dimension != signal.dimension) {
      throw Failure{SHARPWAVE_PLUGIN_DAMAGED, file_.string() + ": embeddings of " + place->first + " have " +
                                                  std::to_string(rows.dimension) + " dimensions, and now " +
                                                  std::to_string(signal.dimension)};
    }
    return rows;
  }

  [[nodiscard]] std::string text_attribute(hid_t object, const char* name) const {
    const std::string what = file_.string() + ": attribute '" + name + "' cannot be read";
    const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose, what);
    const Handle type(H5Aget_type(attribute), H5Tclose, what);
    std::string text(std::min<std::size_t>(H5Tget_size(type), 4096), '\0');
    if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0 || H5Tget_size(type) != text.size())
      throw Failure{SHARPWAVE_PLUGIN_DAMAGED, what};
    check(H5Aread(attribute, type, text.data()), what);
    return text.substr(0, text.find('\0'));
  }

  static void write_text_attribute(hid_t object, const char* name, const std::string& text) {
    const std::string what = std::string("attribute '") + name + "' cannot be written";
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, what);
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, what);
    check(H5Tset_size(type, text.size() + 1), what);
    check(H5Tset_cset(type, H5T_CSET_UTF8), what);
    const Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, what);
    check(H5Awrite(attribute, type, text.c_str()), what);
  }

  /// What is there already: its populations, and the last number of this branch.
  void read() {
    const std::string where = file_.string() + ": ";
    try {
      const Handle file(H5Fopen(file_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose,
                        where + "cannot be opened");
      if (text_attribute(file, "run_id") != run_)
        throw Failure{SHARPWAVE_PLUGIN_USAGE,
                      where + "is of another run; expected none, or that of this run"};
      const Handle groups(H5Gopen2(file, "populations", H5P_DEFAULT), H5Gclose, where + "has no populations");
      H5G_info_t info{};
      check(H5Gget_info(groups, &info), where + "populations cannot be counted");
      for (std::size_t k = 0; k < info.nlinks; ++k) read_population(groups, k);
    } catch (Failure& failure) {
      if (failure.result == SHARPWAVE_PLUGIN_IO) failure.result = SHARPWAVE_PLUGIN_DAMAGED;
      throw;
    }
  }

  void read_population(hid_t groups, std::size_t k) {
    const std::string name = std::to_string(k);
    const std::string where = file_.string() + ": populations/" + name + ": ";
    const Handle group(H5Gopen2(groups, name.c_str(), H5P_DEFAULT), H5Gclose, where + "is not there");
    Rows& rows = rows_[text_attribute(group, "population")];
    rows.group = k;
    rows.space = text_attribute(group, "space");
    const std::vector<std::uint64_t> numbers = read_wholes(group, "number", where);
    const std::vector<std::uint64_t> branches = read_wholes(group, "branch", where);
    if (branches.size() != numbers.size())
      throw Failure{SHARPWAVE_PLUGIN_DAMAGED, where + "has columns of different lengths"};
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (branches[i] == branch_) rows.taken = std::max(rows.taken, numbers[i]);
    const Handle embedding(H5Dopen2(group, "embedding", H5P_DEFAULT), H5Dclose, where + "has no embedding");
    const Handle space(H5Dget_space(embedding), H5Sclose, where + "embedding cannot be read");
    hsize_t shape[2] = {0, 0};
    if (H5Sget_simple_extent_ndims(space) != 2 || H5Sget_simple_extent_dims(space, shape, nullptr) != 2 ||
        shape[0] != numbers.size())
      throw Failure{SHARPWAVE_PLUGIN_DAMAGED, where + "has columns of different lengths"};
    rows.dimension = static_cast<std::uint32_t>(shape[1]);
  }

  static std::vector<std::uint64_t> read_wholes(hid_t group, const char* name, const std::string& where) {
    const std::string what = where + name + " cannot be read";
    const Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose, what);
    const Handle space(H5Dget_space(dataset), H5Sclose, what);
    if (H5Sget_simple_extent_ndims(space) != 1) throw Failure{SHARPWAVE_PLUGIN_DAMAGED, what};
    std::vector<std::uint64_t> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    check(H5Dread(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), what);
    return values;
  }

  /// HDF5 says that writing failed, not why: a full disk is told by the system.
  void write_or_say_why_not(const fs::path& partial) {
    const Lock lock(*this);
    try {
      errno = 0;
      write(partial);
    } catch (Failure& failure) {
      const int error = errno;
      struct statvfs disk {};
      const bool is_full = statvfs(partial.parent_path().c_str(), &disk) == 0 && disk.f_bavail == 0;
      if (is_full || error == ENOSPC || error == EDQUOT) failure.result = SHARPWAVE_PLUGIN_NO_ROOM;
      std::error_code ignored;
      fs::remove(partial, ignored);
      throw;
    }
  }

  void write(const fs::path& partial) {
    const std::string what = partial.string() + ": cannot be written";
    const bool goes_on = fs::exists(file_);
    if (goes_on) fs::copy_file(file_, partial, fs::copy_options::overwrite_existing);
    Handle file(goes_on ? H5Fopen(partial.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                        : H5Fcreate(partial.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                H5Fclose, what);
    if (!goes_on) {
      write_text_attribute(file, "run_id", run_);
      const Handle groups(H5Gcreate2(file, "populations", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                          what);
    }
    {
      const Handle groups(H5Gopen2(file, "populations", H5P_DEFAULT), H5Gclose, what);
      for (const auto& [population, rows] : rows_) write_population(groups, population, rows, what);
    }
    check(H5Fflush(file, H5F_SCOPE_GLOBAL), what);
    file.close(what);
  }

  static void write_population(hid_t groups, const std::string& population, const Rows& rows,
                               const std::string& what) {
    const std::string name = std::to_string(rows.group);
    const bool is_there = H5Lexists(groups, name.c_str(), H5P_DEFAULT) > 0;
    const Handle group(is_there ? H5Gopen2(groups, name.c_str(), H5P_DEFAULT)
                                : H5Gcreate2(groups, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Gclose, what);
    if (!is_there) {
      write_text_attribute(group, "population", population);
      write_text_attribute(group, "space", rows.space);
    }
    for (std::size_t k = 0; k < kWholes.size(); ++k)
      append(group, kWholes[k], H5T_STD_U64LE, H5T_NATIVE_UINT64, rows.wholes[k].data(), rows.size(), 0,
             what);
    for (std::size_t k = 0; k < kReals.size(); ++k)
      append(group, kReals[k].name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, rows.reals[k].data(), rows.size(), 0,
             what);
    append(group, "embedding", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, rows.embeddings.data(), rows.size(),
           rows.dimension, what);
  }

  /// @param width  values of a row; 0: one, and the dataset is one-dimensional.
  static void append(hid_t group, const char* name, hid_t file_type, hid_t type, const void* values,
                     hsize_t n_rows, hsize_t width, const std::string& what) {
    const int rank = width > 0 ? 2 : 1;
    if (H5Lexists(group, name, H5P_DEFAULT) <= 0) {
      const hsize_t none[2] = {0, width};
      const hsize_t most[2] = {H5S_UNLIMITED, width};
      const hsize_t chunk[2] = {kChunkRows, width};
      const Handle space(H5Screate_simple(rank, none, most), H5Sclose, what);
      const Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, what);
      check(H5Pset_chunk(plan, rank, chunk), what);
      const Handle dataset(H5Dcreate2(group, name, file_type, space, H5P_DEFAULT, plan, H5P_DEFAULT),
                           H5Dclose, what);
    }
    if (n_rows == 0) return;
    const Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose, what);
    hsize_t before[2] = {0, 0};
    {
      const Handle space(H5Dget_space(dataset), H5Sclose, what);
      check(H5Sget_simple_extent_dims(space, before, nullptr), what);
    }
    const hsize_t after[2] = {before[0] + n_rows, width};
    check(H5Dset_extent(dataset, after), what);
    const Handle space(H5Dget_space(dataset), H5Sclose, what);
    const hsize_t start[2] = {before[0], 0};
    const hsize_t count[2] = {n_rows, width};
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr), what);
    const Handle rows(H5Screate_simple(rank, count, nullptr), H5Sclose, what);
    check(H5Dwrite(dataset, type, rows, space, H5P_DEFAULT, values), what);
  }

  fs::path file_;
  std::string run_;
  std::uint64_t branch_;
  void (*lock_)();
  void (*unlock_)();
  std::map<std::string, Rows> rows_;  ///< by population
  std::size_t pending_bytes_ = 0;
  std::uint64_t n_taken_ = 0;
  std::uint64_t n_passed_over_ = 0;
  std::string status_;
};

/// Runs work(), and turns what it throws into what the interface says.
template <class Work>
int guarded(sharpwave_plugin_message* why_not, const Work& work) {
  const auto say = [&](int result, const std::string& why) {
    if (why_not != nullptr && why_not->size > 0) {
      const std::size_t n = std::min(why.size(), why_not->size - 1);
      std::memcpy(why_not->text, why.data(), n);
      why_not->text[n] = '\0';
    }
    return result;
  };
  try {
    work();
    return SHARPWAVE_PLUGIN_OK;
  } catch (const Failure& failure) {
    return say(failure.result, failure.why);
  } catch (const fs::filesystem_error& error) {
    return say(error.code() == std::errc::no_space_on_device ? SHARPWAVE_PLUGIN_NO_ROOM : SHARPWAVE_PLUGIN_IO,
               error.what());
  } catch (const std::exception& error) {
    return say(SHARPWAVE_PLUGIN_NO_ROOM, error.what());  // of memory
  } catch (...) {
    return say(SHARPWAVE_PLUGIN_IO, "something that is no exception of the standard library");
  }
}

void expect_usable(const sharpwave_plugin_setup& setup) {
  if (setup.is_coupled != 0)
    throw Failure{SHARPWAVE_PLUGIN_USAGE, "it has no answers: `memory.couple` needs another plugin"};
  const auto options = nlohmann::json::parse(setup.options, nullptr, false);
  if (!options.is_object() || !options.empty())
    throw Failure{SHARPWAVE_PLUGIN_USAGE, "it has no options; expected none, or an empty map"};
}

int check_setup(const sharpwave_plugin_setup* setup, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] { expect_usable(*setup); });
}

int open_log(const sharpwave_plugin_setup* setup, void** self, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] {
    expect_usable(*setup);
    *self = std::make_unique<SignalLog>(*setup).release();
  });
}

int take_signal(void* self, const sharpwave_signal* signal, sharpwave_answer*,
                sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] { static_cast<SignalLog*>(self)->take(*signal); });
}

int flush_log(void* self, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [&] { static_cast<SignalLog*>(self)->flush(); });
}

int no_snapshot(void*, const char*, sharpwave_plugin_message* why_not) {
  return guarded(why_not, [] { throw Failure{SHARPWAVE_PLUGIN_USAGE, "it has no snapshots"}; });
}

const char* status_of_log(void* self) {
  const char* text = nullptr;
  static_cast<void>(guarded(nullptr, [&] { text = static_cast<SignalLog*>(self)->status(); }));
  return text;
}

void close_log(void* self) {
  delete static_cast<SignalLog*>(self);
}

constexpr sharpwave_plugin kPlugin{SHARPWAVE_PLUGIN_VERSION,
                                   "signal_log",
                                   open_log,
                                   take_signal,
                                   flush_log,
                                   no_snapshot,
                                   status_of_log,
                                   close_log,
                                   check_setup};

}  // namespace
}  // namespace sharpwave

extern "C" __attribute__((visibility("default"))) const sharpwave_plugin* sharpwave_consolidation_plugin() {
  return &sharpwave::kPlugin;
}
