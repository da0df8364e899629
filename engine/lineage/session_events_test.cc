#include "engine/lineage/session_events.h"

#include <gtest/gtest.h>

#include "engine/lineage/open_lineage_event.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

constexpr int64_t kNoonMs = 1'735'732'800'000;  // 2025-01-01T12:00:00Z

IngestSession Session() {
  IngestSession session{.id = "0193f0a0-0000-7000-8000-000000000001", .job = "nightly"};
  session.context.run = "their-run";
  session.context.transform = "chunks";
  session.opened_ms = kNoonMs;
  return session;
}

Value Parsed(const std::string& text) {
  const auto value = ParseJson(text);
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? *value : Value();
}

TEST(SessionEvents, Acceptance05TheBeginningNamesTheRunTheJobAndTheSession) {
  EXPECT_EQ(Parsed(StartEventOf(Session(), {"lineal://h:1", "http://h:1/v1/schemas/"})), Parsed(R"({
    "eventType": "START", "eventTime": "2025-01-01T12:00:00.000Z", "producer": "urn:lineal",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {"runId": "their-run", "facets": {"lineal_session": {
      "_producer": "urn:lineal",
      "_schemaURL": "http://h:1/v1/schemas/LinealSessionRunFacet.json#/$defs/LinealSessionRunFacet",
      "session": "0193f0a0-0000-7000-8000-000000000001", "transform": "chunks"}}},
    "job": {"namespace": "lineal://h:1", "name": "nightly"}, "inputs": [], "outputs": []})"));
}

TEST(SessionEvents, Acceptance05TheEndNamesWhatWasWrittenItsStateAndItsSpaces) {
  IngestSession session = Session();
  session.state = SessionState::kFailed;
  session.closed_ms = kNoonMs + 1'500;
  WrittenCollection docs{.name = "docs", .points = 3, .seqs = {4, 9}, .revision = 2, .tags = {"v1"}};
  EmbeddingSpace space{.id = "00112233445566778899aabbccddeeff"};
  space.recipe.model = "use-lite";
  space.recipe.dim = 384;
  docs.spaces.push_back({"text", space});
  const Value event = Parsed(EndEventOf(session, {docs}, {"lineal://h:1", "http://h:1/v1/schemas/"}));
  EXPECT_EQ(*event.Find("eventType"), Value("FAIL"));
  EXPECT_EQ(*event.Find("eventTime"), Value("2025-01-01T12:00:01.500Z"));
  EXPECT_EQ(*event.Find("outputs"), Parsed(R"([{"namespace": "lineal://h:1", "name": "docs",
    "facets": {
      "version": {"_producer": "urn:lineal", "_schemaURL":
        "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
        "datasetVersion": "4,9"},
      "lineal_revision": {"_producer": "urn:lineal", "_schemaURL":
        "http://h:1/v1/schemas/LinealRevisionDatasetFacet.json#/$defs/LinealRevisionDatasetFacet",
        "seqs": [4, 9], "revision": 2, "tags": ["v1"]},
      "lineal_embeddingSpace": {"_producer": "urn:lineal", "_schemaURL":
        "http://h:1/v1/schemas/LinealEmbeddingSpaceDatasetFacet.json#/$defs/LinealEmbeddingSpaceDatasetFacet",
        "spaces": [{"vector": "text", "id": "00112233445566778899aabbccddeeff", "model": "use-lite", "dimension": 384}]}},
    "outputFacets": {"outputStatistics": {"_producer": "urn:lineal", "_schemaURL":
      "https://openlineage.io/spec/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
      "rowCount": 3}}}])"));
}

TEST(SessionEvents, EqualSessionsGiveEqualBytesThatAreEvents) {
  const std::string text = StartEventOf(Session(), {});
  EXPECT_EQ(text, StartEventOf(Session(), {}));
  const auto event = ReadLineageEvent(text);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->time_us, kNoonMs * 1'000);
}

}  // namespace
}  // namespace lineal::engine
