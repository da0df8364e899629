// Events and a store that takes them; for tests.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "engine/lineage/open_lineage_store.h"
#include "gtest/gtest.h"
#include "storage/meta/memory_meta_store.h"

namespace lineal::engine {

// An event of a run as producers write it; `more` goes behind the job: R"(,"outputs":[])".
inline std::string RunEvent(const std::string& type, const std::string& time, const std::string& run = "r1",
                            const std::string& more = "", const std::string& run_facets = "{}",
                            const std::string& job = R"({"namespace":"airflow","name":"load"})") {
  return StrCat(R"({"eventType":")", type, R"(","eventTime":")", time,
                R"(","producer":"test","schemaURL":"https://example.com/s","run":{"runId":")", run, R"(","facets":)",
                run_facets, R"(},"job":)", job, more, "}");
}
inline std::string Dataset(const std::string& name, const std::string& more = "",
                           const std::string& name_space = "s3://bucket") {
  return StrCat(R"({"namespace":")", name_space, R"(","name":")", name, "\"", more, "}");
}
inline LineageNodeId DatasetId(const std::string& name, const std::string& name_space = "s3://bucket") {
  return {LineageNodeId::Kind::kDataset, name_space, name};
}
inline LineageNodeId JobId(const std::string& name, const std::string& name_space = "airflow") {
  return {LineageNodeId::Kind::kJob, name_space, name};
}

class OpenLineageFixture {
 protected:
  void Take(const std::string& event) {
    const auto id = store_.Take(event);
    ASSERT_TRUE(id.ok()) << id.status() << " of " << event;
  }
  // What can be asked for of the graph, by key.
  static std::map<std::string, std::string> GraphOf(storage::MemoryMetaStore& meta) {
    std::map<std::string, std::string> graph;
    for (const auto& [key, value] : meta.records()) {
      for (const char* part :
           {"openlineage/node/", "openlineage/link/", "openlineage/version/", "openlineage/namespace/"}) {
        if (key.find(part) != std::string::npos) graph[key] = value;
      }
    }
    return graph;
  }
  // "a>b" for each edge, by the names of the nodes.
  std::vector<std::string> EdgesFrom(const LineageNodeId& start, uint32_t depth = 20) {
    const auto graph = store_.Graph({.start = start, .depth = depth});
    EXPECT_TRUE(graph.ok()) << graph.status();
    std::vector<std::string> edges;
    if (!graph.ok()) return edges;
    for (const auto& [from, to] : graph->edges) edges.push_back(StrCat(from.name, from.field, ">", to.name, to.field));
    std::ranges::sort(edges);
    return edges;
  }
  LineageRun RunOf(const std::string& id) {
    const auto run = store_.FindRun(id);
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *run : LineageRun();
  }

  FakeClock clock_;
  storage::MemoryMetaStore meta_;
  LocalOpenLineage store_{&meta_, &clock_, {}};
};

}  // namespace lineal::engine
