#include <array>
#include <map>

#include "server/core/metric_families.h"
#include "server/core/process_memory.h"

namespace lineal::server {
namespace {

using engine::CollectionHealth;

constexpr std::array kHealths = {CollectionHealth::kGreen, CollectionHealth::kYellow, CollectionHealth::kGrey,
                                 CollectionHealth::kRed};

std::string NameOf(CollectionHealth health) {
  switch (health) {
    case CollectionHealth::kGreen:
      return "green";
    case CollectionHealth::kYellow:
      return "yellow";
    case CollectionHealth::kGrey:
      return "grey";
    case CollectionHealth::kRed:
      return "red";
  }
  return "red";
}

struct CollectionFamilies {
  FamilyBuilder points{"lineal_collection_points", "Points that the newest read sees"};
  FamilyBuilder vectors{"lineal_collection_vectors", "Vectors that the newest read sees"};
  FamilyBuilder indexed{"lineal_collection_indexed_vectors", "Vectors that are in a graph"};
  FamilyBuilder disk{"lineal_collection_disk_bytes", "Bytes allocated on disk"};
  FamilyBuilder segments{"lineal_collection_segments", "Segments by kind"};
  FamilyBuilder dead{"lineal_collection_dead_rows", "Rows that ended and are not vacuumed yet"};
  FamilyBuilder health{"lineal_collection_health", "1 for the state that the collection is in"};
  FamilyBuilder qdrant_points{"collection_points", "approximate amount of points per collection"};

  void Add(const std::string& name, const engine::CollectionInfo& info) {
    const MetricLabels own = {{"collection", name}};
    points.Add(own, static_cast<double>(info.points));
    vectors.Add(own, static_cast<double>(info.vectors));
    indexed.Add(own, static_cast<double>(info.indexed_vectors));
    disk.Add(own, static_cast<double>(info.disk_bytes));
    std::map<std::string, uint64_t> kinds;
    uint64_t dead_rows = 0;
    for (const engine::SegmentInfo& segment : info.segments) {
      ++kinds[segment.kind];
      dead_rows += segment.dead_rows;
    }
    for (const auto& [kind, count] : kinds) {
      segments.Add({{"collection", name}, {"kind", kind}}, static_cast<double>(count));
    }
    dead.Add(own, static_cast<double>(dead_rows));
    for (CollectionHealth state : kHealths) {
      health.Add({{"collection", name}, {"health", NameOf(state)}}, info.health == state ? 1 : 0);
    }
    qdrant_points.Add({{"id", name}}, static_cast<double>(info.points));
  }

  void AppendTo(std::vector<prometheus::MetricFamily>* out) {
    for (FamilyBuilder* family : {&points, &vectors, &indexed, &disk, &segments, &dead, &health, &qdrant_points}) {
      family->AppendTo(out);
    }
  }
};

void AppendOptimizer(engine::Database& database, const std::vector<std::string>& collections,
                     std::vector<prometheus::MetricFamily>* out) {
  std::map<std::pair<std::string, std::string>, uint64_t> tasks;
  std::map<std::string, uint64_t> running;
  for (const std::string& name : collections) running[name] = 0;
  for (const engine::OptimizerTask& task : database.Tasks()) {
    ++tasks[{task.kind, task.state}];
    if (task.state == "running") ++running[task.collection];
  }
  FamilyBuilder by_kind("lineal_optimizer_tasks", "Background work by kind and state");
  for (const auto& [key, count] : tasks) {
    by_kind.Add({{"kind", key.first}, {"state", key.second}}, static_cast<double>(count));
  }
  by_kind.AppendTo(out);
  FamilyBuilder by_collection("collection_running_optimizations", "number of currently running optimization tasks");
  for (const auto& [name, count] : running) by_collection.Add({{"id", name}}, static_cast<double>(count));
  by_collection.AppendTo(out);
}

void AppendMemory(engine::Database& database, std::vector<prometheus::MetricFamily>* out) {
  std::map<std::pair<std::string, std::string>, uint64_t> bytes;
  const MemoryLedger& ledger = database.memory();
  uint64_t total = 0;
  for (const MemoryLedger::Line& line : ledger.Lines()) {
    total += line.bytes;
    bytes[{line.owner.collection, line.owner.kind}] += line.bytes;
  }
  FamilyBuilder held("lineal_memory_bytes", "Bytes charged to the memory ledger, by owner");
  for (const auto& [owner, count] : bytes) {
    held.Add({{"collection", owner.first}, {"kind", owner.second}}, static_cast<double>(count));
  }
  held.AppendTo(out);
  const ProcessMemory process = ReadProcessMemory(total);
  const auto gauge = [out](const char* name, const char* help, double value) {
    FamilyBuilder(name, help).Add({}, value).AppendTo(out);
  };
  gauge("lineal_memory_ledger_bytes", "All of lineal_memory_bytes", static_cast<double>(process.ledger_bytes));
  gauge("lineal_memory_rss_anon_bytes", "Physical memory of the process's own",
        static_cast<double>(process.rss_anon_bytes));
  gauge("lineal_memory_rss_file_bytes", "Physical memory of mapped files", static_cast<double>(process.rss_file_bytes));
  gauge("lineal_memory_allocator_free_bytes", "Bytes that were freed and malloc keeps for later",
        static_cast<double>(process.allocator_free_bytes));
  gauge("lineal_memory_unattributed_bytes", "rss_anon less the ledger and what malloc keeps",
        static_cast<double>(process.unattributed_bytes));
}

}  // namespace

void AppendDatabaseFamilies(engine::Database& database, std::vector<prometheus::MetricFamily>* out) {
  const auto listed = database.ListCollections();
  const std::vector<std::string> names = listed.ok() ? *listed : std::vector<std::string>{};
  CollectionFamilies families;
  uint64_t vectors = 0;
  for (const std::string& name : names) {
    auto collection = database.GetCollection(name);
    if (!collection.ok()) continue;  // dropped meanwhile
    auto info = (*collection)->Info();
    if (!info.ok()) continue;
    vectors += info->vectors;
    families.Add(name, *info);
  }
  const double count = static_cast<double>(names.size());
  FamilyBuilder("lineal_ready", "1 when everything is loaded and writes are possible")
      .Add({}, database.Ready().ok() ? 1 : 0)
      .AppendTo(out);
  FamilyBuilder("lineal_collections", "Collections").Add({}, count).AppendTo(out);
  FamilyBuilder("collections_total", "number of collections").Add({}, count).AppendTo(out);
  FamilyBuilder("collections_vector_total", "total number of vectors in all collections")
      .Add({}, static_cast<double>(vectors))
      .AppendTo(out);
  families.AppendTo(out);
  AppendOptimizer(database, names, out);
  AppendMemory(database, out);
}

}  // namespace lineal::server
