// Plugins that are loaded, or are not, and the queue before them.
#include "host/signals/memory_link.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "host/base/error.hpp"
#include "host/base/stopwatch.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/signals/plugins.hpp"

namespace sharpwave::testing {
namespace {

template <class Work>
std::pair<ExitCode, std::string> failure_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {ExitCode::ok, ""};
}

void expect_failure(const std::pair<ExitCode, std::string>& found, ExitCode code,
                    std::initializer_list<const char*> parts) {
  EXPECT_EQ(found.first, code) << found.second;
  for (const char* part : parts) EXPECT_NE(found.second.find(part), std::string::npos) << found.second;
}

std::unique_ptr<SignalTaker> opened(const std::filesystem::path& folder, const std::string& options,
                                    bool is_coupled = false) {
  auto plugin = std::make_unique<ConsolidationPlugin>(test_plugin("plain"));
  plugin->open({.run_id = "r",
                .config_digest = "d",
                .folder = folder,
                .options = options,
                .is_coupled = is_coupled,
                .populations = {"E"},
                .spaces = {"default"}});
  return plugin;
}

Signal signal(std::uint64_t number) {
  return {
      .number = number, .begin_step = 10 * number, .end_step = 10 * number + 10, .embedding = {0.6F, 0.8F}};
}

TEST(Plugin, WhatCannotBeLoadedSaysWhy) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "text.so", "no library");
  const auto load = [](const std::string& name) { return failure_of([&] { ConsolidationPlugin{name}; }); };
  expect_failure(load("of_nobody"), ExitCode::plugin,
                 {"'of_nobody'", "libsharpwave_of_nobody.so", "looked for"});
  expect_failure(load((folder / "none.so").string()), ExitCode::plugin, {"none.so"});
  expect_failure(load((folder / "text.so").string()), ExitCode::plugin, {"text.so", "cannot be loaded"});
  expect_failure(load(test_plugin("no_entry")), ExitCode::plugin,
                 {"is no consolidation plugin", "sharpwave_consolidation_plugin"});
  expect_failure(load(test_plugin("other_version")), ExitCode::plugin, {"version 2", "expected 1"});
  expect_failure(load(test_plugin("nothing")), ExitCode::plugin, {"breaks its interface"});
  expect_failure(load(test_plugin("no_flush")), ExitCode::plugin, {"breaks its interface", "not there"});
  expect_failure(load(test_plugin("plain")), ExitCode::ok, {});
  expect_failure(load(SHARPWAVE_SIGNAL_LOG), ExitCode::ok, {});
}

// On /dev/full every write finds no room.
TEST(Plugin, TheLogOfSignalsSaysThatTheDiskIsFull) {
  const test::TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "signals.h5.partial");
  ConsolidationPlugin plugin(SHARPWAVE_SIGNAL_LOG);
  plugin.open({.run_id = "r",
               .config_digest = "d",
               .folder = folder.path(),
               .options = "{}",
               .populations = {"E"},
               .spaces = {"default"}});
  plugin.take(signal(1));
  expect_failure(failure_of([&] { plugin.flush(); }), ExitCode::no_room,
                 {"signals.h5.partial", "cannot be written"});
  plugin.flush();  // there is room again
  EXPECT_TRUE(std::filesystem::exists(folder / "signals.h5"));
}

TEST(Plugin, WhatItSaysIsWhatARunEndsWith) {
  const test::TemporaryFolder folder;
  const std::pair<int, ExitCode> kinds[] = {{1, ExitCode::invalid_config}, {2, ExitCode::io},
                                            {3, ExitCode::no_room},        {4, ExitCode::damaged_data},
                                            {77, ExitCode::plugin},        {-1, ExitCode::plugin}};
  for (const auto& [result, code] : kinds) {
    const int ends_with = result;  // clang 14 does not capture a structured binding
    const auto failing = [&](const char* where) {
      return nlohmann::json{{"fail", where}, {"result", ends_with}}.dump();
    };
    expect_failure(failure_of([&] { opened(folder.path(), failing("open")); }), code,
                   {"libsharpwave_test_plugin_plain.so", "cannot be opened", "the test wants open to fail"});
    const auto plugin = opened(folder.path(), failing("take"));
    expect_failure(failure_of([&] { plugin->take(signal(1)); }), code,
                   {"cannot take a signal", "take to fail"});
  }
  const auto plugin = opened(folder.path(), R"({"fail": "flush"})");
  expect_failure(failure_of([&] { plugin->flush(); }), ExitCode::io, {"cannot flush", "flush to fail"});
  const auto unclear = opened(folder.path(), R"({"fail": "status"})");
  expect_failure(failure_of([&] { static_cast<void>(unclear->status()); }), ExitCode::plugin,
                 {"status is no JSON object"});
  const auto wild = opened(folder.path(), R"({"answer": "nan"})", true);
  expect_failure(failure_of([&] { wild->take(signal(1)); }), ExitCode::plugin,
                 {"novelty that is not finite"});
}

TEST(MemoryLink, AllThatIsPutIsTakenInOrder) {
  const test::TemporaryFolder folder;
  MemoryLink link(opened(folder.path(), R"({"sleep_ms": 1})"), {.queue_capacity = 3}, 0);
  for (std::uint64_t n = 1; n <= 20; ++n) link.put(signal(n));
  link.flush();
  const auto lines = lines_of(folder / "told.txt");
  ASSERT_EQ(lines.size(), 21U);
  for (std::uint64_t n = 1; n <= 20; ++n) EXPECT_EQ(lines[n], "E " + std::to_string(n) + " 4294967295");
  const MemoryLink::Figures figures = link.figures();
  EXPECT_EQ(figures.dropped, 0U);
  EXPECT_EQ(figures.longest_queue, 3U);
  EXPECT_GT(figures.wait_s, 0.01) << "it has not waited for a plugin that takes 20 ms in all";
  EXPECT_GT(figures.worker_s, 0.019);
  EXPECT_EQ(link.status(), R"({"flushed":1,"taken":20})");
}

TEST(MemoryLink, WhatIsPutIsTakenAlsoWhereNobodyAsks) {
  const test::TemporaryFolder folder;
  MemoryLink link(opened(folder.path(), "{}"), {.queue_capacity = 100}, 0);
  link.put(signal(1));
  const Stopwatch watch;
  while (lines_of(folder / "told.txt").size() < 2 && watch.seconds() < 10)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(lines_of(folder / "told.txt").size(), 2U);
}

TEST(MemoryLink, WhatIsDroppedIsCounted) {
  const test::TemporaryFolder folder;
  MemoryLink link(opened(folder.path(), R"({"sleep_ms": 20})"),
                  {.queue_capacity = 2, .drops_when_full = true}, 5);
  const Stopwatch watch;
  for (std::uint64_t n = 1; n <= 50; ++n) link.put(signal(n));
  EXPECT_LT(watch.seconds(), 0.5) << "it waits";
  link.flush();
  const std::uint64_t dropped = link.figures().dropped - 5;
  EXPECT_GT(dropped, 0U);
  EXPECT_EQ(lines_of(folder / "told.txt").size() - 1 + dropped, 50U);
}

TEST(MemoryLink, AFailureEndsWhoWaits) {
  const test::TemporaryFolder folder;
  const auto fails = [&](const auto& use) {
    MemoryLink link(
        opened(folder.path(), R"({"fail": "take", "after": 2, "result": 3, "sleep_ms": 2})", true),
        {.queue_capacity = 1}, 0);
    expect_failure(failure_of([&] { use(link); }), ExitCode::no_room, {"take to fail"});
    expect_failure(failure_of([&] { link.flush(); }), ExitCode::no_room, {"take to fail"});
  };
  fails([](MemoryLink& link) {
    for (std::uint64_t n = 1; n < 20; ++n) link.put(signal(n));
  });
  fails([](MemoryLink& link) {
    for (std::uint64_t n = 1; n <= 3; ++n) link.put(signal(n));
    link.flush();
  });
  fails([](MemoryLink& link) {
    for (std::uint64_t n = 1; n <= 3; ++n) link.put(signal(n));
    for (int n = 0; n < 3; ++n) static_cast<void>(link.answer());
  });
}

TEST(MemoryLink, AnswersComeInTheOrderOfTheirSignals) {
  const test::TemporaryFolder folder;
  MemoryLink link(opened(folder.path(), R"({"sleep_ms": 1})", true), {.queue_capacity = 10}, 0);
  for (std::uint64_t n = 1; n <= 3; ++n) link.put(signal(n));
  // Its memory: 0.6 a signal, over their number and one.
  for (int n = 1; n <= 3; ++n) {
    const Answer answer = link.answer();
    EXPECT_NEAR(answer.novelty, 1 - 0.6 * n / (n + 1), 1e-6);
    EXPECT_EQ(answer.patterns.size(), n == 3 ? 2U : 0U);
  }
  link.snapshot(folder / "snapshot");
  EXPECT_TRUE(std::filesystem::exists(folder / "snapshot" / "sum"));
  expect_failure(failure_of([&] { link.snapshot(folder / "snapshot"); }), ExitCode::io,
                 {"the folder is there"});
}

}  // namespace
}  // namespace sharpwave::testing
