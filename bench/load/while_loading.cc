#include "bench/load/while_loading.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/status.h"
#include "bench/load/load_report.h"

namespace lineal::bench {
namespace {

absl::Status Check(const SteadyLoadResult& load, const char* what) {
  if (load.error.empty()) return absl::OkStatus();
  return Internal("loading ", what, ": ", load.error);
}

SteadyLoadResult LoadFor(double seconds, const BulkTarget& target, const Matrix& rows, const SteadyLoadOptions& options,
                         uint64_t* next_id) {
  SteadyLoad load(target, rows, options, next_id);
  // How long it loads is what is measured; nothing else says when to stop.
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds + options.warm_up_seconds));
  return load.Stop();
}

LoadRun Search(const WhileLoadingOptions& options, bool rest, size_t connections, const QuestionSet& questions) {
  RunOptions how;
  how.address = rest ? options.rest : options.grpc;
  how.api_key = options.api_key;
  how.connections = connections;
  how.seconds = options.seconds;
  return rest ? RunRest(how, questions) : RunGrpc(how, questions);
}

void Say(const LoadedRun& run) {
  std::fprintf(stderr, "%s, %s, %zu connections: p99 %.2f ms\n", run.rate.c_str(), run.searches.protocol.c_str(),
               run.searches.connections, static_cast<double>(run.searches.Quantile(0.99)));
}

}  // namespace

absl::StatusOr<WhileLoading> MeasureWhileLoading(const WhileLoadingOptions& options, const BulkTarget& bulk,
                                                 const Matrix& rows, const QuestionSet& questions) {
  WhileLoading result;
  SteadyLoadOptions pace;
  pace.rows_per_message = options.rows_per_message;
  uint64_t next_id = rows.rows();

  const auto measure = [&](const std::string& rate, double rows_per_s) -> absl::Status {
    for (bool rest : {true, false}) {
      for (size_t connections : options.connections) {
        LoadedRun run;
        run.rate = rate;
        std::unique_ptr<SteadyLoad> load;
        if (rate != "idle") {
          pace.rows_per_s = rows_per_s;
          load = std::make_unique<SteadyLoad>(bulk, rows, pace, &next_id);
        }
        run.searches = Search(options, rest, connections, questions);
        if (load) run.load = load->Stop();
        LINEAL_RETURN_IF_ERROR(Check(run.load, rate.c_str()));
        Say(run);
        result.runs.push_back(std::move(run));
      }
    }
    return absl::OkStatus();
  };
  LINEAL_RETURN_IF_ERROR(measure("idle", 0));

  std::fprintf(stderr, "looking for the greatest rate\n");
  pace.rows_per_s = 0;
  result.greatest = LoadFor(2 * options.seconds, bulk, rows, pace, &next_id);
  LINEAL_RETURN_IF_ERROR(Check(result.greatest, "at the greatest rate"));
  result.greatest_rows_per_s = result.greatest.rows_per_s();
  std::fprintf(stderr, "%.0f rows/s\n", result.greatest_rows_per_s);
  LINEAL_RETURN_IF_ERROR(AwaitIndexed(bulk, options.index_seconds_max).status());
  for (const std::string& rate : options.rates) {
    LINEAL_RETURN_IF_ERROR(measure(rate, rate == "full" ? 0 : result.greatest_rows_per_s / 2));
    std::fprintf(stderr, "waiting for the index\n");
    LINEAL_RETURN_IF_ERROR(AwaitIndexed(bulk, options.index_seconds_max).status());
  }

  pace.rows_per_s = result.greatest_rows_per_s / 2;
  for (bool indexed : {false, true}) {
    std::fprintf(stderr, "acknowledgements %s an index\n", indexed ? "with" : "without");
    BulkTarget other = bulk;
    other.collection = bulk.collection + "_acks";
    LINEAL_RETURN_IF_ERROR(CreateFresh(other, rows.dim, options.m, options.ef_construct, indexed));
    (indexed ? result.with_index : result.without_index) = LoadFor(2 * options.seconds, other, rows, pace, &next_id);
    LINEAL_RETURN_IF_ERROR(Check(indexed ? result.with_index : result.without_index, "for acknowledgements"));
    LINEAL_RETURN_IF_ERROR(DropCollection(other));
  }
  return result;
}

std::string WhileLoadingMarkdown(const WhileLoading& result) {
  std::string out = StrCat("Greatest rate: ", Fixed(result.greatest_rows_per_s, 0),
                           " rows/s over one gRPC stream with nobody searching, acknowledged in ",
                           Fixed(QuantileOf(result.greatest.latencies_ms, 0.5), 2), " ms (p50), ",
                           Fixed(QuantileOf(result.greatest.latencies_ms, 0.99), 2), " ms (p99)\n\n");
  StrAppend(&out,
            "| loading | rows/s | protocol | connections | QPS | search p50 ms | p99 ms | p99 to idle | ack p50 ms | "
            "p99 ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const LoadedRun& run : result.runs) {
    const auto idle = std::ranges::find_if(result.runs, [&](const LoadedRun& other) {
      return other.rate == "idle" && other.searches.protocol == run.searches.protocol &&
             other.searches.connections == run.searches.connections;
    });
    StrAppend(&out, "| ", run.rate, " | ", Fixed(run.load.rows_per_s(), 0), " | ", run.searches.protocol, " | ",
              run.searches.connections, " | ", Fixed(run.searches.per_second(), 0), " | ",
              Fixed(run.searches.Quantile(0.5), 2), " | ", Fixed(run.searches.Quantile(0.99), 2), " | ",
              Fixed(run.searches.Quantile(0.99) / std::max(1e-6f, idle->searches.Quantile(0.99)), 2), " | ",
              Fixed(QuantileOf(run.load.latencies_ms, 0.5), 2), " | ",
              Fixed(QuantileOf(run.load.latencies_ms, 0.99), 2), " |\n");
  }
  for (const auto& [what, load] :
       {std::pair{"without", &result.without_index}, std::pair{"with", &result.with_index}}) {
    StrAppend(&out, "\nAcknowledgements ", what, " an index being built, ", Fixed(load->rows_per_s(), 0),
              " rows/s, nobody searching: p50 ", Fixed(QuantileOf(load->latencies_ms, 0.5), 2), " ms, p99 ",
              Fixed(QuantileOf(load->latencies_ms, 0.99), 2), " ms, greatest ",
              Fixed(QuantileOf(load->latencies_ms, 1), 2), " ms\n");
  }
  for (const LoadedRun& run : result.runs) {
    if (run.searches.errors > 0)
      StrAppend(&out, "\nFirst error while ", run.rate, ": ", run.searches.first_error, "\n");
  }
  return out;
}

std::string WhileLoadingJson(const WhileLoading& result) {
  std::string out;
  const auto acks = [](const SteadyLoadResult& load) {
    return nlohmann::json{{"rows_per_s", load.rows_per_s()},
                          {"p50_ms", QuantileOf(load.latencies_ms, 0.5)},
                          {"p99_ms", QuantileOf(load.latencies_ms, 0.99)},
                          {"max_ms", QuantileOf(load.latencies_ms, 1)}};
  };
  for (const LoadedRun& run : result.runs) {
    StrAppend(&out,
              nlohmann::json{{"kind", "while_loading"},
                             {"rate", run.rate},
                             {"protocol", run.searches.protocol},
                             {"connections", run.searches.connections},
                             {"qps", run.searches.per_second()},
                             {"p50_ms", run.searches.Quantile(0.5)},
                             {"p99_ms", run.searches.Quantile(0.99)},
                             {"errors", run.searches.errors},
                             {"acks", acks(run.load)}}
                  .dump(),
              "\n");
  }
  StrAppend(&out,
            nlohmann::json{{"kind", "acks"},
                           {"greatest", acks(result.greatest)},
                           {"without_index", acks(result.without_index)},
                           {"with_index", acks(result.with_index)}}
                .dump(),
            "\n");
  return out;
}

}  // namespace lineal::bench
