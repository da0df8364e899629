// How a search was run, for people who want to know why it took so long or found so little. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lineal::engine {

struct SegmentExplain {
  uint32_t shard = 0;   // of the collection's
  std::string segment;  // as in the collection's info
  std::string kind;     // "growing", "sealed", "history"
  uint64_t rows = 0;    // the dead among them
  uint64_t dead_rows = 0;
  uint64_t indexed_rows = 0;  // in the graph; others are scanned

  std::string plan;                        // "graph", "lists", "tenant_lists", "scan_all", "scan_matches", "nothing"
  std::string reason;                      // why, in words
  bool by_codes = false;                   // distances by codes and rescoring by rows; false: by rows
  uint64_t ef_search = 0;                  // of a graph's walk, or of the one that a scan was weighed against; else 0
  std::optional<double> predicted_recall;  // of this plan; nothing if it has not been measured

  // Rows that pass: at least and at most, as payload indexes have it before the search, and counted; nothing where
  // counting would have to read too many payloads. Dead rows are counted by the first two only.
  uint64_t matches_min = 0, matches_max = 0;
  std::optional<uint64_t> matches;

  uint64_t found = 0;  // candidates for the answer
  uint64_t hops = 0;   // nodes whose links were followed
  uint64_t lists = 0;  // that were scanned
  uint64_t distances_by_codes = 0;
  uint64_t distances_by_rows = 0;  // rescored ones among them
  uint64_t rescored = 0;
  uint64_t reads = 0;  // requests to the disk, for rows of a cold vector
  uint64_t bytes_read = 0;
  double time_us = 0;
};

struct SearchExplain {
  std::optional<double> recall_target;   // the search's, or else the collection's
  std::vector<SegmentExplain> segments;  // of all shards
  std::vector<std::string> advice;       // what would make such searches cheaper
  double time_us = 0;                    // of the whole search, fetching included, counting for this left out
};

}  // namespace lineal::engine
