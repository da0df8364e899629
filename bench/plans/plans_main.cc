// What a filtered search costs and finds by walking the graph and by scanning the rows that pass, both by codes: where
// the two cross is what the planner's constants stand for (docs/adr/0005).
#include <time.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

#include "base/check.h"
#include "base/random.h"
#include "base/status.h"
#include "base/strings.h"
#include "bench/plans/filters.h"
#include "bench/sets/clusters.h"
#include "bench/sets/data_files.h"
#include "bench/sets/data_set.h"
#include "engine/segment/search_plan.h"
#include "index/flat/code_scan.h"
#include "index/flat/flat_search.h"
#include "index/hnsw/hnsw_index.h"
#include "index/kernels/active_kernels.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

struct Flags {
  std::string set = "clustered", base, queries_file;
  size_t rows = 60'000, dim = 100, queries = 200, k = 10, ef_search = 128, m = 16, ef_construct = 100, threads = 2;
  std::vector<std::string> kinds;
};

double CpuMicros() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

class Passing final : public index::Acceptor {
 public:
  explicit Passing(const Roaring& rows) : rows_(rows) {}
  bool Accepts(LocalId id) const override { return rows_.contains(Raw(id)); }

 private:
  const Roaring& rows_;
};

struct Cost {
  double micros = 0, recall = 0, distances = 0, hops = 0, rescored = 0;
  void Add(double spent, const std::vector<index::Neighbor>& found, const std::vector<index::Neighbor>& exact,
           const index::SearchWork& work) {
    size_t hits = 0;
    for (const index::Neighbor& one : found) {
      hits += std::any_of(exact.begin(), exact.end(), [&](const auto& other) { return other.id == one.id; });
    }
    micros += spent;
    recall += exact.empty() ? 1.0 : static_cast<double>(hits) / static_cast<double>(exact.size());
    distances += static_cast<double>(work.by_codes);
    hops += static_cast<double>(work.hops);
    rescored += static_cast<double>(work.rescored);
  }
};

class Bench {
 public:
  Bench(const Flags& flags, DataSet data)
      : flags_(flags),
        data_(std::move(data)),
        format_{index::ElementType::kF32, data_.distance, static_cast<uint32_t>(data_.base.dim)},
        rows_(reinterpret_cast<const std::byte*>(data_.base.values.data()), format_.row_bytes()) {
    const auto count = static_cast<uint32_t>(data_.base.rows());
    Executor executor("bench", std::max<size_t>(flags_.threads, 1) - 1);
    codes_ = index::Sq8Codes::Build(
        format_, rows_.view(), count, [](LocalId) { return true; }, &executor, flags_.threads);
    const index::HnswParams params{static_cast<uint32_t>(flags_.m), static_cast<uint32_t>(flags_.ef_construct), 1};
    graph_ = index::HnswIndex::Create(format_, params, rows_.view(), count);
    graph_->AttachCodes(codes_);
    std::vector<LocalId> ids;
    for (uint32_t i = 0; i < count; ++i) ids.push_back(LocalId{i});
    std::fprintf(stderr, "building a graph of %u rows\n", count);
    LINEAL_CHECK(graph_->Insert(ids, {.executor = &executor, .parallelism = flags_.threads}).ok());
    cells_.emplace(data_);
  }

  void Run() {
    std::printf("%zu × %zu, k %zu, ef_search %zu, kernels %s; µs are CPU time of one thread\n\n", data_.base.rows(),
                data_.base.dim, flags_.k, flags_.ef_search, index::ActiveKernels().name);
    Unfiltered();
    std::printf(
        "\n| filter | share %% | scan µs | recall | walk µs | recall | distances | hops | ns a scanned row | ns a "
        "hop | plan | plan µs | recall |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | "
        "--- |\n");
    for (const FilterKind kind : {FilterKind::kRandom, FilterKind::kCells, FilterKind::kFar}) {
      if (!flags_.kinds.empty() &&
          std::find(flags_.kinds.begin(), flags_.kinds.end(), NameOf(kind)) == flags_.kinds.end()) {
        continue;
      }
      for (const double share : {0.0001, 0.001, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9}) Filtered(kind, share);
    }
  }

 private:
  index::Query QueryOf(size_t i) const {
    auto query = index::Query::Make(format_, {data_.queries.row(i), data_.queries.dim});
    LINEAL_CHECK(query.ok());
    return *std::move(query);
  }

  void Unfiltered() const {
    Cost scan, walk;
    const LocalId end{static_cast<uint32_t>(data_.base.rows())};
    for (size_t i = 0; i < data_.queries.rows(); ++i) {
      const index::Query query = QueryOf(i);
      const auto exact = index::ScanRange(query, rows_.view(), LocalId{0}, end, {.top_k = flags_.k});
      index::SearchWork scanned, walked;
      double start = CpuMicros();
      auto found =
          index::ScanRangeByCodes(*codes_, query, rows_.view(), LocalId{0}, end, {.top_k = flags_.k, .work = &scanned});
      scan.Add(CpuMicros() - start, found, exact, scanned);
      start = CpuMicros();
      found = graph_->Search(query, {.top_k = flags_.k, .ef_search = flags_.ef_search, .work = &walked});
      walk.Add(CpuMicros() - start, found, exact, walked);
    }
    const auto n = static_cast<double>(data_.queries.rows());
    std::printf("without a filter: scan by codes %.1f µs (recall %.4f), walk %.1f µs (recall %.4f, %.0f distances)\n",
                scan.micros / n, scan.recall / n, walk.micros / n, walk.recall / n, walk.distances / n);
  }

  // As the engine does it: the cheaper plan, and a scan when a walk goes much further than expected.
  std::vector<index::Neighbor> Planned(const index::Query& query, const Roaring& passing,
                                       const index::Acceptor& acceptor, size_t* scans) const {
    const uint64_t matches = passing.cardinality(), rows = data_.base.rows();
    if (!engine::ScanIsCheaper(matches, rows, flags_.ef_search, codes_->stride())) {
      index::SearchWork work;
      auto found = graph_->Search(query, {.top_k = flags_.k,
                                          .ef_search = flags_.ef_search,
                                          .acceptor = &acceptor,
                                          .hops_max = engine::HopsMax(matches, rows, flags_.ef_search),
                                          .work = &work});
      if (!work.gave_up) return found;
    }
    ++*scans;
    return Scan(query, passing, acceptor, nullptr);
  }

  static std::vector<LocalId> ListOf(const Roaring& passing) {
    std::vector<LocalId> ids;
    ids.reserve(passing.cardinality());
    for (uint32_t row : passing) ids.push_back(LocalId{row});
    return ids;
  }

  std::vector<index::Neighbor> Scan(const index::Query& query, const Roaring& passing, const index::Acceptor& acceptor,
                                    index::SearchWork* work) const {
    return index::ScanListByCodes(*codes_, query, rows_.view(), ListOf(passing),
                                  {.top_k = flags_.k, .acceptor = &acceptor, .work = work});
  }

  // Each plan answers all queries before the next one does, so that what it reads is in the caches as it would be.
  void Filtered(FilterKind kind, double share) {
    const size_t count = data_.queries.rows();
    std::vector<Roaring> filters;
    std::vector<std::vector<index::Neighbor>> exact;
    double matches = 0;
    for (size_t i = 0; i < count; ++i) {
      if (i == 0 || kind == FilterKind::kFar) filters.push_back(cells_->Passing(kind, share, data_.queries.row(i)));
      matches += static_cast<double>(filters.back().cardinality());
      exact.push_back(index::ScanList(QueryOf(i), rows_.view(), ListOf(filters.back()), {.top_k = flags_.k}));
    }
    size_t scans = 0;
    const auto measured = [&](const auto& search) {
      Cost cost;
      for (size_t i = 0; i < count; ++i) {
        const index::Query query = QueryOf(i);
        const Roaring& passing = filters[std::min(i, filters.size() - 1)];
        const Passing acceptor(passing);
        index::SearchWork work;
        const double start = CpuMicros();
        const auto found = search(query, passing, acceptor, &work);
        cost.Add(CpuMicros() - start, found, exact[i], work);
      }
      return cost;
    };
    const Cost scan = measured([&](const auto& query, const auto& passing, const auto& acceptor, auto* work) {
      return Scan(query, passing, acceptor, work);
    });
    const Cost walk = measured([&](const auto& query, const auto&, const auto& acceptor, auto* work) {
      return graph_->Search(query,
                            {.top_k = flags_.k, .ef_search = flags_.ef_search, .acceptor = &acceptor, .work = work});
    });
    const Cost planned = measured([&](const auto& query, const auto& passing, const auto& acceptor, auto*) {
      return Planned(query, passing, acceptor, &scans);
    });
    const auto n = static_cast<double>(data_.queries.rows());
    std::printf("| %s | %.3g | %.1f | %.4f | %.1f | %.4f | %.0f | %.0f | %.1f | %.0f | %.0f %% scans | %.1f | %.4f |\n",
                std::string(NameOf(kind)).c_str(), 100 * matches / n / static_cast<double>(data_.base.rows()),
                scan.micros / n, scan.recall / n, walk.micros / n, walk.recall / n, walk.distances / n, walk.hops / n,
                1e3 * scan.micros / std::max(1.0, matches), 1e3 * walk.micros / std::max(1.0, walk.hops),
                100 * static_cast<double>(scans) / n, planned.micros / n, planned.recall / n);
    std::fflush(stdout);
  }

  const Flags flags_;
  const DataSet data_;
  const index::RowFormat format_;
  const index::RegionRows rows_;
  std::shared_ptr<const index::Sq8Codes> codes_;
  std::unique_ptr<index::HnswIndex> graph_;
  std::optional<Cells> cells_;
};

void GenerateUniform(const Shape& shape, DataSet* data) {
  Random random(shape.seed);
  for (auto [matrix, rows] : {std::pair{&data->base, shape.rows}, std::pair{&data->queries, shape.queries}}) {
    matrix->dim = shape.dim;
    matrix->values.resize(rows * shape.dim);
    for (float& value : matrix->values) value = static_cast<float>(random.Gaussian());
  }
}

absl::Status Load(const Flags& flags, DataSet* data) {
  data->distance = index::Distance::kCosine;
  if (flags.base.empty()) {
    const Shape shape{flags.rows, flags.queries, flags.dim, 1};
    (flags.set == "uniform" ? GenerateUniform : GenerateClusters)(shape, data);
  } else {
    LINEAL_ASSIGN_OR_RETURN(data->base, ReadMatrix(flags.base));
    LINEAL_ASSIGN_OR_RETURN(data->queries, ReadMatrix(flags.queries_file));
    data->base.values.resize(std::min(data->base.rows(), flags.rows) * data->base.dim);
    data->queries.values.resize(std::min(data->queries.rows(), flags.queries) * data->queries.dim);
  }
  Normalise(&data->base);
  Normalise(&data->queries);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Filtered searches by walk and by scan: cost and recall for filters that pass more and more rows.");
  Flags flags;
  app.add_option("--set", flags.set, "generated rows")->check(CLI::IsMember({"clustered", "uniform", "words-100"}));
  app.add_option("--base", flags.base, "rows from a .fvecs or .npy file instead");
  app.add_option("--queries", flags.queries_file, "queries from a file, with --base");
  app.add_option("--rows", flags.rows, "rows, or at most so many of a file");
  app.add_option("--dim", flags.dim, "dimension of generated rows");
  app.add_option("--queries-count", flags.queries, "queries, or at most so many of a file");
  app.add_option("--k", flags.k, "answers a query");
  app.add_option("--ef-search", flags.ef_search, "width of the walk");
  app.add_option("--m", flags.m, "links a node");
  app.add_option("--ef-construct", flags.ef_construct, "beam of the build");
  app.add_option("--threads", flags.threads, "of the build; searches use one");
  app.add_option("--only", flags.kinds, "filters: random, cells, far");
  CLI11_PARSE(app, argc, argv);
  if (flags.set == "words-100" && flags.base.empty()) {
    flags.base = "build/sets/words-100/base.npy";
    flags.queries_file = "build/sets/words-100/queries.npy";
  }
  DataSet data;
  if (const absl::Status status = Load(flags, &data); !status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(MessageOf(status)).c_str());
    return 1;
  }
  Bench(flags, std::move(data)).Run();
  return 0;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Main(argc, argv); }
