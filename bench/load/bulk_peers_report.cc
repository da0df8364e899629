#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "bench/load/bulk_peers.h"

namespace lineal::bench {
namespace {

double MedianOf(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// The medians of one system, each of its own.
struct Medians {
  double insert_s = 0, optimize_s = 0, total_s = 0;
};

Medians MediansOf(const std::string& system, const std::vector<BulkRun>& runs) {
  std::vector<double> insert, optimize, total;
  for (const BulkRun& run : runs) {
    if (run.system != system) continue;
    insert.push_back(run.insert_s);
    optimize.push_back(run.optimize_s);
    total.push_back(run.total_s());
  }
  return {MedianOf(std::move(insert)), MedianOf(std::move(optimize)), MedianOf(std::move(total))};
}

// Ours first.
std::vector<std::string> SystemsOf(const BulkPeersOptions& options) {
  std::vector<std::string> systems = {"lineal"};
  systems.insert(systems.end(), options.peers.begin(), options.peers.end());
  return systems;
}

// How many times the peer's insert rate ours is, and how many times its seconds ours takes in all.
double InsertRatio(const Medians& ours, const Medians& peer) { return peer.insert_s / ours.insert_s; }
double TotalRatio(const Medians& ours, const Medians& peer) { return ours.total_s / peer.total_s; }

// Of ours, the fewest of all repeats.
uint64_t IndexedRows(const std::vector<BulkRun>& runs) {
  uint64_t fewest = ~uint64_t{0};
  for (const BulkRun& run : runs) {
    if (run.system == "lineal") fewest = std::min(fewest, run.indexed_rows);
  }
  return fewest;
}

}  // namespace

std::string BulkPeersMarkdown(const BulkPeersOptions& options, const LoadFacts& facts,
                              const std::vector<BulkRun>& runs) {
  const auto rows = static_cast<double>(facts.rows);
  std::string out = StrCat(
      DataLine(facts), "\nMachine: ", MachineLine(), "\nlineal: ", facts.hnsw, ", one gRPC stream, ",
      options.rows_per_message,
      " rows a message, each durable and searchable when it is acknowledged; then until everything is indexed\n",
      "Peers: in a process of their own, m ", options.job.m, ", ef_construct ", options.job.ef_construct, ", ",
      options.job.threads, " threads; insert, then optimize\nMedians of ", options.repeats, " repeats, in turn\n\n",
      "| system | insert rows/s | insert s | optimize s | total s |\n| --- | --- | --- | --- | --- |\n");
  for (const std::string& system : SystemsOf(options)) {
    const Medians medians = MediansOf(system, runs);
    StrAppend(&out, "| ", system, " | ", Fixed(rows / medians.insert_s, 0), " | ", Fixed(medians.insert_s, 2), " | ",
              Fixed(medians.optimize_s, 2), " | ", Fixed(medians.total_s, 2), " |\n");
  }
  StrAppend(&out, "\n| lineal / peer | insert rows/s (more is better) | seconds until indexed (less is better) |\n",
            "| --- | --- | --- |\n");
  const Medians ours = MediansOf("lineal", runs);
  for (const std::string& peer : options.peers) {
    const Medians theirs = MediansOf(peer, runs);
    StrAppend(&out, "| ", peer, " | ", Fixed(InsertRatio(ours, theirs), 2), " | ", Fixed(TotalRatio(ours, theirs), 2),
              " |\n");
  }
  if (const uint64_t indexed = IndexedRows(runs); indexed < facts.rows) {
    StrAppend(&out, "\nlineal has an index over ", indexed, " of ", facts.rows,
              " rows: it leaves so few to scans, and did not build what the peers did\n");
  }
  return out;
}

std::string BulkPeersJson(const BulkPeersOptions& options, const LoadFacts& facts, const std::vector<BulkRun>& runs) {
  const nlohmann::json head = {{"kind", "bulk_data"},
                               {"machine", MachineLine()},
                               {"data", facts.data},
                               {"rows", facts.rows},
                               {"dim", facts.dim},
                               {"hnsw", facts.hnsw},
                               {"rows_per_message", options.rows_per_message},
                               {"peer_m", options.job.m},
                               {"peer_ef_construct", options.job.ef_construct},
                               {"peer_threads", options.job.threads},
                               {"repeats", options.repeats},
                               {"indexed_rows", IndexedRows(runs)}};
  std::string out = head.dump() + "\n";
  for (const BulkRun& run : runs) {
    const nlohmann::json line = {
        {"kind", "bulk_run"}, {"system", run.system}, {"insert_s", run.insert_s}, {"optimize_s", run.optimize_s}};
    StrAppend(&out, line.dump(), "\n");
  }
  const Medians ours = MediansOf("lineal", runs);
  for (const std::string& system : SystemsOf(options)) {
    const Medians medians = MediansOf(system, runs);
    nlohmann::json line = {{"kind", "bulk"},
                           {"system", system},
                           {"rows_per_s", static_cast<double>(facts.rows) / medians.insert_s},
                           {"insert_s", medians.insert_s},
                           {"optimize_s", medians.optimize_s},
                           {"total_s", medians.total_s}};
    if (system != "lineal") {
      line["insert_ratio"] = InsertRatio(ours, medians);
      line["total_ratio"] = TotalRatio(ours, medians);
    }
    StrAppend(&out, line.dump(), "\n");
  }
  return out;
}

}  // namespace lineal::bench
