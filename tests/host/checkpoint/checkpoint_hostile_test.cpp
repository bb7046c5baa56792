// Files whose digest is right and whose content is not: whoever can write a file can compute its digest.
#include <gtest/gtest.h>
#include <hdf5.h>

#include <functional>
#include <limits>
#include <string>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_content.hpp"
#include "host/checkpoint/checkpoint_faults.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "tests/host/checkpoint/sample_checkpoint.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

TEST(CheckpointFaults, AreNoneInWhatIsRight) {
  for (const Precision precision : {Precision::float32, Precision::float64})
    EXPECT_FALSE(find_fault(test::sample_checkpoint(precision)));
}

TEST(CheckpointFaults, NameTheObject) {
  const auto expect = [](const std::function<void(Checkpoint&)>& change, const std::string& path,
                         const std::string& part) {
    Checkpoint checkpoint = test::sample_checkpoint();
    change(checkpoint);
    const auto fault = find_fault(checkpoint);
    ASSERT_TRUE(fault) << path << ", " << part;
    EXPECT_EQ(fault->path, path);
    EXPECT_NE(fault->what.find(part), std::string::npos) << fault->what;
  };
  using C = Checkpoint;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  expect([](C& c) { c.config_digest.pop_back(); }, "/", "config_digest");
  expect([](C& c) { c.config_digest[3] = 'A'; }, "/", "64 hexadecimal");
  expect([](C& c) { c.connectivity_digest.clear(); }, "/", "connectivity_digest");
  expect([](C& c) { c.connectivity_digest = "0g"; }, "/", "connectivity_digest");
  for (const double dt_ms : {0.0, -1.0, kNan, kInfinity}) expect([&](C& c) { c.dt_ms = dt_ms; }, "/", "'dt'");
  for (const double wall_s : {-1.0, kNan, kInfinity})
    expect([&](C& c) { c.wall_s = wall_s; }, "/", "'wall_s'");
  expect([](C& c) { c.grids[1].accumulator_bits = 33; }, "/grids/1", "is 33; expected 32 or 64");
  expect([](C& c) { c.instances.clear(); }, "/instances", "at least one");
  const std::string offsets = "/instances/0/under_way/offsets";
  for (const std::vector<std::uint64_t>& wrong :
       {std::vector<std::uint64_t>{}, {1, 4}, {0, 3}, {0, 5}, {0, 4, 3, 4}, {0, ~std::uint64_t{0}, 4}})
    expect([&](C& c) { c.instances[0].engine.under_way.offsets = wrong; }, offsets, "size of ids, 4");
  expect([](C& c) { c.populations[1].size = 1; }, "/instances/0/under_way/ids",
         "holds 4; expected ids below 4");
  expect([](C& c) { c.populations[1].size = ~std::uint64_t{0}; }, "/populations", "more elements than");
  expect([](C& c) { c.populations.pop_back(); }, "/instances/0/spikes", "has 3 values; expected 2");
  expect(
      [](C& c) {
        c.instances[0].engine.under_way.ids = {4, 3, 0, 0};
      },
      "/instances/0/under_way/ids", "row 2");
  const std::string watch = "/instances/0/watchdog";
  for (const double gain : {0.0, -1.0, kNan, kInfinity})
    expect([&](C& c) { c.instances[0].watch.weight_gain = gain; }, watch, "a gain of");
  expect([](C& c) { c.instances[0].watch.rates.in_window.pop_back(); }, watch,
         "of 2 populations; expected 3");
  expect([](C& c) { c.instances[0].watch.rates.in_silent_window.push_back(0); }, watch,
         "of 4 populations; expected 3");
  expect([](C& c) { c.instances[0].watch.rates.signs.clear(); }, watch, "of 0 populations; expected 3");
  expect([](C& c) { c.instances[0].watch.rates.signs[1] = 16; }, watch + "/signs", "holds 16");
  expect([](C& c) { c.instances[0].watch.rates.recent.pop_back(); }, watch + "/recent", "has 5 values");
  expect([](C& c) { c.instances[0].watch.rates.recent.resize(603); }, watch + "/recent", "has 603 values");
  const std::string plastic = "/instances/0/plastic/0/";
  const auto expect_plastic = [&](const std::function<void(PlasticState&)>& change, const char* column,
                                  const char* part) {
    expect([&](C& c) { change(c.instances[0].engine.plastic[0]); }, plastic + column, part);
  };
  using P = PlasticState;
  const auto nan = static_cast<float>(kNan);
  expect_plastic([&](P& p) { p.weights[1] = nan; }, "weights", "value 1 is nan");
  expect_plastic([](P& p) { p.weights[0] = -0.5F; }, "weights", "expected a number from 0");
  expect_plastic([](P& p) { p.traces.pop_back(); }, "traces", "has 2 values; expected 3");
  expect_plastic([](P& p) { p.traces[2] = 2e30F; }, "traces", "to 1e30");
  expect_plastic([](P& p) { p.counts.pop_back(); }, "counts", "has 7 values; expected 8");
  expect_plastic([](P& p) { p.counts[2] = P::kNever; }, "counts", "value 2 is 18446744073709551615");
  expect_plastic([](P& p) { p.source_trace.clear(); }, "source_trace", "has 0 values; expected 2");
  expect_plastic([](P& p) { p.source_slow.pop_back(); }, "source_slow", "has 1 values; expected 2");
  expect_plastic([](P& p) { p.flight_slow.clear(); }, "flight_slow", "has 0 values; expected 3");
  expect_plastic([](P& p) { p.post_slow[1] = -1; }, "post_slow", "expected a number from 0");
  expect_plastic([](P& p) { p.source_last_age[1] = P::kNever - 1; }, "source_last_age",
                 "expected at most 2^60");
  expect_plastic([](P& p) { p.source_before_last_age[0] = 3; }, "source_before_last_age",
                 "expected more than 3");
  expect_plastic([](P& p) { p.source_spikes[1] = 0; }, "source_spikes", "expected a number from 1");
  expect_plastic([](P& p) { p.flight_source[1] = 2; }, "flight_source", "below 2");
  expect_plastic([](P& p) { p.flight_age[0] = 6; }, "flight_age", "the oldest first");
  expect_plastic([](P& p) { p.flight_age[0] = P::kNever; }, "flight_age", "at most 2^60");
  expect_plastic([](P& p) { p.flight_trace.push_back(0); }, "flight_trace", "has 4 values; expected 3");
  expect_plastic([](P& p) { p.flight_before_last_age[2] = 9; }, "flight_before_last_age", "more than 9");
  expect_plastic([](P& p) { p.post_age[1] = 89; }, "post_age", "the oldest first");
  expect_plastic([&](P& p) { p.post_trace[0] = nan; }, "post_trace", "value 0 is nan");
  expect_plastic([](P& p) { p.traces[0] = -2e30F; }, "traces", "from -1e30");
  expect_plastic([](P& p) { p.source_since_age.pop_back(); }, "source_since_age", "has 1 values; expected 2");
  expect_plastic([](P& p) { p.flight_since_age.clear(); }, "flight_since_age", "has 0 values; expected 3");
  expect_plastic([](P& p) { p.flight_since_age[0] = P::kNever - 1; }, "flight_since_age", "at most 2^60");
  expect_plastic([](P& p) { p.flight_rate.clear(); }, "flight_rate", "has 0 values; expected 3");
  expect_plastic([&](P& p) { p.post_rate[1] = nan; }, "post_rate", "value 1 is nan");
  expect_plastic([](P& p) { p.gate.pop_back(); }, "gate", "has 4 values; expected an odd number");
  expect_plastic([](P& p) { p.gate[0] = 1.5; }, "gate", "value 0 is 1.5; expected a number of steps");
  expect_plastic([](P& p) { p.gate[0] = -1; }, "gate", "value 0 is -1");
  for (const double left : {0.0, -1.0, 1.5, double{nan}})
    expect_plastic([&](P& p) { p.gate[2] = left; }, "gate", "expected more than 0, at most 1");
  expect_plastic([&](P& p) { p.gate[4] = double{nan}; }, "gate", "value 4 is nan");
  expect_plastic([](P& p) { p.scaled_age.clear(); }, "scaled_age", "has 0 values; expected 1");
  expect_plastic([](P& p) { p.scaled_age[0] = P::kNever - 1; }, "scaled_age", "at most 2^60");

  const std::string presented = "/instances/0/presented/";
  expect([](C& c) { c.instances[0].engine.presented[1].step = 121; }, presented + "step", "up to 120");
  expect([](C& c) { c.instances[0].engine.presented[1].step = 80; }, presented + "step", "that ascend");
  for (const double gain : {-1.0, kNan, kInfinity})
    expect([&](C& c) { c.instances[0].engine.presented[0].gain = gain; }, presented + "gain", "0 or more");
  const std::string signals = "/instances/0/signals/";
  expect([](C& c) { c.instances[0].signals.streams[0].told.pop_back(); }, signals + "streams/0/told",
         "expected 5 numbers");
  expect([](C& c) { c.instances[0].signals.streams[0].window_mean.pop_back(); },
         signals + "streams/0/window_mean", "one for each neuron");
  expect([&](C& c) { c.instances[0].signals.patterns[0] = static_cast<float>(kNan); }, signals + "patterns",
         "finite");
  const std::string protocol = "/instances/0/protocol/";
  expect([](C& c) { c.instances[0].protocol.position.pop_back(); }, protocol + "position",
         "has 4 values; expected 0 or 5");
  expect([](C& c) { c.instances[0].protocol.position.clear(); }, protocol + "position",
         "other lists are not");
  expect([](C& c) { c.instances[0].protocol.repeats.push_back(0); }, protocol + "repeats",
         "has 3 values; expected 2");
  expect([](C& c) { c.instances[0].protocol.responses[1] = ~std::uint64_t{0}; }, protocol + "responses",
         "value 1 is 18446744073709551615; expected at most 2^60");

  using R = RegionState;
  const auto expect_region = [&](const std::function<void(R&)>& change, const char* column,
                                 const char* part) {
    expect([&](C& c) { change(c.instances[0].engine.regions[0]); },
           std::string("/instances/0/regions/0/") + column, part);
  };
  expect_region([](R& r) { r.level_tonic.pop_back(); }, "level_tonic", "has 1 values; expected 2");
  expect_region([](R& r) { r.level_phasic.push_back(0); }, "level_phasic", "has 3 values; expected 2");
  expect_region([&](R& r) { r.level_target[1] = kNan; }, "level_target", "value 1 is nan");
  expect_region([](R& r) { r.level_phasic[0] = kInfinity; }, "level_phasic", "value 0 is inf");
  expect_region([](R& r) { r.reward.clear(); }, "reward", "has 0 values; expected 2");
  expect_region([](R& r) { r.reward[1] = kNan; }, "reward", "value 1 is nan");
  expect_region([](R& r) { r.given.pop_back(); }, "given", "has 2 values; expected 3");
  expect_region([](R& r) { r.given[2] = kNan; }, "given", "value 2 is nan");
  expect_region([](R& r) { r.release_in[0] = 0; }, "release_in", "value 0 is 0; expected from 1");
  expect_region([](R& r) { r.release_in[1] = 41; }, "release_in", "the first to come first");
  expect_region([](R& r) { r.release_modulator[2] = 4; }, "release_modulator", "value 2 is 4");
  expect_region([](R& r) { r.release_amount[0] = kNan; }, "release_amount", "value 0 is nan");
  expect_region([](R& r) { r.release_amount.pop_back(); }, "release_amount", "has 2 values; expected 3");
  expect_region([](R& r) { r.trigger_source_age[0] = R::kNever - 1; }, "trigger_source_age", "2^60");
  expect_region([](R& r) { r.trigger_draws[0] = R::kNever; }, "trigger_draws",
                "value 0 is 18446744073709551615");
  const std::string first = "/instances/0/populations/0";
  expect([](C& c) { c.instances[0].engine.populations[0].refractory_steps.push_back(0); },
         first + "/variables/0", "has 2 values; expected 3");
  expect([](C& c) { c.instances[0].engine.populations[0].refractory_steps[1] = -1; },
         first + "/refractory_steps", "value 1 is -1");
  expect(
      [](C& c) {
        c.instances[0].engine.populations[0].variables[1].values = std::vector<double>{1, 2};
      },
      first + "/variables/1", "precision");
}

/// Changes a file through HDF5, as anybody can, and seals it again.
class Forgery {
 public:
  Forgery() : path_(folder_ / "c.h5") {
    test::write_text(path_, encode_checkpoint(test::sample_checkpoint()));
  }

  /// What reading says of it, less the file's name.
  std::string refusal(const std::function<void(hid_t)>& change, hid_t access = H5P_DEFAULT) const {
    const hid_t file = H5Fopen(path_.c_str(), H5F_ACC_RDWR, access);
    EXPECT_GE(file, 0);
    change(file);
    EXPECT_GE(H5Fclose(file), 0);
    std::string bytes = test::read_text(path_);
    seal_checkpoint(bytes, 120);
    try {
      static_cast<void>(decode_checkpoint(bytes, "file"));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data) << error.what();
      EXPECT_EQ(std::string(error.what()).find("file: "), 0U) << error.what();
      return std::string(error.what()).substr(6);
    }
    return "";
  }

 private:
  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

void expect_refused(const std::function<void(hid_t)>& change, const std::string& part) {
  const std::string message = Forgery().refusal(change);
  EXPECT_NE(message.find(part), std::string::npos) << message << "\nexpected: " << part;
}

void remove(hid_t file, const char* path) {
  H5Ldelete(file, path, H5P_DEFAULT);
}

/// Replaces a dataset by another one, which is filled with `byte` unless that is negative.
void put(hid_t file, const char* path, hid_t type, std::vector<hsize_t> sizes, int byte = 0,
         const std::function<void(hid_t)>& properties = {}) {
  remove(file, path);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (properties) properties(creation);
  const hid_t space = H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
  const hid_t dataset = H5Dcreate2(file, path, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  ASSERT_GE(dataset, 0) << path;
  std::size_t n = H5Tget_size(type);
  for (const hsize_t size : sizes) n *= size;
  if (byte >= 0) {
    const std::string values(n, static_cast<char>(byte));
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(creation);
}

void put_attribute(hid_t file, const char* object, const char* name, hid_t type, const void* value,
                   std::vector<hsize_t> sizes = {}) {
  H5Adelete_by_name(file, object, name, H5P_DEFAULT);
  const hid_t space = sizes.empty() ? H5Screate(H5S_SCALAR)
                                    : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
  const hid_t attribute =
      H5Acreate_by_name(file, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(attribute, 0) << name;
  H5Awrite(attribute, type, value);
  H5Aclose(attribute);
  H5Sclose(space);
}

void put_text(hid_t file, const char* object, const char* name, const char* value) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  put_attribute(file, object, name, type, &value);
  H5Tclose(type);
}

constexpr const char* kVariable = "/instances/0/populations/0/variables/1";

TEST(CheckpointForgery, WithoutAChangeIsRead) {
  EXPECT_EQ(Forgery().refusal([](hid_t) {}), "");
}

TEST(CheckpointForgery, OfTypesShapesAndSizesIsRefusedByName) {
  const std::string place = kVariable;
  expect_refused([](hid_t f) { put(f, kVariable, H5T_IEEE_F64LE, {2}); },
                 place + ": expected 32-bit floating");
  expect_refused([](hid_t f) { put(f, kVariable, H5T_IEEE_F32BE, {2}); },
                 place + ": expected 32-bit floating");
  expect_refused([](hid_t f) { put(f, kVariable, H5T_STD_I32LE, {2}); },
                 place + ": expected 32-bit floating");
  expect_refused(
      [](hid_t f) {
        put(f, kVariable, H5T_IEEE_F32LE, {1, 2});
      },
      place + ": expected 32-bit floating");
  expect_refused([](hid_t f) { put(f, kVariable, H5T_IEEE_F32LE, {3}); },
                 place + ": has 3 values; expected 2");
  expect_refused([](hid_t f) { remove(f, "/instances/0/populations/0/variables/0"); },
                 "/instances/0/populations/0/variables: has an element '1'");
  expect_refused([](hid_t f) { put(f, "/instances/0/populations/0/refractory_steps", H5T_STD_I64LE, {2}); },
                 "expected signed 32-bit integers");
  expect_refused([](hid_t f) { put(f, "/instances/0/under_way/ids", H5T_STD_I32LE, {4}); },
                 "/instances/0/under_way/ids: expected unsigned 32-bit integers");
  expect_refused([](hid_t f) { put(f, "/instances/0/watchdog/found", H5T_STD_U64LE, {7}); },
                 "/instances/0/watchdog/found: has 7 values; expected 8");
  const std::int32_t two = 2;
  expect_refused(
      [&](hid_t f) { put_attribute(f, "/instances/0/watchdog", "divergence_is_known", H5T_STD_I32LE, &two); },
      "/instances/0/watchdog: attribute 'divergence_is_known' is 2; expected 0 or 1");
  expect_refused([](hid_t f) { put(f, "/config", H5T_STD_U8LE, {4}); },
                 "/config: expected one piece of text");
}

TEST(CheckpointForgery, OfSizesThatAreNotThereIsRefused) {
  const std::string place = "/instances/0/spikes";
  const auto huge = [](hid_t f) {
    put(f, "/instances/0/spikes", H5T_STD_U64LE, {hsize_t{1} << 40}, -1,
        [](hid_t p) { H5Pset_alloc_time(p, H5D_ALLOC_TIME_LATE); });
  };
  expect_refused(huge, place + ": says that it has 8796093022208 bytes");
  const auto chunked = [](hid_t f) {
    put(f, "/instances/0/spikes", H5T_STD_U64LE, {1U << 20}, -1, [](hid_t p) {
      const hsize_t chunk = 1U << 20;
      H5Pset_chunk(p, 1, &chunk);
      H5Pset_deflate(p, 9);
    });
  };
  expect_refused(chunked, place + ": expected values that lie in this file, in one piece");
  const auto external = [](hid_t f) {
    put(f, "/instances/0/spikes", H5T_STD_U64LE, {3}, -1,
        [](hid_t p) { H5Pset_external(p, "/dev/zero", 0, H5F_UNLIMITED); });
  };
  expect_refused(external, place + ": expected values that lie in this file, in one piece");
}

TEST(CheckpointForgery, OfStructuresThatAreNotLookedAtIsRefused) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
  const auto rewritten = [](hid_t f) { put(f, "/instances/0/spikes", H5T_STD_U64LE, {3}); };
  EXPECT_EQ(Forgery().refusal(rewritten), "");
  EXPECT_EQ(Forgery().refusal(rewritten, access),
            "/instances/0/spikes: expected an object header of version 1");
  H5Pclose(access);
}

TEST(CheckpointForgery, OfManyLinksToOneObjectIsRefused) {
  const auto bomb = [](hid_t f) {
    for (int i = 2; i < 3000; ++i) {
      const std::string name = "/instances/0/populations/0/variables/" + std::to_string(i);
      H5Lcreate_hard(f, kVariable, f, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    }
    for (int i = 2; i < 3000; ++i) {
      const std::string name = "/instances/0/populations/" + std::to_string(i);
      H5Lcreate_hard(f, "/instances/0/populations/0", f, name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    }
  };
  expect_refused(bomb, "do many links lead to one object?");
  const auto elsewhere = [](hid_t f) {
    remove(f, kVariable);
    H5Lcreate_external("other.h5", "/x", f, kVariable, H5P_DEFAULT, H5P_DEFAULT);
  };
  expect_refused(elsewhere, std::string(kVariable) + " is a link to another file");
}

TEST(CheckpointForgery, OfListsIsRefused) {
  expect_refused([](hid_t f) { remove(f, "/instances/0"); },
                 "/instances: has an element '1'; expected them to be "
                 "named 0 to 0");
  const auto renamed = [](const char* name) {
    return [name](hid_t f) { H5Lmove(f, "/grids/1", f, name, H5P_DEFAULT, H5P_DEFAULT); };
  };
  for (const char* name :
       {"/grids/01", "/grids/2", "/grids/x", "/grids/-1", "/grids/99999999999999999999999"})
    expect_refused(renamed(name), "/grids: has an element");
  expect_refused([](hid_t f) { remove(f, "/instances"); }, "/instances: expected a group");
  expect_refused([](hid_t f) { put(f, "/instances/1", H5T_STD_U8LE, {1}); },
                 "/instances/1: expected a group");
}

TEST(CheckpointForgery, OfAttributesIsRefused) {
  const std::int32_t number = 7;
  const double real = 7;
  expect_refused([](hid_t f) { H5Adelete(f, "wall_s"); }, "/: attribute 'wall_s': expected one of 64-bit");
  expect_refused([&](hid_t f) { put_attribute(f, "/", "wall_s", H5T_STD_I32LE, &number); },
                 "attribute 'wall_s'");
  expect_refused([&](hid_t f) { put_attribute(f, "/", "dt", H5T_IEEE_F64LE, &real, {1}); }, "attribute 'dt'");
  expect_refused([&](hid_t f) { put_attribute(f, "/instances/1", "step", H5T_STD_I32LE, &number); },
                 "/instances/1: attribute 'step': expected one of unsigned 64-bit integers");
  expect_refused([](hid_t f) { H5Adelete(f, "precision"); },
                 "/: attribute 'precision': expected one piece of text");
  expect_refused([](hid_t f) { put_text(f, "/", "precision", "float16"); },
                 "'float16'; expected float32 or float64");
  expect_refused([](hid_t f) { put_text(f, "/", "precision", "float64"); },
                 "expected 64-bit floating-point numbers");
  expect_refused([](hid_t f) { put_text(f, "/", "config_digest", "1234"); },
                 "'config_digest': expected 64 hex");
  expect_refused([](hid_t f) { put_text(f, "/instances/0", "spike_digest", std::string(64, 'G').c_str()); },
                 "/instances/0: attribute 'spike_digest': expected 64 hexadecimal digits");
  expect_refused([](hid_t f) { put_text(f, "/grids/0", "population", std::string(5000, 'n').c_str()); },
                 "/grids/0: attribute 'population': expected one piece of text");
}

}  // namespace
}  // namespace sharpwave
