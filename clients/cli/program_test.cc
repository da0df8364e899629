#include "clients/cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/status.h"
#include "clients/cli/export_writer.h"
#include "clients/cli/grpc_filter.h"
#include "clients/cli/load_check.h"
#include "clients/cli/record_reader.h"
#include "clients/cli/search_question.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"
#include "lineal/v1/filter.pb.h"
#include "server/process/settings.h"

namespace lineal::cli {
namespace {

using testing::HasSubstr;

struct Ran {
  int code;
  std::string out;
  std::string err;
};

Ran RunWith(std::vector<const char*> args) {
  args.insert(args.begin(), "lineal");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = RunProgram(static_cast<int>(args.size()), args.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(Program, HelpNamesEveryCommand) {
  const Ran ran = RunWith({"--help"});
  EXPECT_EQ(ran.code, kExitOk);
  for (const char* name : {"serve", "collections", "ingest", "export", "search", "audit", "receipt", "verify", "backup",
                           "restore", "bench", "version"}) {
    EXPECT_THAT(ran.out, HasSubstr(name));
  }
}

TEST(Program, HelpOfServeNamesEverySetting) {
  const Ran ran = RunWith({"serve", "--help"});
  EXPECT_EQ(ran.code, kExitOk);
  for (const server::Setting& setting : server::Settings()) {
    EXPECT_THAT(ran.out, HasSubstr(setting.secret ? server::EnvironmentName(setting) : server::FlagName(setting)));
  }
}

TEST(Program, WrongCommandLinesAreUsageErrors) {
  EXPECT_EQ(RunWith({}).code, kExitUsage);
  EXPECT_EQ(RunWith({"fly"}).code, kExitUsage);
  EXPECT_EQ(RunWith({"search", "-c", "x"}).code, kExitUsage);
  EXPECT_EQ(RunWith({"search", "-c", "x", "--text", "a", "--vector", "[1]"}).code, kExitUsage);
  EXPECT_EQ(RunWith({"search", "-c", "x", "--vector", "[1", "--json"}).code, kExitUsage);
  EXPECT_EQ(RunWith({"ingest", "f.jsonl"}).code, kExitUsage);
  EXPECT_EQ(RunWith({"collections", "create", "x"}).code, kExitUsage);
  EXPECT_EQ(RunWith({"collections", "list", "--url", "nonsense"}).code, kExitUsage);
}

TEST(Program, ServeChecksItsConfiguration) {
  EXPECT_EQ(RunWith({"serve", "--check"}).code, kExitOk);
  EXPECT_EQ(RunWith({"serve", "--check", "--host", "0.0.0.0", "--allow-insecure-bind"}).code, kExitOk);
  const Ran ran = RunWith({"serve", "--check", "--rest-port", "99999"});
  EXPECT_EQ(ran.code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr("flag --rest-port: `rest_port` is 0 to 65535, got \"99999\""));
  const std::string path = testing::TempDir() + "/serve.yaml";
  std::ofstream(path) << "rest_port: 7000\ngrpc_port: 7000\n";
  EXPECT_THAT(RunWith({"serve", "--check", "--config", path.c_str()}).err, HasSubstr("both 7000"));
  EXPECT_EQ(RunWith({"serve", "--check", "--config", path.c_str(), "--grpc-port", "7001"}).code, kExitOk);
  EXPECT_EQ(RunWith({"serve", "--check", "--config", "/nowhere.yaml"}).code, kExitNotFound);
}

TEST(Program, SaysThatNoServerRuns) {
  const Ran ran = RunWith({"collections", "list", "--url", "http://127.0.0.1:1", "--json"});
  EXPECT_EQ(ran.code, kExitUnavailable);
  EXPECT_THAT(ran.err, HasSubstr("{\"error\":\"nothing listens at http://127.0.0.1:1"));
  EXPECT_THAT(ran.err, HasSubstr("\"exit_code\":3"));
}

TEST(Program, VersionIsForPeopleOrPrograms) {
  EXPECT_THAT(RunWith({"version"}).out, HasSubstr("lineal 0."));
  EXPECT_TRUE(engine::ParseJson(RunWith({"version", "--json"}).out).ok());
}

TEST(Program, VerifyWantsADirectoryThatIsThere) {
  EXPECT_EQ(RunWith({"verify", "--data-dir", "/nowhere/data"}).code, kExitNotFound);
  EXPECT_EQ(RunWith({"backup", "--data-dir", "/nowhere/data", "-c", "x", "/tmp/y"}).code, kExitNotFound);
}

TEST(TextTable, AlignsAndCutsToTheTerminal) {
  TextTable table({"name", "points", "note"});
  table.Add({"a", "10", "short"});
  table.Add({"längé", "7", "a note that is far too long for the line"});
  EXPECT_EQ(table.Render(0).substr(0, 19), "name   points  note");
  const std::string cut = table.Render(40);
  EXPECT_THAT(cut, HasSubstr("längé       7  a note that is far too"));
  EXPECT_THAT(cut, HasSubstr("…"));
  EXPECT_EQ(HumanBytes(1536), "1.5 KiB");
  EXPECT_EQ(HumanCount(1234567), "1,234,567");
  EXPECT_EQ(HumanSeconds(200), "3 m 20 s");
}

TEST(GrpcFilter, TranslatesTheRestDialect) {
  v1::Filter filter;
  const auto json = engine::ParseJson(R"({"must":[{"key":"section","match":{"value":"net"}},
      {"key":"size","range":{"gte":1,"lt":2.5}},{"should":[{"is_empty":{"key":"a"}},{"has_id":[1]}]}],
      "must_not":{"key":"t","match":{"any":["x",1,true]}}})");
  ASSERT_TRUE(json.ok());
  ASSERT_TRUE(FilterToProto(*json, &filter).ok());
  ASSERT_EQ(filter.must_size(), 3);
  EXPECT_EQ(filter.must(0).field().match().keyword(), "net");
  EXPECT_EQ(filter.must(1).field().range().lt(), 2.5);
  EXPECT_EQ(filter.must(2).filter().should(1).has_id().ids(0).number(), 1u);
  EXPECT_EQ(filter.must_not(0).field().match_any().values_size(), 3);
  for (std::string_view bad :
       {"[]", R"({"musst":[]})", R"({"must":[{"key":"a"}]})", R"({"must":[{"key":"a","geo_radius":{}}]})",
        R"({"must":[{"key":"a","match":{"value":1.5}}]})", R"({"must":3})"}) {
    v1::Filter out;
    EXPECT_FALSE(FilterToProto(*engine::ParseJson(bad), &out).ok()) << bad;
  }
}

TEST(Export, WritesFilesThatReadBack) {
  const std::string npy = testing::TempDir() + "/e.npy", rows = testing::TempDir() + "/e.jsonl";
  auto writer = MakeNpyWriter(npy, rows, "");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Add(*engine::ParseJson(R"({"id":1,"vector":[1,2],"payload":{"a":"b"}})")).ok());
  ASSERT_TRUE((*writer)->Add(*engine::ParseJson(R"({"id":2,"vector":[3,4],"payload":null})")).ok());
  EXPECT_FALSE((*writer)->Add(*engine::ParseJson(R"({"id":3,"vector":[3]})")).ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  auto reader = *OpenRecords(npy, {.payload_path = rows});
  Record record;
  ASSERT_TRUE(*reader->Next(&record));
  EXPECT_THAT(record.vector, testing::ElementsAre(1, 2));
  EXPECT_EQ(engine::ToJson(record.fields), R"({"id":1,"payload":{"a":"b"}})");
  ASSERT_TRUE(*reader->Next(&record));
  EXPECT_FALSE(*reader->Next(&record));
}

TEST(Export, LeavesNothingUnderItsNameUnlessWhole) {
  const std::string path = testing::TempDir() + "/half.jsonl";
  std::remove(path.c_str());
  {
    auto writer = *MakeJsonLinesWriter(path, true);
    ASSERT_TRUE(writer->Add(*engine::ParseJson(R"({"id":1})")).ok());
  }
  EXPECT_FALSE(std::ifstream(path).good());
  EXPECT_FALSE(std::ifstream(path + ".part").good());
}

TEST(LoadCheck, CountsAnswersErrorsAndQuantiles) {
  FakeClock clock;
  const LoadResult result = RunLoad({.connections = 1, .seconds = 1, .clock = &clock}, [&](size_t, uint64_t turn) {
    clock.AdvanceMs(turn < 90 ? 10 : 1);
    return turn % 10 == 9 ? absl::InternalError("no") : absl::OkStatus();
  });
  EXPECT_EQ(result.answers + result.errors, 190u);
  EXPECT_EQ(result.errors, 19u);
  EXPECT_DOUBLE_EQ(result.seconds, 1);
  EXPECT_DOUBLE_EQ(result.Quantile(0.4), 1);
  EXPECT_DOUBLE_EQ(result.Quantile(0.99), 10);
  EXPECT_EQ(MessageOf(result.first_error), "no");
}

TEST(Question, BecomesARequest) {
  Question question;
  question.vector = {1, 0.5};
  question.filter = *engine::ParseJson(R"({"must":[]})");
  question.exact = true;
  question.ef_search = 64;
  EXPECT_EQ(
      QueryBody(question),
      R"({"query":[1.0,0.5],"limit":10,"with_payload":true,"filter":{"must":[]},"params":{"exact":true,"hnsw_ef":64}})");
}

}  // namespace
}  // namespace lineal::cli
