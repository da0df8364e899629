// What searches with a recall target find on queries that the graph was not measured with, and what they cost; and what
// it costs to measure the graph, beside building it.
#include <time.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "base/check.h"
#include "base/random.h"
#include "base/status.h"
#include "bench/sets/clusters.h"
#include "bench/sets/data_files.h"
#include "bench/sets/data_set.h"
#include "engine/database/local_collection.h"
#include "engine/database/local_database.h"
#include "engine/optimizer/recall_measure.h"

namespace lineal::bench {
namespace {

constexpr size_t kRowsPerWrite = 5'000;

struct Flags {
  std::string set = "clustered", base, queries_file, directory = "build/bench-recall";
  size_t rows = 100'000, dim = 100, queries = 500, k = 10, recent = 0;
};

double CpuSeconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

absl::Status Load(const Flags& flags, DataSet* data) {
  data->distance = index::Distance::kCosine;
  if (!flags.base.empty()) {
    LINEAL_ASSIGN_OR_RETURN(data->base, ReadMatrix(flags.base));
    LINEAL_ASSIGN_OR_RETURN(data->queries, ReadMatrix(flags.queries_file));
    data->base.values.resize(std::min(data->base.rows(), flags.rows) * data->base.dim);
  } else {
    const Shape shape{flags.rows, flags.queries + flags.recent, flags.dim, 1};
    if (flags.set == "uniform") {
      Random random(1);
      for (auto [matrix, rows] : {std::pair{&data->base, shape.rows}, std::pair{&data->queries, shape.queries}}) {
        matrix->dim = shape.dim;
        matrix->values.resize(rows * shape.dim);
        for (float& value : matrix->values) value = static_cast<float>(random.Gaussian());
      }
    } else {
      GenerateClusters(shape, data);
    }
  }
  data->queries.values.resize(std::min(data->queries.rows(), flags.queries + flags.recent) * data->queries.dim);
  Normalise(&data->base);
  Normalise(&data->queries);
  return absl::OkStatus();
}

std::vector<float> VectorOf(const Matrix& matrix, size_t i) {
  return std::vector<float>(matrix.row(i), matrix.row(i) + matrix.dim);
}

class Bench {
 public:
  Bench(const Flags& flags, DataSet data) : flags_(flags), data_(std::move(data)) {}

  absl::Status Run() {
    std::filesystem::remove_all(flags_.directory);
    engine::DatabaseOptions options;
    options.directory = flags_.directory;
    options.optimizer_enabled = false;
    LINEAL_ASSIGN_OR_RETURN(database_, engine::LocalDatabase::Open(options));
    LINEAL_RETURN_IF_ERROR(Fill());
    const double start = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
    std::fprintf(stderr, "building and measuring\n");
    LINEAL_RETURN_IF_ERROR(database_->OptimizeToEnd("c"));
    const double built = CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - start;
    LINEAL_ASSIGN_OR_RETURN(collection_, database_->GetCollection("c"));
    LINEAL_RETURN_IF_ERROR(AskRecent());
    const double measured = MeasureAgain();
    std::printf("%s, %zu × %zu, k %zu: built in %.1f CPU s, of which measuring took %.2f (%.1f %%)\n\n",
                flags_.base.empty() ? flags_.set.c_str() : flags_.base.c_str(), data_.base.rows(), data_.base.dim,
                flags_.k, built, measured, 100 * measured / built);
    ComputeTruth();
    std::printf(
        "| target | recall | predicted | ef_search | plan | distances | rescored | CPU µs |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (const double target : {0.8, 0.9, 0.95, 0.99, 0.999, 1.0}) LINEAL_RETURN_IF_ERROR(Search(target));
    LINEAL_RETURN_IF_ERROR(Search(std::nullopt));
    database_->Stop();
    std::filesystem::remove_all(flags_.directory);
    return absl::OkStatus();
  }

 private:
  absl::Status Fill() {
    engine::CollectionSchema schema;
    schema.vectors[""] = {.dim = static_cast<uint32_t>(data_.base.dim), .metric = engine::Metric::kCosine};
    schema.optimizer.growing_rows_max = data_.base.rows();
    schema.optimizer.indexing_threshold_kb = 1;  // few rows have a graph, too
    LINEAL_RETURN_IF_ERROR(database_->CreateCollection("c", schema));
    LINEAL_ASSIGN_OR_RETURN(auto collection, database_->GetCollection("c"));
    // One more than a growing segment holds, so that it is sealed.
    for (size_t begin = 0; begin <= data_.base.rows(); begin += kRowsPerWrite) {
      engine::UpsertPoints op;
      for (size_t i = begin; i < std::min(begin + kRowsPerWrite, data_.base.rows() + 1); ++i) {
        const size_t row = i == data_.base.rows() ? 0 : i;
        engine::PointInput& point = op.points.emplace_back();
        point.id = PointId::Number(i);
        point.vectors.push_back({"", VectorOf(data_.base, row)});
      }
      LINEAL_RETURN_IF_ERROR(collection->Write({.ops = {std::move(op)}}).status());
      if (begin % 50'000 == 0) std::fprintf(stderr, "loaded %zu of %zu rows\n", begin, data_.base.rows());
    }
    return absl::OkStatus();
  }

  // The last queries are those of users; the graph is measured with them.
  absl::Status AskRecent() {
    if (flags_.recent == 0) return absl::OkStatus();
    for (size_t i = flags_.queries; i < data_.queries.rows(); ++i) {
      engine::SearchRequest request;
      request.query = VectorOf(data_.queries, i);
      LINEAL_RETURN_IF_ERROR(collection_->Search(request).status());
    }
    return database_->OptimizeToEnd("c");
  }

  const engine::Segment& Sealed() const {
    for (const auto& shard : static_cast<engine::LocalCollection*>(collection_.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        if (segment->kind() == engine::SegmentKind::kSealed) return *segment;
      }
    }
    LINEAL_CHECK(false);
  }

  double MeasureAgain() const {
    const double start = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
    for (const auto& [number, column] : Sealed().parts().vectors) {
      LINEAL_CHECK(engine::MeasureRecall(Sealed(), number, nullptr, nullptr).ok());
    }
    return CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - start;
  }

  void ComputeTruth() {
    std::fprintf(stderr, "finding the exact answers of %zu queries\n", flags_.queries);
    data_.queries.values.resize(std::min(data_.queries.rows(), flags_.queries) * data_.queries.dim);
    Executor executor("bench", 1);
    bench::ComputeTruth(flags_.k, &executor, &data_);
  }

  absl::Status Search(std::optional<double> target) {
    double recall = 0, predicted = 0, ef_search = 0, distances = 0, rescored = 0, micros = 0;
    std::string plan;
    for (size_t i = 0; i < data_.queries.rows(); ++i) {
      engine::SearchRequest request;
      request.query = VectorOf(data_.queries, i);
      request.limit = flags_.k;
      request.recall_target = target;
      const double start = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
      LINEAL_ASSIGN_OR_RETURN(auto found, collection_->Search(request));
      micros += (CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e6;
      const uint32_t* truth = data_.truth.data() + i * data_.truth_k;
      size_t hits = 0;
      for (const auto& point : found) {
        const uint64_t id = point.point.id.number() == data_.base.rows() ? 0 : point.point.id.number();
        hits += std::find(truth, truth + flags_.k, id) != truth + flags_.k;
      }
      recall += static_cast<double>(hits) / static_cast<double>(flags_.k);
      request.explain = std::make_shared<engine::SearchExplain>();
      LINEAL_RETURN_IF_ERROR(collection_->Search(request).status());
      for (const engine::SegmentExplain& line : request.explain->segments) {
        if (line.kind != "sealed") continue;
        predicted += line.predicted_recall.value_or(0);
        ef_search += static_cast<double>(line.ef_search);
        distances += static_cast<double>(line.distances_by_codes + line.distances_by_rows - line.rescored);
        rescored += static_cast<double>(line.rescored);
        plan = line.plan + (line.by_codes ? " by codes" : "");
      }
    }
    const auto n = static_cast<double>(data_.queries.rows());
    std::printf("| %s | %.4f | %.4f | %.0f | %s | %.0f | %.0f | %.0f |\n",
                target ? std::to_string(*target).substr(0, 5).c_str() : "none", recall / n, predicted / n,
                ef_search / n, plan.c_str(), distances / n, rescored / n, micros / n);
    std::fflush(stdout);
    return absl::OkStatus();
  }

  const Flags flags_;
  DataSet data_;
  std::unique_ptr<engine::LocalDatabase> database_;
  std::shared_ptr<engine::Collection> collection_;
};

int Main(int argc, char** argv) {
  CLI::App app("Recall and cost of searches with a recall target, and the cost of measuring a graph.");
  Flags flags;
  app.add_option("--set", flags.set, "rows")->check(CLI::IsMember({"clustered", "uniform", "words-100"}));
  app.add_option("--base", flags.base, "rows from a .fvecs or .npy file instead");
  app.add_option("--queries", flags.queries_file, "queries from a file, with --base");
  app.add_option("--rows", flags.rows, "rows, or at most so many of a file");
  app.add_option("--dim", flags.dim, "dimension of generated rows");
  app.add_option("--queries-count", flags.queries, "queries that recall is taken of");
  app.add_option("--recent", flags.recent, "further queries that the graph is measured with");
  app.add_option("--k", flags.k, "answers a query");
  app.add_option("--directory", flags.directory, "of the database; removed before and after");
  CLI11_PARSE(app, argc, argv);
  if (flags.set == "words-100" && flags.base.empty()) {
    flags.base = "build/sets/words-100/base.npy";
    flags.queries_file = "build/sets/words-100/queries.npy";
  }
  DataSet data;
  absl::Status status = Load(flags, &data);
  if (status.ok()) status = Bench(flags, std::move(data)).Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(MessageOf(status)).c_str());
  return 1;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Main(argc, argv); }
