#include "host/operate/program.hpp"

#include <gtest/gtest.h>

namespace sharpwave::operate {
namespace {

using End = ProgramOutcome::End;
using namespace std::chrono_literals;

TEST(Program, TellsWhatItPrintedAndHowItEnded) {
  const ProgramOutcome outcome = run_program({"sh", "-c", "echo out; echo err >&2; cat; exit 3"}, 10s);
  EXPECT_EQ(outcome.end, End::exited);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.output, "out\nerr\n");
  EXPECT_FALSE(outcome.is_ok());
  EXPECT_TRUE(run_program({"true"}, 10s).is_ok());
  EXPECT_EQ(run_program({"sh", "-c", "kill -9 $$"}, 10s).end, End::killed);
}

TEST(Program, ThatIsNotThereIsToldOf) {
  EXPECT_EQ(run_program({"no-program-has-this-name"}, 10s).end, End::not_found);
  EXPECT_EQ(run_program({"/etc/passwd"}, 10s).end, End::not_found);
}

TEST(Program, EndsWithWhatItStartedWhereTimeIsUp) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run_program({"sh", "-c", "sleep 60 & sleep 60"}, 200ms).end, End::timed_out);
  // One that closes its output goes on all the same.
  EXPECT_EQ(run_program({"sh", "-c", "exec >&- 2>&-; sleep 60"}, 200ms).end, End::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST(Program, PrintsNoMoreThanIsKept) {
  const ProgramOutcome outcome = run_program({"sh", "-c", "head -c 6000000 /dev/zero"}, 20s);
  EXPECT_TRUE(outcome.is_ok());
  EXPECT_EQ(outcome.output.size(), std::size_t{4} << 20);
}

}  // namespace
}  // namespace sharpwave::operate
