#include "host/io/idx.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

std::string idx(std::initializer_list<std::uint32_t> shape, const std::string& values, char type = 8) {
  std::string file{'\0', '\0', type, static_cast<char>(shape.size())};
  for (const std::uint32_t size : shape)
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<char>(size >> shift));
  return file + values;
}

std::string gzipped(const std::string& content) {
  z_stream stream{};
  constexpr int kGzip = 16;
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, kGzip + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, content.size()), '\0');
  std::string in = content;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string problem_of(const std::string& file) {
  try {
    static_cast<void>(read_idx(file, "x.idx"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    return error.what();
  }
  return "none";
}

TEST(Idx, ReadsPlainAndCompressedFiles) {
  const std::string file = idx({2, 1, 3}, std::string("\0\1\2\xff\4\5", 6));
  for (const std::string& form : {file, gzipped(file)}) {
    const IdxArray array = read_idx(form, "x.idx");
    EXPECT_EQ(array.shape, (std::vector<std::uint32_t>{2, 1, 3}));
    EXPECT_EQ(array.values, (std::vector<std::uint8_t>{0, 1, 2, 255, 4, 5}));
  }
}

TEST(Idx, ReadsMoreThanItTakesAtOnce) {
  std::string values(3'000'001, '\0');
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<char>(i * i >> 7);
  const IdxArray array = read_idx(gzipped(idx({3'000'001}, values)), "x.idx");
  EXPECT_TRUE(std::equal(values.begin(), values.end(), array.values.begin(), array.values.end(),
                         [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }));
}

TEST(Idx, EveryCutIsFound) {
  const std::string file = idx({2, 3}, "abcdef");
  const std::string compressed = gzipped(file);
  for (std::size_t n = 0; n < file.size(); ++n)
    EXPECT_NE(problem_of(file.substr(0, n)).find("x.idx: ends "), std::string::npos) << n;
  for (std::size_t n = 2; n < compressed.size(); ++n)
    EXPECT_NE(problem_of(compressed.substr(0, n)), "none") << n;
}

TEST(Idx, EveryChangedByteOfACompressedFileIsFoundOrHarmless) {
  const std::string file = idx({2, 3}, "abcdef");
  const IdxArray right = read_idx(file, "x.idx");
  std::string compressed = gzipped(file);
  for (std::size_t i = 0; i < compressed.size(); ++i) {
    compressed[i] = static_cast<char>(compressed[i] ^ 0x11);
    if (i < 2 || problem_of(compressed) != "none") {  // no gzip any more, and no IDX either
      EXPECT_NE(problem_of(compressed), "none") << i;
    } else {  // time, flags and system of the gzip header tell nothing of the content
      EXPECT_LT(i, 10U);
      EXPECT_EQ(read_idx(compressed, "x.idx").values, right.values);
    }
    compressed[i] = static_cast<char>(compressed[i] ^ 0x11);
  }
}

TEST(Idx, WhatItClaimsIsNotBelieved) {
  EXPECT_NE(problem_of("GIF89a").find("two zeros"), std::string::npos);
  EXPECT_NE(problem_of(idx({1}, "aaaa", 13)).find("type 13; expected 8"), std::string::npos);
  EXPECT_NE(problem_of(idx({}, "")).find("has 0 dimensions"), std::string::npos);
  EXPECT_NE(problem_of(idx({1, 1, 1, 1, 1}, "a")).find("has 5 dimensions"), std::string::npos);
  EXPECT_NE(problem_of(idx({1, 0}, "")).find("size 0"), std::string::npos);
  EXPECT_NE(problem_of(idx({65536, 65536, 65536, 65536}, "")).find("has more than"), std::string::npos);
  EXPECT_NE(problem_of(idx({0xffffffff}, "")).find("has more than"), std::string::npos);
  EXPECT_NE(problem_of(idx({1 << 28}, "ab")).find("ends after 2 values; expected 268435456"),
            std::string::npos);
  EXPECT_NE(problem_of(idx({2}, "abc")).find("goes on behind"), std::string::npos);
  // A small file that would fill much memory.
  EXPECT_NE(problem_of(gzipped(idx({2}, std::string(1 << 24, 'a')))).find("goes on behind"),
            std::string::npos);
}

}  // namespace
}  // namespace sharpwave
