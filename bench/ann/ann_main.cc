// Recall against speed of the graph index beside hnswlib and faiss, in one process, on the same rows.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "base/strings.h"
#include "bench/ann/report.h"

namespace lineal::bench {
namespace {

// Word vectors, which ./dev bench has written before it calls this program.
constexpr char kWords[] = "words-100";
constexpr char kWordsFolder[] = "build/sets/words-100";

struct Flags {
  std::string set = "both";
  size_t rows = 0, queries = 1'000, k = 10, repeats = 5, threads = 2, m = 16, ef_construct = 200;
  uint64_t seed = 1;
  std::string base, query_file, truth, distance = "l2";
  std::vector<std::string> only;
  bool json = false;
};

void AddFlags(CLI::App* app, Flags* flags) {
  app->add_option("--set", flags->set,
                  "clustered-128 (L2), clustered-768 (cosine) or both; words-100 (cosine, real; ./dev bench)")
      ->check(CLI::IsMember({"clustered-128", "clustered-768", "both", kWords}));
  app->add_option("--rows", flags->rows, "rows of a generated set (1000000 × 128, 100000 × 768 by default)");
  app->add_option("--queries-count", flags->queries, "queries of a generated set, or at most so many of a file");
  app->add_option("--base", flags->base, "rows from a .fvecs or .npy file instead");
  app->add_option("--queries", flags->query_file, "queries from a file (default: the first rows of --base)");
  app->add_option("--truth", flags->truth, "exact answers from an .ivecs or .npy file (default: computed)");
  app->add_option("--distance", flags->distance, "of --base")->check(CLI::IsMember({"l2", "cosine", "dot"}));
  app->add_option("--k", flags->k, "answers a query");
  app->add_option("--m", flags->m, "links a node");
  app->add_option("--ef-construct", flags->ef_construct, "beam of the build");
  app->add_option("--threads", flags->threads, "of the build; searches use one");
  app->add_option("--repeats", flags->repeats, "of every measurement");
  app->add_option("--seed", flags->seed, "of generated sets");
  app->add_option("--only", flags->only, "contenders: lineal-sq8, lineal, lineal-ivf, hnswlib, faiss-hnsw, faiss-ivf");
  app->add_flag("--json", flags->json, "one JSON object a contender instead of tables");
}

absl::Status ReadFiles(const Flags& flags, DataSet* data) {
  data->name = flags.set == kWords ? kWords : flags.base;
  data->distance = flags.distance == "l2"    ? index::Distance::kL2
                   : flags.distance == "dot" ? index::Distance::kDot
                                             : index::Distance::kCosine;
  LINEAL_ASSIGN_OR_RETURN(data->base, ReadMatrix(flags.base));
  data->queries = data->base;
  if (!flags.query_file.empty()) {
    LINEAL_ASSIGN_OR_RETURN(data->queries, ReadMatrix(flags.query_file));
  }
  if (data->queries.dim != data->base.dim) return InvalidArgument("queries and rows differ in dimension");
  data->queries.values.resize(std::min(data->queries.rows(), flags.queries) * data->queries.dim);
  if (!flags.truth.empty()) LINEAL_RETURN_IF_ERROR(ReadTruth(flags.truth, data));
  if (!flags.truth.empty() && (data->truth_k < flags.k || data->truth.size() < data->queries.rows() * data->truth_k)) {
    return InvalidArgument("there are fewer exact answers than wanted");
  }
  return absl::OkStatus();
}

std::vector<Entrant> Entrants(const Flags& flags) {
  std::vector<Entrant> entrants;
  const auto add = [&](const char* name, std::unique_ptr<Contender> contender) {
    const bool wanted = flags.only.empty() || std::find(flags.only.begin(), flags.only.end(), name) != flags.only.end();
    if (!wanted) return;
    if (contender) {
      entrants.push_back({std::move(contender), {}});
    } else {
      std::fprintf(stderr, "%s is not installed\n", name);
    }
  };
  add("lineal-sq8", MakeLineal(true));
  add("lineal", MakeLineal(false));
  add("lineal-ivf", MakeLinealIvf());
  add("hnswlib", MakeHnswlib());
  add("faiss-hnsw", MakeFaissHnsw());
  add("faiss-ivf", MakeFaissIvf());
  return entrants;
}

void RunSet(const Flags& flags, DataSet* data) {
  Executor executor("bench", std::max<size_t>(flags.threads, 1) - 1);
  if (data->distance == index::Distance::kCosine) {
    Normalise(&data->base);
    Normalise(&data->queries);
  }
  if (data->truth.empty()) ComputeTruth(flags.k, &executor, data);
  const BuildSettings settings{flags.m, flags.ef_construct, flags.threads, flags.threads > 1 ? &executor : nullptr};
  std::vector<Entrant> entrants = Entrants(flags);
  for (Entrant& entrant : entrants) BuildEntrant(*data, settings, &entrant);
  SearchAll(*data, flags.k, flags.repeats, &entrants);
  std::fputs((flags.json ? JsonReport : MarkdownReport)(*data, settings, entrants).c_str(), stdout);
  std::fflush(stdout);
}

void RunGenerated(const Flags& flags, const char* name, index::Distance distance, Shape shape) {
  if (flags.set != "both" && flags.set != name) return;
  if (flags.rows > 0) shape.rows = flags.rows;
  DataSet data;
  data.name = name;
  data.distance = distance;
  GenerateClusters(shape, &data);
  RunSet(flags, &data);
}

int Run(int argc, char** argv) {
  CLI::App app("Recall@k against queries per second, build time and memory, beside hnswlib and faiss.");
  Flags flags;
  AddFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  if (!flags.json) std::printf("%s\n", MachineLine().c_str());
  if (flags.set == kWords && flags.base.empty()) {
    flags.base = StrCat(kWordsFolder, "/base.npy");
    flags.query_file = StrCat(kWordsFolder, "/queries.npy");
    flags.distance = "cosine";
  }
  if (!flags.base.empty()) {
    DataSet data;
    if (const absl::Status status = ReadFiles(flags, &data); !status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(MessageOf(status)).c_str());
      return 1;
    }
    RunSet(flags, &data);
    return 0;
  }
  RunGenerated(flags, "clustered-128", index::Distance::kL2, {1'000'000, flags.queries, 128, flags.seed});
  RunGenerated(flags, "clustered-768", index::Distance::kCosine, {100'000, flags.queries, 768, flags.seed});
  return 0;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Run(argc, argv); }
