#include "base/status.h"

#include "base/check.h"
#include "base/log.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

constexpr ErrorKind kKinds[] = {ErrorKind::kNone,           ErrorKind::kDiskFull,  ErrorKind::kOverload,
                                ErrorKind::kOutOfRange,     ErrorKind::kMalformed, ErrorKind::kIndexRequired,
                                ErrorKind::kPayloadTooLarge};

TEST(ErrorKind, IsCarriedByTheStatusAndItsAnnotations) {
  for (ErrorKind kind : kKinds) {
    const absl::Status status = MakeError(kind, "why");
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(KindOf(status), kind);
    EXPECT_EQ(KindOf(Annotate(Annotate(status, "b"), "a")), kind);
  }
  EXPECT_EQ(KindOf(absl::OkStatus()), ErrorKind::kNone);
  EXPECT_EQ(KindOf(NotFound("x")), ErrorKind::kNone);
}

TEST(ErrorKind, DecidesTheCode) {
  EXPECT_TRUE(absl::IsResourceExhausted(MakeError(ErrorKind::kDiskFull, "")));
  EXPECT_TRUE(absl::IsResourceExhausted(MakeError(ErrorKind::kOverload, "")));
  EXPECT_TRUE(absl::IsInvalidArgument(OutOfRange("")));
}

TEST(Status, IsMadeFromPieces) {
  EXPECT_EQ(MessageOf(InvalidArgument("vector has ", 767, " components, collection `", "docs", "` wants ", 768u)),
            "vector has 767 components, collection `docs` wants 768");
  EXPECT_EQ(StrCat(true, ' ', 0.1, ' ', -1.5f, ' ', uint64_t{18446744073709551615u}),
            "true 0.1 -1.5 18446744073709551615");
}

TEST(Annotate, PutsThePrefixBeforeTheMessageAndLeavesOkAlone) {
  EXPECT_EQ(MessageOf(Annotate(NotFound("no file"), "segment 7")), "segment 7: no file");
  EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok());
}

absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgument(value, " is odd");
  return value / 2;
}
absl::StatusOr<int> Quarter(int value) {
  LINEAL_ASSIGN_OR_RETURN(int half, Half(value));
  LINEAL_ASSIGN_OR_RETURN(int quarter, Half(half));
  return quarter;
}

TEST(AssignOrReturn, StopsAtTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(MessageOf(Quarter(6).status()), "3 is odd");
}

TEST(CheckDeathTest, EndsTheProcessWithTheExpressionAndItsPlace) {
  EXPECT_DEATH(LINEAL_CHECK(1 + 1 == 3), "1 \\+ 1 == 3.*status_test.cc|status_test.cc.*1 \\+ 1 == 3");
}

TEST(Log, KeepsALineOneLineWhateverAClientSent) {
  testing::internal::CaptureStderr();
  Log(LogLevel::kWarning, "bad name", {{"name", "x\n2026 forged\x1b[0m"}});
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1) << written;
  EXPECT_NE(written.find("name=x\\x0a2026 forged\\x1b[0m"), std::string::npos) << written;
}

}  // namespace
}  // namespace lineal
