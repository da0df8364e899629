// What searches find and cost when the vectors lie on disk, beside those in memory: the same collection, in one run.
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include "base/block_reader.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/file_system.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "bench/sets/data_set.h"
#include "bench/sets/progress_line.h"
#include "bench/sets/set_choice.h"
#include "engine/database/local_database.h"
#include "storage/faults/fake_space.h"

namespace lineal::bench {
namespace {

constexpr char kCollection[] = "bench";
constexpr size_t kRowsPerWrite = 2'000;
constexpr size_t kTop = 10;

struct Flags {
  SetChoice set;
  std::vector<size_t> widths = {8, 16, 32, 64, 128}, threads = {1, 2};
  double seconds = 1.0;
  std::string reads = "ring";
};

// Reads blocks as the flags say.
class ChosenReads final : public storage::FakeSpaceFileSystem {
 public:
  explicit ChosenReads(const std::string& reads)
      : FakeSpaceFileSystem(PosixFileSystem(), {.total_bytes = 1ull << 50, .free_bytes = 1ull << 50}),
        options_{.ring = reads != "single", .direct = reads != "cached"} {}
  absl::StatusOr<std::shared_ptr<const BlockReader>> OpenBlocks(const std::string& path) override {
    return OpenBlockReader(path, options_);
  }

 private:
  const BlockReaderOptions options_;
};

engine::Metric MetricOf(index::Distance distance) {
  return distance == index::Distance::kL2    ? engine::Metric::kEuclid
         : distance == index::Distance::kDot ? engine::Metric::kDot
                                             : engine::Metric::kCosine;
}

std::vector<float> VectorOf(const Matrix& matrix, size_t i) {
  return std::vector<float>(matrix.row(i), matrix.row(i) + matrix.dim);
}

double SecondsSince(int64_t start_ns) { return static_cast<double>(SystemClock()->MonotonicNs() - start_ns) * 1e-9; }

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Bench {
 public:
  Bench(const Flags& flags, DataSet data) : flags_(flags), data_(std::move(data)), files_(flags.reads) {}

  absl::Status Run() {
    engine::DatabaseOptions options;
    options.directory = directory_.path() + "/data";
    options.optimizer_enabled = false;
    options.file_system = &files_;
    LINEAL_ASSIGN_OR_RETURN(database_, engine::LocalDatabase::Open(options));
    LINEAL_RETURN_IF_ERROR(Fill());
    const double vector_bytes = static_cast<double>(data_.base.values.size()) * sizeof(float);
    std::printf("%s, %zu × %zu, %.1f MB of vectors; reads: %s%s\n\n", data_.name.c_str(), data_.base.rows(),
                data_.base.dim, vector_bytes * 1e-6, flags_.reads.c_str(),
                RingsAllowed() ? "" : ", but io_uring is refused");
    std::printf("| vectors | ef_search | recall@%zu |", kTop);
    for (size_t threads : flags_.threads) std::printf(" QPS, %zu |", threads);
    std::printf(" CPU µs | rows rescored | reads | KB read | resident MB | of vectors |\n| --- | --- | --- |");
    for (size_t i = 0; i < flags_.threads.size(); ++i) std::printf(" --- |");
    std::printf(" --- | --- | --- | --- | --- | --- |\n");
    for (const engine::VectorMemory memory : {engine::VectorMemory::kWarm, engine::VectorMemory::kCold}) {
      engine::SchemaChange change;
      change.vector_memory[""] = memory;
      LINEAL_RETURN_IF_ERROR(database_->AlterCollection(kCollection, change));
      LINEAL_RETURN_IF_ERROR(database_->OptimizeToEnd(kCollection));
      for (size_t width : flags_.widths) LINEAL_RETURN_IF_ERROR(Measure(memory, width, vector_bytes));
    }
    database_->Stop();
    return absl::OkStatus();
  }

 private:
  absl::Status Fill() {
    engine::CollectionSchema schema;
    schema.vectors[""] = {.dim = static_cast<uint32_t>(data_.base.dim), .metric = MetricOf(data_.distance)};
    schema.optimizer.growing_rows_max = data_.base.rows();
    schema.optimizer.history_window_s = 0;
    LINEAL_RETURN_IF_ERROR(database_->CreateCollection(kCollection, schema));
    LINEAL_ASSIGN_OR_RETURN(collection_, database_->GetCollection(kCollection));
    ProgressLine progress("rows written", data_.base.rows());
    // One more than a growing segment holds, so that it is sealed; the last row is taken away again.
    const size_t rows = data_.base.rows() + 1;
    for (size_t begin = 0; begin < rows; begin += kRowsPerWrite) {
      engine::UpsertPoints op;
      for (size_t i = begin; i < std::min(begin + kRowsPerWrite, rows); ++i) {
        engine::PointInput& point = op.points.emplace_back();
        point.id = PointId::Number(i);
        point.vectors.push_back({"", VectorOf(data_.base, i == data_.base.rows() ? 0 : i)});
      }
      progress.Add(op.points.size());
      LINEAL_RETURN_IF_ERROR(collection_->Write({.ops = {std::move(op)}}).status());
    }
    engine::DeletePoints last;
    last.points = std::vector<PointId>{PointId::Number(data_.base.rows())};
    LINEAL_RETURN_IF_ERROR(collection_->Write({.ops = {std::move(last)}}).status());
    return database_->OptimizeToEnd(kCollection);
  }

  engine::SearchRequest RequestOf(size_t query, size_t width) const {
    engine::SearchRequest request;
    request.query = VectorOf(data_.queries, query);
    request.limit = kTop;
    request.ef_search = width;
    return request;
  }

  absl::Status Measure(engine::VectorMemory memory, size_t width, double vector_bytes) {
    size_t hits = 0;
    uint64_t rescored = 0, reads = 0, bytes_read = 0;
    const size_t queries = data_.queries.rows();
    for (size_t i = 0; i < queries; ++i) {
      engine::SearchRequest request = RequestOf(i, width);
      request.explain = std::make_shared<engine::SearchExplain>();
      LINEAL_ASSIGN_OR_RETURN(auto found, collection_->Search(request));
      const uint32_t* truth = data_.truth.data() + i * data_.truth_k;
      for (const auto& point : found) hits += std::find(truth, truth + kTop, point.point.id.number()) != truth + kTop;
      for (const auto& line : request.explain->segments)
        reads += line.reads, bytes_read += line.bytes_read, rescored += line.rescored;
    }
    const auto n = static_cast<double>(queries);
    std::printf("| %s | %zu | %.4f |", std::string(NameOf(memory)).c_str(), width,
                static_cast<double>(hits) / (n * kTop));
    double cpu_us = 0;
    for (size_t threads : flags_.threads) {
      LINEAL_ASSIGN_OR_RETURN(const double rate, Rate(width, threads, &cpu_us));
      std::printf(" %.0f |", rate);
      std::fflush(stdout);
    }
    LINEAL_ASSIGN_OR_RETURN(const double resident, ResidentBytes());
    std::printf(" %.0f | %.1f | %.1f | %.0f | %.1f | %.3f |\n", cpu_us, static_cast<double>(rescored) / n,
                static_cast<double>(reads) / n, static_cast<double>(bytes_read) / n / 1024, resident * 1e-6,
                resident / vector_bytes);
    std::fflush(stdout);
    return absl::OkStatus();
  }

  // Queries a second of `threads` that search at a time; `cpu_us` is what one took of all cores.
  absl::StatusOr<double> Rate(size_t width, size_t threads, double* cpu_us) {
    Executor executor("bench", threads - 1);
    std::atomic<uint64_t> done{0};
    std::atomic<bool> failed{false};
    const double cpu_start = CpuSeconds();
    const int64_t start = SystemClock()->MonotonicNs();
    executor.ParallelFor(threads, [&](size_t thread) {
      for (size_t i = thread; SecondsSince(start) < flags_.seconds && !failed; i += threads) {
        if (!collection_->Search(RequestOf(i % data_.queries.rows(), width)).ok()) failed = true;
        ++done;
      }
    });
    if (failed) return Internal("a search failed");
    const double elapsed = SecondsSince(start);
    *cpu_us = (CpuSeconds() - cpu_start) * 1e6 / static_cast<double>(std::max<uint64_t>(done, 1));
    return static_cast<double>(done) / elapsed;
  }

  // What the collection holds and what of its mapped files is in memory; the store's own is left out.
  absl::StatusOr<double> ResidentBytes() {
    LINEAL_ASSIGN_OR_RETURN(const engine::CollectionMemory memory, collection_->Memory());
    uint64_t bytes = 0;
    for (const auto& line : memory.held) {
      if (line.kind != "memtables" && line.kind != "table_readers") bytes += line.bytes;
    }
    for (const auto& line : memory.mapped) bytes += line.resident_bytes;
    return static_cast<double>(bytes);
  }

  const Flags flags_;
  DataSet data_;
  ChosenReads files_;
  TemporaryDirectory directory_;
  std::unique_ptr<engine::LocalDatabase> database_;
  std::shared_ptr<engine::Collection> collection_;
};

absl::Status Run(const Flags& flags) {
  for (const std::string& name : NamesOf(flags.set)) {
    LINEAL_ASSIGN_OR_RETURN(DataSet data, LoadSet(flags.set, name));
    Executor executor("bench", 1);
    LINEAL_RETURN_IF_ERROR(LoadTruth(flags.set, kTop, &executor, &data));
    LINEAL_RETURN_IF_ERROR(Bench(flags, std::move(data)).Run());
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Searches of vectors on disk beside those of vectors in memory.");
  Flags flags;
  flags.set.sets = {"clustered-128"};
  AddSetOptions(&app, &flags.set);
  app.add_option("--widths", flags.widths, "ef_search, one after another")->delimiter(',');
  app.add_option("--threads", flags.threads, "That search at a time, one after another")->delimiter(',');
  app.add_option("--seconds", flags.seconds, "Of each measurement of speed")->capture_default_str();
  app.add_option("--reads", flags.reads,
                 "ring: by io_uring past the page cache; single: one after another; cached: through the page cache")
      ->check(CLI::IsMember({"ring", "single", "cached"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(MessageOf(status)).c_str());
  return 1;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Main(argc, argv); }
