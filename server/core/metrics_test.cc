#include "server/core/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/api/unimplemented_database.h"
#include "server/core/version.h"

namespace lineal::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class FakeCollection : public engine::UnimplementedCollection {
 public:
  absl::StatusOr<engine::CollectionMemory> Memory() override {
    return engine::CollectionMemory{.held = {{"1-2", "codes", 700}, {"1-3", "graph", 50}},
                                    .mapped = {{"1-2", "vectors", 4'000, 1'000}}};
  }
  absl::StatusOr<engine::CollectionInfo> Info() override {
    engine::CollectionInfo info;
    info.points = 7;
    info.vectors = 14;
    info.segments = {{.id = "1", .kind = "sealed", .rows = 9, .dead_rows = 2}, {.id = "2", .kind = "growing"}};
    return info;
  }
};

class FakeDatabase : public engine::UnimplementedDatabase {
 public:
  absl::StatusOr<std::vector<std::string>> ListCollections() override {
    return std::vector<std::string>{"docs", "gone"};
  }
  absl::StatusOr<std::shared_ptr<engine::Collection>> GetCollection(const std::string& name) override {
    if (name == "gone") return absl::NotFoundError("gone");
    return std::make_shared<FakeCollection>();
  }
  std::vector<engine::OptimizerTask> Tasks() override {
    return {{.collection = "docs", .kind = "merge", .state = "running"}};
  }
  MemoryLedger& ledger() { return ledger_; }
};

TEST(ServerMetrics, NamesTheBuildAndTheDialect) {
  FakeDatabase database;
  const std::string text = ServerMetrics().Render(database);
  EXPECT_THAT(text, HasSubstr("# HELP app_info information about qdrant server"));
  EXPECT_THAT(text, HasSubstr("app_info{name=\"qdrant\",version=\"1.19."));
  EXPECT_THAT(text, HasSubstr(std::string("lineal_build_info{version=\"") + kLinealVersion));
  EXPECT_EQ(std::string(kCommit).size(), 40u);
}

TEST(ServerMetrics, ReadsTheDatabaseAtEachRender) {
  FakeDatabase database;
  const std::string text = ServerMetrics().Render(database);
  EXPECT_THAT(text, HasSubstr("collections_total 2\n"));
  EXPECT_THAT(text, HasSubstr("collections_vector_total 14\n"));
  EXPECT_THAT(text, HasSubstr("collection_points{id=\"docs\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("lineal_collection_dead_rows{collection=\"docs\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("collection_running_optimizations{id=\"docs\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("lineal_collection_health{collection=\"docs\",health=\"green\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("collection_points{id=\"gone\"}")));
}

TEST(ServerMetrics, CountsRequestsUnderBothFamilies) {
  ServerMetrics metrics;
  FakeDatabase database;
  metrics.ObserveRequest("rest", "POST", "/collections/{name}/points/query", 200, 0.003);
  metrics.ObserveRequest("rest", "POST", "/collections/{name}/points/query", 200, 0.3);
  metrics.ObserveRequest("grpc", "call", "/lineal.v1.Points/Upsert", 0, 0.02);
  const std::string text = metrics.Render(database);
  const std::string labels = "endpoint=\"/collections/{name}/points/query\",method=\"POST\",status=\"200\"";
  EXPECT_THAT(text, HasSubstr("rest_responses_total{" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("rest_responses_duration_seconds_bucket{" + labels + ",le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_responses_total{endpoint=\"/lineal.v1.Points/Upsert\",status=\"0\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("lineal_request_duration_seconds_count{endpoint="));
}

TEST(ServerMetrics, BoundsItsSeriesWhateverMethodsAndEndpointsArrive) {
  ServerMetrics metrics;
  FakeDatabase database;
  for (int i = 0; i < 5000; ++i) metrics.ObserveRequest("rest", "GET", "/made-up/" + std::to_string(i), 404, 0.001);
  metrics.ObserveRequest("rest", "BREW", "/", 405, 0.001);
  const std::string text = metrics.Render(database);
  EXPECT_THAT(text, Not(HasSubstr("/made-up/4999\"")));
  EXPECT_THAT(text, Not(HasSubstr("BREW")));
  EXPECT_THAT(text, HasSubstr("endpoint=\"other\""));
}

TEST(ServerMetrics, KeepsConnectionsAndRefusals) {
  ServerMetrics metrics;
  FakeDatabase database;
  metrics.SetConnections("rest", 3);
  metrics.CountRefused("overload");
  metrics.CountRefused("overload");
  const std::string text = metrics.Render(database);
  EXPECT_THAT(text, HasSubstr("lineal_connections_open{protocol=\"rest\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("lineal_refused_total{reason=\"overload\"} 2\n"));
}

TEST(ServerMetrics, CountsSearchesAndWhatTheEngineSpendsOnThem) {
  ServerMetrics metrics;
  FakeDatabase database;
  metrics.CountSearch(0.25);
  metrics.CountSearch(0.5);
  const std::string text = metrics.Render(database);
  EXPECT_THAT(text, HasSubstr("\nlineal_searches_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nlineal_search_cpu_seconds_total 0.75\n"));
}

TEST(ServerMetrics, AddsUpTheLedgerByCollectionAndKind) {
  FakeDatabase database;
  const auto owner = [](const char* collection, const char* segment, const char* kind) {
    return MemoryOwner{collection, segment, kind};
  };
  MemoryLedger::Charge first(&database.ledger(), owner("docs", "1-1", "codes"));
  MemoryLedger::Charge second(&database.ledger(), owner("docs", "1-2", "codes"));
  MemoryLedger::Charge shared(&database.ledger(), owner("", "", "block_cache"));
  first.Set(100);
  second.Set(20);
  shared.Set(3);
  const std::string text = ServerMetrics().Render(database);
  EXPECT_THAT(text, HasSubstr("lineal_memory_bytes{collection=\"docs\",kind=\"codes\"} 120\n"));
  EXPECT_THAT(text, HasSubstr("lineal_memory_bytes{collection=\"\",kind=\"block_cache\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nlineal_memory_ledger_bytes 123\n"));
  EXPECT_THAT(text, HasSubstr("\nlineal_memory_rss_anon_bytes "));
  EXPECT_THAT(text, HasSubstr("\nlineal_memory_unattributed_bytes "));
}

TEST(ServerMetrics, ReportsTheProcess) {
  FakeDatabase database;
  const std::string text = ServerMetrics().Render(database);
#ifndef LINEAL_SANITIZED  // a sanitizer's allocator does not tell
  EXPECT_THAT(text, Not(HasSubstr("\nmemory_allocated_bytes 0\n")));
#endif
  EXPECT_THAT(text, HasSubstr("\nmemory_allocated_bytes "));
  for (const char* name : {"memory_resident_bytes ", "process_threads ", "process_open_fds ", "process_max_fds ",
                           "process_open_mmaps ", "process_minor_page_faults_total "}) {
    const size_t at = text.find(std::string("\n") + name);
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(std::stod(text.substr(at + 1 + std::string(name).size())), 0) << name;
  }
}

}  // namespace
}  // namespace lineal::server
