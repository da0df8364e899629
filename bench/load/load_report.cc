#include "bench/load/load_report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/strings.h"

namespace lineal::bench {
namespace {

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  }
  return "unknown processor";
}

}  // namespace

std::string Fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string MachineLine() {
  return StrCat(ProcessorName(), ", ", std::thread::hardware_concurrency(), " threads, ",
#ifdef __clang__
                "clang ",
#else
                "gcc ",
#endif
                __VERSION__, "; server and clients share the machine");
}

std::string DataLine(const LoadFacts& facts) {
  return StrCat("Data: ", facts.data, ", ", facts.rows, " x ", facts.dim);
}

std::string MarkdownHead(const LoadFacts& facts) {
  return StrCat(DataLine(facts), ", ", facts.hnsw, ", ef_search ",
                facts.ef_search == 0 ? "default" : StrCat(facts.ef_search), "\nMachine: ", MachineLine(),
                "\nUpload: ", Fixed(static_cast<double>(facts.rows) / facts.upload_seconds, 0),
                " rows/s over one gRPC stream, ", facts.rows_per_message, " rows a message; indexed ",
                Fixed(facts.index_seconds, 1), " s later\n");
}

std::string JsonHead(const LoadFacts& facts) {
  const nlohmann::json head = {{"kind", "upload"},
                               {"machine", MachineLine()},
                               {"data", facts.data},
                               {"rows", facts.rows},
                               {"dim", facts.dim},
                               {"hnsw", facts.hnsw},
                               {"rows_per_s", static_cast<double>(facts.rows) / facts.upload_seconds},
                               {"index_s", facts.index_seconds}};
  return head.dump() + "\n";
}

std::string PassingOf(const LoadRun& run) {
  char text[64] = "all";
  if (run.filters > 0) std::snprintf(text, sizeof text, "%g %%", 100 * run.filter_share);
  return text;
}

std::string MarkdownReport(const LoadFacts& facts, size_t limit, const std::vector<LoadRun>& runs) {
  std::string out = MarkdownHead(facts);
  size_t filters = 0;
  for (const LoadRun& run : runs) filters = std::max(filters, run.filters);
  if (filters > 0) {
    StrAppend(&out, "Filters: ", filters, " of each share, ranges of an indexed payload field, in turn\n");
  }
  out += '\n';
  StrAppend(&out, "| protocol | connections | rows that pass | meanwhile | QPS | p50 ms | p99 ms | recall@", limit,
            " | server CPU µs | of it engine | errors |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | "
            "--- |\n");
  for (const LoadRun& run : runs) {
    StrAppend(&out, "| ", run.protocol, " | ", run.connections, " | ", PassingOf(run), " | ",
              run.ingesting ? StrCat("ingesting ", Fixed(run.ingested_rows_per_s, 0), " rows/s") : "idle", " | ",
              Fixed(run.per_second(), 0), " | ", Fixed(run.Quantile(0.5), 2), " | ", Fixed(run.Quantile(0.99), 2),
              " | ", Fixed(run.recall, 3), " | ", run.server_cpu_us > 0 ? Fixed(run.server_cpu_us, 1) : "–", " | ",
              run.engine_cpu_us > 0 ? Fixed(run.engine_cpu_us, 1) : "–", " | ", run.errors, " |\n");
  }
  for (const LoadRun& run : runs) {
    if (run.errors == 0) continue;
    StrAppend(&out, "\nFirst error over ", run.protocol, " with ", run.connections, " connections, ", PassingOf(run),
              " pass: ", run.first_error, "\n");
  }
  return out;
}

std::string JsonReport(const LoadFacts& facts, size_t limit, const std::vector<LoadRun>& runs) {
  std::string out = JsonHead(facts);
  for (const LoadRun& run : runs) {
    nlohmann::json line = {{"kind", "search"},
                           {"protocol", run.protocol},
                           {"connections", run.connections},
                           {"filter_share", run.filter_share},
                           {"filters", run.filters},
                           {"ingested_rows_per_s", run.ingested_rows_per_s},
                           {"ef_search", facts.ef_search},
                           {"qps", run.per_second()},
                           {"p50_ms", run.Quantile(0.5)},
                           {"p99_ms", run.Quantile(0.99)},
                           {"recall", run.recall},
                           {"limit", limit},
                           {"server_cpu_us", run.server_cpu_us},
                           {"engine_cpu_us", run.engine_cpu_us},
                           {"errors", run.errors}};
    if (run.errors != 0) line["first_error"] = run.first_error;
    StrAppend(&out, line.dump(), "\n");
  }
  return out;
}

}  // namespace lineal::bench
