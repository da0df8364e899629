#include "bench/load/load_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/status.h"
#include "bench/sets/clusters.h"
#include "bench/sets/data_files.h"

namespace lineal::bench {
namespace {

constexpr size_t kRestartsMax = 1000;
constexpr size_t kRepeatsMax = 1000;
constexpr size_t kFiltersMax = 10'000;

// "host:port" of an address that may be a URL.
std::string HostAndPort(std::string address) {
  if (address.starts_with("http://")) address.erase(0, 7);
  while (address.ends_with('/')) address.pop_back();
  return address;
}

// What a run can be other than searches without filters.
struct Kind {
  const char* option;
  bool asked;
  bool own_server;  // nobody else's will do
};

index::Distance DistanceOf(const LoadOptions& options) {
  return options.metric == "l2"   ? index::Distance::kL2
         : options.metric == "ip" ? index::Distance::kDot
                                  : index::Distance::kCosine;
}

}  // namespace

void AddLoadOptions(CLI::App* app, LoadOptions* options) {
  app->add_option("--rest", options->rest,
                  "REST address of a running server, host:port or http://host:port; with --grpc");
  app->add_option("--grpc", options->grpc, "Its gRPC address; without these a server is started");
  app->add_option("--api-key", options->api_key, "Its key");
  app->add_option("--data,--base", options->data, "Rows from a .fbin, .fvecs or .npy file instead of generated ones");
  app->add_option("--queries", options->queries, "Questions from a file; else the last rows of --data");
  app->add_option("--truth", options->truth,
                  "Their exact answers from an .ibin, .ivecs or .npy file; else the server is asked for them");
  app->add_option("--metric", options->metric, "l2, ip or cos; nothing is ingested meanwhile under the last two")
      ->check(CLI::IsMember({"l2", "ip", "cos"}))
      ->capture_default_str();
  app->add_option("--collection", options->collection, "Its name; one that is there is dropped")->capture_default_str();
  app->add_option("--rows", options->rows, "Generated rows")->capture_default_str();
  app->add_option("--dim", options->dim, "Their dimension")->capture_default_str();
  app->add_option("--questions", options->questions, "Different questions")->capture_default_str();
  app->add_option("--limit", options->limit, "Points a question")->capture_default_str();
  app->add_option("--seed", options->seed, "Of the generated data")->capture_default_str();
  app->add_option("--m", options->m, "Links of the graph")->capture_default_str();
  app->add_option("--ef-construct", options->ef_construct, "Effort of building it")->capture_default_str();
  app->add_option("--ef-search", options->ef_search, "Candidates kept by a search; 0 leaves it to the server");
  app->add_option("--rows-per-message", options->rows_per_message, "In the upload")->capture_default_str();
  app->add_option("--seconds", options->seconds, "Of each run, after a second to warm up")->capture_default_str();
  app->add_option("--ingest-rows-per-s", options->ingest_rows_per_s, "While ingesting; 0 leaves those runs out")
      ->capture_default_str();
  app->add_option("--index-seconds-max", options->index_seconds_max,
                  "How long to wait for the index, and for an answer after a restart")
      ->capture_default_str();
  app->add_option("--connections", options->connections, "Numbers of connections")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--filter-shares", options->filter_shares,
                  "Searches also under filters that pass these shares of the rows, over an indexed payload field")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--filters", options->filters, "Different filters of each share, in turn")
      ->check(CLI::Range(size_t{1}, kFiltersMax))
      ->capture_default_str();
  app->add_option("--while-loading", options->while_loading,
                  "Instead: searches while points come in at half of the greatest rate, or at the greatest (full)")
      ->delimiter(',')
      ->check(CLI::IsMember({"half", "full"}));
  app->add_option("--restarts", options->restarts,
                  "Instead: so often the server started here is stopped (1st, 3rd, ...) or killed (2nd, 4th, ...) and "
                  "started again; seconds until it answers a search")
      ->check(CLI::Range(size_t{1}, kRestartsMax));
  app->add_option("--bulk-peers", options->bulk_peers,
                  "Instead: bulk load of a server started here and of these peers (zvec), in turn: seconds to insert "
                  "all rows, and until they are indexed")
      ->delimiter(',')
      ->check(CLI::IsMember({"zvec"}));
  app->add_option("--repeats", options->repeats, "Of --bulk-peers, which reports medians")
      ->check(CLI::Range(size_t{1}, kRepeatsMax))
      ->capture_default_str();
  app->add_flag("--json", options->json, "One JSON object a line");
}

absl::Status CheckLoadOptions(LoadOptions* options) {
  options->rest = HostAndPort(options->rest);
  options->grpc = HostAndPort(options->grpc);
  if (options->rest.empty() != options->grpc.empty()) return InvalidArgument("--rest and --grpc go together");
  const Kind kinds[] = {{"--filter-shares", !options->filter_shares.empty(), false},
                        {"--while-loading", !options->while_loading.empty(), false},
                        {"--restarts", options->restarts > 0, true},
                        {"--bulk-peers", !options->bulk_peers.empty(), true}};
  const Kind* chosen = nullptr;
  for (const Kind& kind : kinds) {
    if (!kind.asked) continue;
    if (chosen != nullptr) return InvalidArgument(chosen->option, " and ", kind.option, " exclude each other");
    chosen = &kind;
  }
  if (chosen != nullptr && chosen->own_server && !options->rest.empty()) {
    return InvalidArgument(chosen->option, " wants a server started here: leave out --rest ", options->rest,
                           " and --grpc ", options->grpc);
  }
  return absl::OkStatus();
}

v1::Metric MetricOf(const LoadOptions& options) {
  return options.metric == "l2" ? v1::METRIC_EUCLID : options.metric == "ip" ? v1::METRIC_DOT : v1::METRIC_COSINE;
}

absl::StatusOr<DataSet> MakeLoadData(const LoadOptions& options) {
  DataSet data;
  data.distance = DistanceOf(options);
  if (options.data.empty()) {
    if (!options.queries.empty() || !options.truth.empty()) {
      return InvalidArgument("--queries and --truth go with --data");
    }
    data.name = "generated clusters";
    GenerateClusters({options.rows, options.questions, options.dim, options.seed}, &data);
    return data;
  }
  data.name = options.data;
  LINEAL_ASSIGN_OR_RETURN(data.base, ReadMatrix(options.data));
  if (!options.queries.empty()) {
    LINEAL_ASSIGN_OR_RETURN(data.queries, ReadMatrix(options.queries));
  } else {
    const size_t held_back = std::min(options.questions, data.base.rows() / 10) * data.base.dim;
    data.queries.dim = data.base.dim;
    data.queries.values.assign(data.base.values.end() - static_cast<ptrdiff_t>(held_back), data.base.values.end());
    data.base.values.resize(data.base.values.size() - held_back);
  }
  if (data.queries.dim != data.base.dim || data.queries.rows() == 0) {
    return InvalidArgument("questions have dim ", data.queries.dim, ", rows ", data.base.dim);
  }
  if (!options.truth.empty()) {
    if (options.queries.empty()) return InvalidArgument("--truth goes with --queries");
    LINEAL_RETURN_IF_ERROR(ReadTruth(options.truth, options.limit, &data));
  }
  return data;
}

}  // namespace lineal::bench
