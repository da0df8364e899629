// lineal_bench_load: how many questions a server answers, how fast and how well, over REST and gRPC, idle and while it
// takes in points.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/status.h"
#include "bench/load/bulk_load.h"
#include "bench/load/load_report.h"
#include "bench/load/server_process.h"
#include "bench/load/while_loading.h"
#include "bench/sets/clusters.h"
#include "bench/sets/data_files.h"

namespace lineal::bench {
namespace {

struct Options {
  std::string rest;
  std::string grpc;
  std::string api_key;
  std::string data;
  std::string queries;
  std::string truth;
  std::string metric = "l2";
  std::string collection = "lineal_bench_load";
  size_t rows = 100'000;
  size_t dim = 100;
  size_t questions = 1000;
  size_t limit = 10;
  uint64_t seed = 1;
  uint32_t m = 16;
  uint32_t ef_construct = 100;
  uint32_t ef_search = 0;
  size_t rows_per_message = 1000;
  double seconds = 5;
  double ingest_rows_per_s = 1000;
  double index_seconds_max = 3600;
  std::vector<size_t> connections = {1, 8, 32};
  std::vector<std::string> while_loading;
  bool json = false;
};

void AddOptions(CLI::App* app, Options* options) {
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
  app->add_option("--index-seconds-max", options->index_seconds_max, "How long to wait for the index")
      ->capture_default_str();
  app->add_option("--connections", options->connections, "Numbers of connections")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--while-loading", options->while_loading,
                  "Instead: searches while points come in at half of the greatest rate, or at the greatest (full)")
      ->delimiter(',')
      ->check(CLI::IsMember({"half", "full"}));
  app->add_flag("--json", options->json, "One JSON object a line");
}

void Say(const char* what) { std::fprintf(stderr, "%s\n", what); }

v1::Metric MetricOf(const Options& options) {
  return options.metric == "l2" ? v1::METRIC_EUCLID : options.metric == "ip" ? v1::METRIC_DOT : v1::METRIC_COSINE;
}

// "host:port" of an address that may be a URL.
std::string HostAndPort(std::string address) {
  if (address.starts_with("http://")) address.erase(0, 7);
  while (address.ends_with('/')) address.pop_back();
  return address;
}

absl::StatusOr<DataSet> MakeData(const Options& options) {
  DataSet data;
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

// The `limit` nearest of each question, from the file they were read from.
void TakeTruth(const DataSet& data, QuestionSet* questions) {
  for (size_t i = 0; i < data.queries.rows(); ++i) {
    const auto first = data.truth.begin() + static_cast<ptrdiff_t>(i * data.truth_k);
    questions->truth.emplace_back(first, first + static_cast<ptrdiff_t>(questions->limit));
  }
}

struct EngineUse {
  double searches = 0, cpu_seconds = 0;
};

EngineUse ReadEngineUse(const std::string& rest) {
  return {ReadCounter(rest, "lineal_searches_total").value_or(0),
          ReadCounter(rest, "lineal_search_cpu_seconds_total").value_or(0)};
}

// `server` is null where it is somebody else's.
std::vector<LoadRun> Measure(const Options& options, const QuestionSet& questions, const BulkTarget& bulk,
                             const Matrix& rows, const ServerProcess* server) {
  std::vector<LoadRun> runs;
  for (bool ingesting : {false, true}) {
    // Only under l2 is there a place that is far from every question.
    if (ingesting && (options.ingest_rows_per_s <= 0 || options.metric != "l2")) break;
    for (auto run : {RunRest, RunGrpc}) {
      for (size_t connections : options.connections) {
        std::unique_ptr<BackgroundIngest> ingest;
        if (ingesting) ingest = std::make_unique<BackgroundIngest>(bulk, rows, options.ingest_rows_per_s);
        RunOptions how;
        how.address = run == RunRest ? options.rest : options.grpc;
        how.api_key = options.api_key;
        how.connections = connections;
        how.seconds = options.seconds;
        const double cpu_before_s = server == nullptr ? 0 : server->CpuSeconds();
        const EngineUse before = server == nullptr ? EngineUse() : ReadEngineUse(options.rest);
        LoadRun done = run(how, questions);
        if (server != nullptr && !ingesting) {
          const double cpu_s = server->CpuSeconds() - cpu_before_s;
          const EngineUse after = ReadEngineUse(options.rest);
          const double searches = std::max(1.0, after.searches - before.searches);
          done.server_cpu_us = 1e6 * cpu_s / searches;
          done.engine_cpu_us = 1e6 * (after.cpu_seconds - before.cpu_seconds) / searches;
        }
        done.ingesting = ingesting;
        if (ingest) {
          done.ingested_rows_per_s = static_cast<double>(ingest->acknowledged()) / (how.seconds + how.warm_up_seconds);
        }
        std::fprintf(stderr, "%s, %zu connections%s: %.0f a second\n", done.protocol.c_str(), connections,
                     ingesting ? ", ingesting" : "", done.per_second());
        runs.push_back(std::move(done));
      }
    }
  }
  return runs;
}

absl::Status RunWhileLoading(const Options& options, const LoadFacts& facts, const BulkTarget& bulk, const Matrix& rows,
                             const QuestionSet& questions) {
  WhileLoadingOptions how;
  how.rest = options.rest;
  how.grpc = options.grpc;
  how.api_key = options.api_key;
  how.rates = options.while_loading;
  how.connections = options.connections;
  how.seconds = options.seconds;
  how.m = options.m;
  how.ef_construct = options.ef_construct;
  how.index_seconds_max = options.index_seconds_max;
  LINEAL_ASSIGN_OR_RETURN(const WhileLoading result, MeasureWhileLoading(how, bulk, rows, questions));
  const std::string report = options.json ? WhileLoadingJson(result)
                                          : StrCat("Data: ", facts.data, ", ", facts.rows, " x ", facts.dim,
                                                   "\nMachine: ", MachineLine(), "\n", WhileLoadingMarkdown(result));
  std::fwrite(report.data(), 1, report.size(), stdout);
  return absl::OkStatus();
}

absl::Status Run(Options options) {
  TemporaryDirectory directory;
  std::unique_ptr<ServerProcess> server;
  options.rest = HostAndPort(options.rest);
  options.grpc = HostAndPort(options.grpc);
  if (options.rest.empty() != options.grpc.empty()) return InvalidArgument("--rest and --grpc go together");
  Say("making the data");
  LINEAL_ASSIGN_OR_RETURN(const DataSet data, MakeData(options));
  if (options.rest.empty()) {
    ServerProcessOptions process;
    process.data_dir = directory.path() + "/data";
    process.quiet = false;
    process.flags = {"--log-level", "warning"};
    LINEAL_ASSIGN_OR_RETURN(server, ServerProcess::Start(process));
    options.rest = server->rest_address();
    options.grpc = server->grpc_address();
  }
  BulkTarget bulk = ConnectBulk(options.grpc, options.api_key, options.collection);
  bulk.metric = MetricOf(options);
  LINEAL_RETURN_IF_ERROR(CreateFresh(bulk, data.base.dim, options.m, options.ef_construct));
  LoadFacts facts;
  facts.data = data.name;
  facts.rows = data.base.rows();
  facts.dim = data.base.dim;
  facts.hnsw = StrCat("m ", options.m, ", ef_construct ", options.ef_construct);
  facts.ef_search = options.ef_search;
  facts.rows_per_message = options.rows_per_message;
  Say("uploading");
  LINEAL_ASSIGN_OR_RETURN(facts.upload_seconds, UploadAll(bulk, data.base, options.rows_per_message));
  Say("waiting for the index");
  LINEAL_ASSIGN_OR_RETURN(facts.index_seconds, AwaitIndexed(bulk, options.index_seconds_max));
  QuestionSet questions = MakeQuestions(
      data.queries, {options.collection, options.rest, options.api_key, options.limit, options.ef_search});
  if (options.truth.empty()) {
    Say("asking for the exact answers");
    LINEAL_RETURN_IF_ERROR(FetchTruth(bulk, &questions));
  } else {
    TakeTruth(data, &questions);
  }
  if (!options.while_loading.empty()) return RunWhileLoading(options, facts, bulk, data.base, questions);
  const std::vector<LoadRun> runs = Measure(options, questions, bulk, data.base, server.get());
  const std::string report = options.json ? JsonReport(facts, questions, runs) : MarkdownReport(facts, questions, runs);
  std::fwrite(report.data(), 1, report.size(), stdout);
  return absl::OkStatus();
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) {
  CLI::App app("A server under load, over REST and gRPC");
  lineal::bench::Options options;
  lineal::bench::AddOptions(&app, &options);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = lineal::bench::Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "lineal_bench_load: %s\n", std::string(lineal::MessageOf(status)).c_str());
  return 1;
}
