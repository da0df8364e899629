// lineal_bench_load: how many questions a server answers, how fast and how well, over REST and gRPC, idle and while it
// takes in points.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "base/executor.h"
#include "base/status.h"
#include "bench/load/bulk_load.h"
#include "bench/load/bulk_peers.h"
#include "bench/load/filtered_questions.h"
#include "bench/load/load_options.h"
#include "bench/load/load_report.h"
#include "bench/load/restarts.h"
#include "bench/load/server_process.h"
#include "bench/load/while_loading.h"

namespace lineal::bench {
namespace {

void Say(const char* what) { std::fprintf(stderr, "%s\n", what); }
void Print(const std::string& report) { std::fwrite(report.data(), 1, report.size(), stdout); }

// The `limit` nearest of each question, from the file they were read from.
void TakeTruth(const DataSet& data, QuestionSet* questions) {
  for (size_t i = 0; i < data.queries.rows(); ++i) {
    const auto first = data.truth.begin() + static_cast<ptrdiff_t>(i * data.truth_k);
    questions->truth.emplace_back(first, first + static_cast<ptrdiff_t>(questions->limit));
  }
}

// The questions under filters of each share.
void AddFiltered(const LoadOptions& options, const FilteredRows& rows, const QuestionOptions& asking,
                 std::vector<QuestionSet>* sets) {
  if (options.filter_shares.empty()) return;
  Say("looking for the exact answers under filters");
  Executor executor("bench", std::max(2u, std::thread::hardware_concurrency()) - 1);
  for (double share : options.filter_shares) {
    sets->push_back(MakeFilteredQuestions(rows, share, options.filters, asking, &executor));
  }
}

// What is known before anything is measured.
LoadFacts FactsOf(const LoadOptions& options, const DataSet& data) {
  LoadFacts facts;
  facts.data = data.name;
  facts.rows = data.base.rows();
  facts.dim = data.base.dim;
  facts.hnsw = StrCat("m ", options.m, ", ef_construct ", options.ef_construct);
  facts.ef_search = options.ef_search;
  facts.rows_per_message = options.rows_per_message;
  return facts;
}

struct EngineUse {
  double searches = 0, cpu_seconds = 0;
};

EngineUse ReadEngineUse(const std::string& rest) {
  return {ReadCounter(rest, "lineal_searches_total").value_or(0),
          ReadCounter(rest, "lineal_search_cpu_seconds_total").value_or(0)};
}

// A run, and what it costs the server; that is null where it is somebody else's.
LoadRun RunOn(const ServerProcess* server, bool rest, const RunOptions& how, const QuestionSet& questions) {
  const auto run = rest ? RunRest : RunGrpc;
  if (server == nullptr) return run(how, questions);
  const double cpu_before_s = server->CpuSeconds();
  const EngineUse before = ReadEngineUse(server->rest_address());
  LoadRun done = run(how, questions);
  const double cpu_s = server->CpuSeconds() - cpu_before_s;
  const EngineUse after = ReadEngineUse(server->rest_address());
  const double searches = std::max(1.0, after.searches - before.searches);
  done.server_cpu_us = 1e6 * cpu_s / searches;
  done.engine_cpu_us = 1e6 * (after.cpu_seconds - before.cpu_seconds) / searches;
  return done;
}

// `server` is null where it is somebody else's.
std::vector<LoadRun> Measure(const LoadOptions& options, const std::vector<QuestionSet>& sets, const BulkTarget& bulk,
                             const Matrix& rows, const ServerProcess* server) {
  std::vector<LoadRun> runs;
  const auto measure = [&](const QuestionSet& questions, bool rest, size_t connections, bool ingesting) {
    std::unique_ptr<BackgroundIngest> ingest;
    if (ingesting) ingest = std::make_unique<BackgroundIngest>(bulk, rows, options.ingest_rows_per_s);
    RunOptions how;
    how.address = rest ? options.rest : options.grpc;
    how.api_key = options.api_key;
    how.connections = connections;
    how.seconds = options.seconds;
    LoadRun done = RunOn(ingesting ? nullptr : server, rest, how, questions);
    done.ingesting = ingesting;
    if (ingest) {
      done.ingested_rows_per_s = static_cast<double>(ingest->acknowledged()) / (how.seconds + how.warm_up_seconds);
    }
    std::fprintf(stderr, "%s, %zu connections, %s pass%s: %.0f a second\n", done.protocol.c_str(), connections,
                 PassingOf(done).c_str(), ingesting ? ", ingesting" : "", done.per_second());
    runs.push_back(std::move(done));
  };
  for (bool ingesting : {false, true}) {
    // Only under l2 is there a place that is far from every question.
    if (ingesting && (options.ingest_rows_per_s <= 0 || options.metric != "l2")) break;
    for (const QuestionSet& questions : sets) {
      for (bool rest : {true, false}) {
        for (size_t connections : options.connections) measure(questions, rest, connections, ingesting);
      }
    }
  }
  return runs;
}

absl::Status RunWhileLoading(const LoadOptions& options, const LoadFacts& facts, const BulkTarget& bulk,
                             const Matrix& rows, const QuestionSet& questions) {
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
  Print(options.json ? WhileLoadingJson(result)
                     : StrCat(DataLine(facts), "\nMachine: ", MachineLine(), "\n", WhileLoadingMarkdown(result)));
  return absl::OkStatus();
}

absl::Status RunRestarts(const LoadOptions& options, const LoadFacts& facts, const ServerProcessOptions& process,
                         const Matrix& queries, std::unique_ptr<ServerProcess>* server) {
  RestartOptions how;
  how.count = options.restarts;
  how.process = process;
  how.question = {options.collection, "", options.api_key, options.limit, options.ef_search};
  how.seconds_max = options.index_seconds_max;
  LINEAL_ASSIGN_OR_RETURN(const std::vector<Restart> restarts, MeasureRestarts(how, queries, server));
  Print(options.json ? RestartsJson(facts, options.limit, restarts) : RestartsMarkdown(facts, options.limit, restarts));
  return absl::OkStatus();
}

absl::Status RunBulkPeers(const LoadOptions& options, const ServerProcessOptions& process, const DataSet& data) {
  BulkPeersOptions how;
  how.peers = options.bulk_peers;
  how.repeats = options.repeats;
  how.job.threads = std::thread::hardware_concurrency();
  how.process = process;
  how.collection = options.collection;
  how.metric = MetricOf(options);
  how.m = options.m;
  how.ef_construct = options.ef_construct;
  how.rows_per_message = options.rows_per_message;
  how.index_seconds_max = options.index_seconds_max;
  LINEAL_ASSIGN_OR_RETURN(const std::vector<BulkRun> runs, MeasureBulkPeers(how, data));
  const LoadFacts facts = FactsOf(options, data);
  Print(options.json ? BulkPeersJson(how, facts, runs) : BulkPeersMarkdown(how, facts, runs));
  return absl::OkStatus();
}

absl::Status Run(LoadOptions options) {
  TemporaryDirectory directory;
  ServerProcessOptions process;
  process.data_dir = directory.path() + "/data";
  process.quiet = false;
  process.flags = {"--log-level", "warning"};
  std::unique_ptr<ServerProcess> server;
  LINEAL_RETURN_IF_ERROR(CheckLoadOptions(&options));
  Say("making the data");
  LINEAL_ASSIGN_OR_RETURN(const DataSet data, MakeLoadData(options));
  if (options.restarts > 0 && options.limit > data.base.rows()) {
    return InvalidArgument("--limit is ", options.limit, ", there are ", data.base.rows(), " rows to answer with");
  }
  if (!options.bulk_peers.empty()) return RunBulkPeers(options, process, data);
  if (options.rest.empty()) {
    LINEAL_ASSIGN_OR_RETURN(server, ServerProcess::Start(process));
    options.rest = server->rest_address();
    options.grpc = server->grpc_address();
  }
  BulkTarget bulk = ConnectBulk(options.grpc, options.api_key, options.collection);
  bulk.metric = MetricOf(options);
  LINEAL_RETURN_IF_ERROR(CreateFresh(bulk, data.base.dim, options.m, options.ef_construct));
  FilteredRows rows{data, {}};
  if (!options.filter_shares.empty()) {
    rows.numbers = NumberRows(data.base.rows(), options.seed);
    LINEAL_RETURN_IF_ERROR(IndexNumbers(bulk));
  }
  LoadFacts facts = FactsOf(options, data);
  Say("uploading");
  LINEAL_ASSIGN_OR_RETURN(facts.upload_seconds, UploadAll(bulk, data.base, options.rows_per_message, rows.numbers));
  Say("waiting for the index");
  LINEAL_ASSIGN_OR_RETURN(facts.index_seconds, AwaitIndexed(bulk, options.index_seconds_max));
  if (options.restarts > 0) return RunRestarts(options, facts, process, data.queries, &server);
  const QuestionOptions asking{options.collection, options.rest, options.api_key, options.limit, options.ef_search};
  QuestionSet questions = MakeQuestions(data.queries, asking);
  if (options.truth.empty()) {
    Say("asking for the exact answers");
    LINEAL_RETURN_IF_ERROR(FetchTruth(bulk, &questions));
  } else {
    TakeTruth(data, &questions);
  }
  if (!options.while_loading.empty()) return RunWhileLoading(options, facts, bulk, data.base, questions);
  std::vector<QuestionSet> sets;
  sets.push_back(std::move(questions));
  AddFiltered(options, rows, asking, &sets);
  const std::vector<LoadRun> runs = Measure(options, sets, bulk, data.base, server.get());
  Print(options.json ? JsonReport(facts, options.limit, runs) : MarkdownReport(facts, options.limit, runs));
  return absl::OkStatus();
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) {
  CLI::App app("A server under load, over REST and gRPC");
  lineal::bench::LoadOptions options;
  lineal::bench::AddLoadOptions(&app, &options);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = lineal::bench::Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "lineal_bench_load: %s\n", std::string(lineal::MessageOf(status)).c_str());
  return 1;
}
