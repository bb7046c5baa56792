// Damaged and hostile HDF5 files end in an Error that names the file, never in a crash, a hang, or an
// allocation without bounds.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/sonata.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/io/tiny_network.hpp"

namespace sharpwave {
namespace {

const std::vector<std::string> kFiles{"network/cells.h5", "network/recurrent.h5", "network/feedforward.h5",
                                      "inputs/spikes.h5"};

enum class Outcome { read, refused };

class DamagedFiles : public ::testing::TestWithParam<std::string> {
 protected:
  DamagedFiles() {
    test::write_tiny_network(folder_.path());
    file_ = folder_ / GetParam();
    whole_ = test::read_text(file_);
  }

  // Anything but an Error that names a file, or success, fails the test.
  Outcome read() {
    try {
      static_cast<void>(read_sonata(folder_ / "simulation.json", {.warn = [](const std::string&) {}}));
      return Outcome::read;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(folder_.path().string()), std::string::npos) << error.what();
      return Outcome::refused;
    }
  }

  test::TemporaryFolder folder_;
  std::filesystem::path file_;
  std::string whole_;
};

TEST_P(DamagedFiles, AreRefusedWhereTruncated) {
  ASSERT_EQ(read(), Outcome::read);
  for (std::size_t length = 0; length < whole_.size(); length += 61) {
    test::write_text(file_, whole_.substr(0, length));
    EXPECT_EQ(read(), Outcome::refused) << length << " of " << whole_.size() << " bytes";
  }
}

// A flipped byte may lie in padding or in a value, so a file may also be read; what matters is that nothing
// else happens. The step keeps the test quick; by hand, every byte of the four files was tried once.
TEST_P(DamagedFiles, DoNoHarmWhereBytesAreFlipped) {
  std::size_t n_refused = 0;
  for (std::size_t position = 0; position < whole_.size(); position += 29) {
    std::string damaged = whole_;
    damaged[position] = static_cast<char>(damaged[position] ^ (position % 2 == 0 ? 0xff : 0x10));
    if (damaged == whole_) continue;
    test::write_text(file_, damaged);
    n_refused += read() == Outcome::refused ? 1 : 0;
  }
  EXPECT_GT(n_refused, 10U);
}

TEST_P(DamagedFiles, AreRefusedWhereTheyAreSomethingElse) {
  for (const std::string& text : {std::string(), std::string("node_id\n1\n"), std::string(5000, '\0')}) {
    test::write_text(file_, text);
    EXPECT_EQ(read(), Outcome::refused);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, DamagedFiles, ::testing::ValuesIn(kFiles), [](const auto& file) {
  const std::size_t start = file.param.find('/') + 1;
  return file.param.substr(start, file.param.find('.') - start);
});

void expect_damaged(const std::function<void()>& action, const std::string& part) {
  try {
    action();
    ADD_FAILURE() << "no error; expected '" << part << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

// Such a header is some hundred bytes; believing it would ask for 8 TB.
TEST(HostileFiles, CannotClaimMoreValuesThanTheyHold) {
  const test::TemporaryFolder folder;
  {
    hdf5::File file = hdf5::File::create(folder / "f.h5");
    {
      hdf5::Group root = file.root();
      hdf5::Dataset huge = root.create_extendible("huge", hdf5::NumberType::u64, 1024);
      huge.append(std::vector<std::uint64_t>{1});
      huge.extend(std::uint64_t{1} << 40);
    }
    file.close();
  }
  const hdf5::File file = hdf5::File::open(folder / "f.h5");
  const hdf5::Dataset huge = file.root().dataset("huge");
  expect_damaged([&] { static_cast<void>(huge.read_unsigned()); }, "says that it has 1099511627776 values");
  expect_damaged([&] { static_cast<void>(huge.read_indices(10, "an id")); }, "only");
  expect_damaged([&] { static_cast<void>(huge.read_doubles()); }, "f.h5: /huge");
  expect_damaged([&] { static_cast<void>(huge.read_floats()); }, "f.h5: /huge");
  expect_damaged([&] { huge.visit_doubles({}, [](std::span<const double>) {}); }, "f.h5: /huge");
}

void replace_everywhere(std::string& bytes, std::uint64_t from, std::uint64_t to) {
  const std::string pattern(reinterpret_cast<const char*>(&from), sizeof(from));
  std::size_t n_replaced = 0;
  for (std::size_t at = 0; (at = bytes.find(pattern, at)) != std::string::npos; at += sizeof(to)) {
    bytes.replace(at, sizeof(to), reinterpret_cast<const char*>(&to), sizeof(to));
    ++n_replaced;
  }
  ASSERT_GT(n_replaced, 0U);
}

// Without chunks the library believes the header's figure of the size as well.
TEST(HostileFiles, CannotClaimMoreValuesThanTheFileIsLong) {
  const test::TemporaryFolder folder;
  constexpr std::uint64_t kSize = 7919;
  constexpr std::uint64_t kClaimed = std::uint64_t{1} << 40;
  {
    hdf5::File file = hdf5::File::create(folder / "f.h5");
    {
      hdf5::Group root = file.root();
      root.write("huge", std::vector<std::uint64_t>(kSize, 0));
    }
    file.close();
  }
  std::string bytes = test::read_text(folder / "f.h5");
  replace_everywhere(bytes, kSize, kClaimed);
  replace_everywhere(bytes, kSize * sizeof(std::uint64_t), kClaimed * sizeof(std::uint64_t));
  test::write_text(folder / "f.h5", bytes);
  const hdf5::File file = hdf5::File::open(folder / "f.h5");
  expect_damaged([&] { static_cast<void>(file.root().dataset("huge").read_unsigned()); },
                 "says that it has 1099511627776 values");
}

// Some versions of the library divide by it, and heed no flag of that message that says that it stands
// elsewhere.
TEST(HostileFiles, CannotHaveChunksOfNoSize) {
  const test::TemporaryFolder folder;
  {
    hdf5::File file = hdf5::File::create(folder / "f.h5");
    file.root()
        .create_extendible("values", hdf5::NumberType::u64, 1024)
        .append(std::vector<std::uint64_t>{1});
    file.close();
  }
  const std::string whole = test::read_text(folder / "f.h5");
  // Version 3, chunked, two sizes; behind the address the sizes: 1024 values of 8 bytes.
  const std::string sizes("\0\4\0\0\10\0\0\0", 8);
  constexpr std::size_t kSizes = 11;
  std::size_t layout = 0;
  do {
    layout = whole.find("\3\2\2", layout + 1);
    ASSERT_NE(layout, std::string::npos);
  } while (whole.compare(layout + kSizes, sizes.size(), sizes) != 0);
  for (const char flags : {'\0', '\2'}) {
    std::string damaged = whole;
    damaged.replace(layout + kSizes, 4, 4, '\0');
    damaged[layout - 4] = flags;
    test::write_text(folder / "f.h5", damaged);
    const hdf5::File file = hdf5::File::open(folder / "f.h5");
    expect_damaged([&] { static_cast<void>(file.root().dataset("values")); }, "f.h5: /values");
  }
}

TEST(HostileFiles, CannotHaveAnotherShapeOrType) {
  const test::TemporaryFolder folder;
  {
    hdf5::File file = hdf5::File::create(folder / "f.h5");
    {
      hdf5::Group root = file.root();
      static_cast<void>(root.create_extendible("table", hdf5::NumberType::f32, 4, 3));
      root.write("fractions", std::vector<double>{0.5});
      root.create_group("group").set_attribute("node_population", std::uint8_t{1});
    }
    file.close();
  }
  const hdf5::File file = hdf5::File::open(folder / "f.h5");
  const hdf5::Group root = file.root();
  expect_damaged([&] { static_cast<void>(root.dataset("table").read_doubles()); },
                 "/table: has the shape [0, 3]; expected one dimension");
  expect_damaged([&] { static_cast<void>(root.dataset("table").read_rows(0, 1)); },
                 "/table: cannot read rows 0 to 1");
  expect_damaged([&] { static_cast<void>(root.dataset("fractions").read_rows(0, 1)); },
                 "/fractions: cannot read rows 0 to 1");
  expect_damaged([&] { static_cast<void>(root.dataset("fractions").read_unsigned()); },
                 "/fractions: expected integers");
  expect_damaged([&] { static_cast<void>(root.dataset("group")); }, "/group: expected a dataset");
  expect_damaged([&] { static_cast<void>(root.group("absent")); }, "/absent: expected a group");
  expect_damaged([&] { static_cast<void>(root.group("group").text_attribute("node_population")); },
                 "expected one piece of text");
}

}  // namespace
}  // namespace sharpwave
