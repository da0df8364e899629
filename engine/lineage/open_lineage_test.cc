#include <algorithm>
#include <fstream>
#include <set>

#include "base/random.h"
#include "engine/lineage/open_lineage_facets.h"
#include "engine/lineage/open_lineage_fixture.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

using Strings = std::vector<std::string>;
using Kind = LineageNodeId::Kind;

class OpenLineageTest : public ::testing::Test, protected OpenLineageFixture {};

constexpr int64_t kTenUs = 1'735'725'600'000'000;  // 2025-01-01T10:00:00Z

Strings ARunsEvents() {
  const std::string columns =
      R"(,"facets":{"columnLineage":{"fields":{"vector":{"inputFields":[{"namespace":"s3://bucket","name":"raw","field":"text","transformations":[{"type":"DIRECT","subtype":"EMBEDDING"}]}]}}},"version":{"datasetVersion":"7"},"symlinks":{"identifiers":[{"namespace":"glue","name":"t.docs","type":"TABLE"}]}})";
  return {
      RunEvent("START", "2025-01-01T10:00:00Z", "r1", R"(,"inputs":[)" + Dataset("raw") + "]",
               R"({"parent":{"run":{"runId":"p1"},"job":{"namespace":"airflow","name":"dag"}}})"),
      RunEvent("RUNNING", "2025-01-01T10:05:00Z", "r1", R"(,"inputs":[)" + Dataset("more") + "]",
               R"({"vendor_thing":{"a":[1,{"b":null}]}})"),
      RunEvent("RUNNING", "2025-01-01T10:05:00Z", "r1", "", R"({"vendor_thing":{"a":2}})"),
      RunEvent("COMPLETE", "2025-01-01T10:10:00Z", "r1", R"(,"outputs":[)" + Dataset("docs", columns) + "]"),
      RunEvent("OTHER", "2025-01-01T10:20:00Z", "r1",
               R"(,"outputs":[)" + Dataset("docs", R"(,"outputFacets":{"outputStatistics":{"rowCount":3}})") + "]"),
      RunEvent("COMPLETE", "2025-01-01T10:10:00Z", "r1", "", R"({"lineal_session":{"session":"s"}})",
               R"({"namespace":"lineal://h:1","name":"nightly"})"),
  };
}

TEST_F(OpenLineageTest, Acceptance01AnEventIsReadBackByteForByte) {
  const std::string event =
      "\n {\t\"eventTime\" : \"2025-01-01T10:00:00+01:00\",\"producer\":\"p\", \"schemaURL\":\"s\","
      "\"job\":{\"name\":\"\\u00e9\",\"namespace\":\"n\"},\"x\":1.50,\"x\":1e400  }\r\n ";
  const auto refused = store_.Take(event);
  EXPECT_FALSE(refused.ok());  // 1e400 is no number
  const std::string fine =
      "\n {\t\"eventTime\" : \"2025-01-01T10:00:00+01:00\",\"producer\":\"p\", \"schemaURL\":\"s\","
      "\"job\":{\"name\":\"\\u00e9\",\"namespace\":\"n\"},\"x\":1.50,\"x\":2  }\r\n ";
  const auto id = store_.Take(fine);
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(*store_.Event(*id), fine);
  ASSERT_EQ(store_.Events(10, 0)->size(), 1u);
  EXPECT_EQ(store_.Events(10, 0)->front().subject, JobId("é", "n"));
}

TEST_F(OpenLineageTest, Acceptance01TheTableOfFacetsIsTheDocumented) {
  std::ifstream file(LINEAL_DOCS_DIR "/format/openlineage_mapping.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto mapping = ParseJson(text);
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  std::set<std::string> documented, known;
  for (const auto& [entity, facets] : mapping->Find("facets")->object()) {
    for (const auto& [facet, how] : facets.object()) {
      EXPECT_FALSE(how.Find("why")->string().empty()) << facet;
      documented.insert(StrCat(entity, " ", facet, " ", *how.Find("mapped")->get_if<bool>()));
    }
  }
  for (const LineageFacetUse& use : LineageFacetUses())
    known.insert(StrCat(use.entity, " ", use.facet, " ", use.mapped));
  EXPECT_EQ(documented, known);
  EXPECT_EQ(known.size(), LineageFacetUses().size());
}

TEST_F(OpenLineageTest, Acceptance02ARunIdNeedsToBeNoUuid) {
  Take(RunEvent("START", "not a time", "run_id"));
  EXPECT_EQ(RunOf("run_id").state, LineageRunState::kRunning);
  EXPECT_EQ(RunOf("run_id").job, JobId("load"));
}

TEST_F(OpenLineageTest, Acceptance03AnyOrderAndRepetitionGiveTheSameGraph) {
  const Strings events = ARunsEvents();
  for (const std::string& event : events) Take(event);
  const auto expected = GraphOf(meta_);
  Random random(20250101);
  for (int round = 0; round < 1'000; ++round) {
    Strings shuffled = events;
    for (uint64_t extra = random.Below(6); extra > 0; --extra) shuffled.push_back(events[random.Below(events.size())]);
    std::ranges::shuffle(shuffled, random);
    storage::MemoryMetaStore meta;
    LocalOpenLineage store(&meta, &clock_, {});
    if (round % 2 == 0) {
      for (const std::string& event : shuffled) ASSERT_TRUE(store.Take(event).ok());
    } else {
      for (const absl::Status& status : store.TakeAll(shuffled)) ASSERT_TRUE(status.ok()) << status;
    }
    ASSERT_EQ(GraphOf(meta), expected) << "round " << round;
    ASSERT_EQ(store.Events(100, 0)->size(), events.size());
  }
}

TEST_F(OpenLineageTest, Acceptance03AnEndThatCameBeforeItsStartIsTheEnd) {
  Take(RunEvent("COMPLETE", "2025-01-01T10:10:00Z"));
  Take(RunEvent("START", "2025-01-01T10:00:00Z"));
  const LineageRun run = RunOf("r1");
  EXPECT_EQ(run.state, LineageRunState::kComplete);
  EXPECT_EQ(run.started_us, kTenUs);
  EXPECT_EQ(run.ended_us, kTenUs + 600'000'000);
}

TEST_F(OpenLineageTest, AnEndIsNotUndoneByALaterStart) {
  Take(RunEvent("FAIL", "2025-01-01T10:10:00Z"));
  Take(RunEvent("RUNNING", "2025-01-01T11:00:00Z"));
  EXPECT_EQ(RunOf("r1").state, LineageRunState::kFailed);
}

TEST_F(OpenLineageTest, OfTwoEndsTheLaterCountsAndAtTheSameTimeTheWorse) {
  Take(RunEvent("FAIL", "2025-01-01T10:10:00Z", "later"));
  Take(RunEvent("COMPLETE", "2025-01-01T10:11:00Z", "later"));
  EXPECT_EQ(RunOf("later").state, LineageRunState::kComplete);
  Take(RunEvent("FAIL", "2025-01-01T10:10:00Z", "tie"));
  Take(RunEvent("ABORT", "2025-01-01T10:10:00Z", "tie"));
  Take(RunEvent("COMPLETE", "2025-01-01T10:10:00Z", "tie"));
  EXPECT_EQ(RunOf("tie").state, LineageRunState::kFailed);
}

TEST_F(OpenLineageTest, TheGraphGoesFromInputsThroughJobsToOutputs) {
  for (const std::string& event : ARunsEvents()) Take(event);
  EXPECT_EQ(EdgesFrom(DatasetId("raw"), 1), (Strings{"raw>load", "raw>nightly"}));
  EXPECT_EQ(EdgesFrom(DatasetId("raw")),
            (Strings{"load>docs", "more>load", "more>nightly", "nightly>docs", "raw>load", "raw>nightly"}));
  EXPECT_EQ(EdgesFrom({Kind::kField, "s3://bucket", "docs", "vector"}), (Strings{"rawtext>docsvector"}));
}

TEST_F(OpenLineageTest, ASessionsRunJoinsTheJobsThatShareItAndOtherRunsDoNot) {
  const std::string ours = R"({"namespace":"lineal://h:1","name":"nightly"})";
  Take(RunEvent("START", "2025-01-01T10:00:00Z", "shared", R"(,"inputs":[)" + Dataset("raw") + "]"));
  Take(RunEvent("START", "2025-01-01T10:00:00Z", "shared", R"(,"outputs":[)" + Dataset("a") + "]", "{}", ours));
  EXPECT_EQ(EdgesFrom(JobId("load")), (Strings{"raw>load"}));
  Take(RunEvent("COMPLETE", "2025-01-01T10:01:00Z", "shared", R"(,"outputs":[)" + Dataset("docs") + "]",
                R"({"lineal_session":{}})", ours));
  EXPECT_EQ(EdgesFrom(JobId("load"), 1), (Strings{"load>a", "load>docs", "raw>load"}));
  // The end of our part is not the end of theirs.
  EXPECT_EQ(RunOf("shared").state, LineageRunState::kRunning);
}

TEST_F(OpenLineageTest, TheNewestFacetOfANameIsShownAndADeletedOneIsNot) {
  const auto with = [](const char* description) {
    return StrCat(R"(,"outputs":[{"namespace":"s3://bucket","name":"d","facets":{"documentation":)", description,
                  "}}]");
  };
  Take(RunEvent("RUNNING", "2025-01-01T10:02:00Z", "r1", with(R"({"description":"new"})")));
  Take(RunEvent("RUNNING", "2025-01-01T10:01:00Z", "r1", with(R"({"description":"old"})")));
  EXPECT_EQ(store_.Find(DatasetId("d"))->facets, *ParseJson(R"({"documentation":{"description":"new"}})"));
  Take(RunEvent("RUNNING", "2025-01-01T10:03:00Z", "r1", with(R"({"_deleted":true})")));
  EXPECT_EQ(store_.Find(DatasetId("d"))->facets, Value::EmptyObject());
}

TEST_F(OpenLineageTest, UnknownFacetsAreKeptAndLargeOnesSayWhereTheyAre) {
  const std::string event =
      RunEvent("START", "2025-01-01T10:00:00Z", "r1", "",
               StrCat(R"({"vendor_thing":{"a":[1,{"b":null}]},"large":{"text":")", std::string(70'000, 'x'), R"("}})"));
  Take(event);
  const Value facets = RunOf("r1").node.facets;
  EXPECT_EQ(*facets.Find("vendor_thing"), *ParseJson(R"({"a":[1,{"b":null}]})"));
  ASSERT_NE(facets.Find("large"), nullptr);
  EXPECT_EQ(facets.Find("large")->Find("_event")->string(), store_.Events(1, 0)->front().id);
  EXPECT_EQ(*facets.Find("large")->Find("_bytes"), Value(int64_t{70'011}));
}

TEST_F(OpenLineageTest, VersionsAreThoseThatFacetsNameWithTheirFirstWriter) {
  const auto version = [](const char* side, const char* number) {
    return StrCat(",\"", side, "\":[",
                  Dataset("d", StrCat(R"(,"facets":{"version":{"datasetVersion":")", number, "\"}}")), "]");
  };
  Take(RunEvent("COMPLETE", "2025-01-01T10:02:00Z", "second", version("outputs", "v1")));
  Take(RunEvent("COMPLETE", "2025-01-01T10:01:00Z", "first", version("outputs", "v1")));
  Take(RunEvent("COMPLETE", "2025-01-01T10:03:00Z", "reader", version("inputs", "v2")));
  const auto versions = store_.VersionsOf(DatasetId("d"), 10);
  ASSERT_TRUE(versions.ok());
  ASSERT_EQ(versions->size(), 2u);
  EXPECT_EQ(versions->at(0).version, "v2");
  EXPECT_EQ(versions->at(0).run, "");
  EXPECT_EQ(versions->at(1).version, "v1");
  EXPECT_EQ(versions->at(1).run, "first");
}

TEST_F(OpenLineageTest, LineageFacetsConnectDatasetsWithoutAJob) {
  Take(
      R"({"eventTime":"2025-01-01T10:00:00Z","producer":"p","schemaURL":"s","dataset":{"namespace":"s3://bucket","name":"view","facets":{"lineage":{"inputs":[{"namespace":"s3://bucket","name":"base","type":"DATASET"}]}}}})");
  EXPECT_EQ(EdgesFrom(DatasetId("view")), (Strings{"base>view"}));
}

TEST_F(OpenLineageTest, AGraphHasNoMoreNodesThanAskedForAndSaysSo) {
  std::string inputs;
  for (int i = 0; i < 50; ++i) StrAppend(&inputs, i > 0 ? "," : "", Dataset(StrCat("d", i)));
  Take(RunEvent("START", "2025-01-01T10:00:00Z", "r1", StrCat(R"(,"inputs":[)", inputs, "]")));
  const auto some = store_.Graph({.start = JobId("load"), .nodes_max = 10});
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(some->nodes.size(), 10u);
  EXPECT_TRUE(some->truncated);
  const auto none = store_.Graph({.start = JobId("load"), .depth = 0});
  EXPECT_EQ(none->nodes.size(), 1u);
  EXPECT_TRUE(none->truncated);
  const auto all = store_.Graph({.start = JobId("load")});
  EXPECT_EQ(all->nodes.size(), 51u);
  EXPECT_FALSE(all->truncated);
}

TEST_F(OpenLineageTest, WhatIsNoEventIsRefusedWithItsPlaceAndChangesNothingButTheRejects) {
  const std::string deep = StrCat(std::string(1'000, '['), std::string(1'000, ']'));
  const std::string name(5'000, 'n');
  const std::string base = R"("eventTime":"t","producer":"p","schemaURL":"s")";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "invalid JSON"},
      {"[]", "object"},
      {"{}", "eventTime is missing"},
      {StrCat("{", base, "}"), "names a run"},
      {StrCat("{", base, R"(,"run":{"runId":"r"}})"), "job is missing"},
      {StrCat("{", base, R"(,"run":{},"job":{"namespace":"n","name":"j"}})"), "run.runId is missing"},
      {StrCat("{", base, R"(,"run":{"runId":7},"job":{"namespace":"n","name":"j"}})"), "run.runId is not a string"},
      {StrCat("{", base, R"(,"job":{"namespace":"","name":"j"}})"), "job.namespace is empty"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":"j"},"dataset":{"namespace":"n","name":"d"}})"),
       "not a job and"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":")", name, "\"}}"), "job.name has 5000 bytes"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":"a\u0000b"}})"), "zero byte"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":"j","facets":[]}})"), "job.facets is not an object"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":"j"},"inputs":[{"namespace":"n"}]})"),
       "inputs[0].name is missing"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":"j"},"outputs":{}})"), "outputs is not a list"},
      {StrCat("{", base, R"(,"eventType":"DONE","run":{"runId":"r"},"job":{"namespace":"n","name":"j"}})"),
       "eventType `DONE`"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":"j"},"deep":)", deep, "}"), "nested too deeply"},
      {StrCat("{", base, R"(,"job":{"namespace":"n","name":")", "\xff\xfe", "\"}}"), "UTF-8"},
  };
  for (const auto& [event, problem] : cases) {
    const auto id = store_.Take(event);
    ASSERT_FALSE(id.ok()) << event.substr(0, 200);
    EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(id.status().ToString().find(problem), std::string::npos) << id.status();
  }
  EXPECT_TRUE(GraphOf(meta_).empty());
  EXPECT_TRUE(store_.Events(10, 0)->empty());
  const auto rejects = store_.Rejects(1'000);
  ASSERT_EQ(rejects->size(), cases.size());
  EXPECT_EQ(rejects->front().body, cases.back().first);
  EXPECT_EQ(rejects->back().body, cases.front().first);
}

TEST_F(OpenLineageTest, AFacetOfAnotherShapeIsNotedAndItsEventTaken) {
  Take(RunEvent("START", "2025-01-01T10:00:00Z", "r1",
                R"(,"outputs":[{"namespace":"n","name":"d","facets":{"symlinks":{"identifiers":7},"odd":3}}])"));
  const auto rejects = store_.Rejects(10);
  ASSERT_EQ(rejects->size(), 2u);
  EXPECT_EQ(rejects->front().event, store_.Events(1, 0)->front().id);
  EXPECT_NE(rejects->front().reason.find("`symlinks` of d"), std::string::npos) << rejects->front().reason;
  EXPECT_TRUE(store_.Find(DatasetId("d", "n")).ok());
}

TEST_F(OpenLineageTest, OnlySoManyRejectsAreKept) {
  for (int i = 0; i < 1'010; ++i) EXPECT_FALSE(store_.Take(StrCat("no event ", i)).ok());
  const auto rejects = store_.Rejects(2'000);
  ASSERT_EQ(rejects->size(), 1'000u);
  EXPECT_EQ(rejects->front().body, "no event 1009");
  EXPECT_EQ(rejects->back().body, "no event 10");
}

TEST_F(OpenLineageTest, RawEventsGoWhenTheirTimeIsOverAndTheGraphStays) {
  Take(RunEvent("START", "2025-01-01T10:00:00Z"));
  const std::string old = store_.Events(1, 0)->front().id;
  clock_.AdvanceMs(30ll * 86'400'000);
  Take(RunEvent("RUNNING", "2025-01-01T10:01:00Z"));
  EXPECT_TRUE(store_.Event(old).ok());
  clock_.AdvanceMs(1);
  const auto graph = GraphOf(meta_);
  Take(RunEvent("RUNNING", "2025-01-01T10:01:00Z"));
  EXPECT_EQ(store_.Event(old).status().code(), absl::StatusCode::kNotFound);
  ASSERT_EQ(store_.Events(10, 0)->size(), 1u);
  EXPECT_EQ(GraphOf(meta_), graph);
}

TEST_F(OpenLineageTest, EventsAreListedNewestFirstInPages) {
  for (int i = 0; i < 5; ++i) {
    Take(RunEvent("RUNNING", StrCat("2025-01-01T10:00:0", i, "Z")));
    clock_.AdvanceMs(1);
  }
  const auto page = store_.Events(2, 1);
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->at(0).time, "2025-01-01T10:00:03Z");
  EXPECT_EQ(page->at(1).time, "2025-01-01T10:00:02Z");
}

TEST_F(OpenLineageTest, ABatchTakesWhatIsGoodAndNothingWhenTheCatalogueFails) {
  Strings batch = {RunEvent("START", "2025-01-01T10:00:00Z"), "{}", RunEvent("COMPLETE", "2025-01-01T10:10:00Z")};
  auto statuses = store_.TakeAll(batch);
  EXPECT_TRUE(statuses[0].ok());
  EXPECT_EQ(statuses[1].code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(statuses[2].ok());
  EXPECT_EQ(RunOf("r1").state, LineageRunState::kComplete);
  meta_.Fail(absl::UnavailableError("gone"));
  EXPECT_EQ(store_.Take("{}").status().code(), absl::StatusCode::kInvalidArgument);
  statuses = store_.TakeAll({RunEvent("START", "2025-01-01T10:00:00Z", "r2")});
  EXPECT_EQ(statuses[0].code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(store_.FindRun("r2").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace lineal::engine
