#include "bench/sets/set_choice.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/check.h"
#include "base/file_system.h"
#include "base/status.h"
#include "bench/sets/clusters.h"
#include "bench/sets/data_files.h"

namespace lineal::bench {
namespace {

struct NamedSet {
  const char* name;
  index::Distance distance;
  size_t rows, dim;
  const char* folder;  // of one that is read; null for one that is generated
};
constexpr NamedSet kSets[] = {
    {"clustered-128", index::Distance::kL2, 1'000'000, 128, nullptr},
    {"clustered-768", index::Distance::kCosine, 200'000, 768, nullptr},
    {"clustered-784", index::Distance::kL2, 60'000, 784, nullptr},
    {"clustered-1536", index::Distance::kCosine, 100'000, 1536, nullptr},
    // ./dev writes these before it calls the benchmark.
    {"words-100", index::Distance::kCosine, 339'202, 100, "build/sets/words-100"},
    {"debian-512", index::Distance::kCosine, 59'000, 512, "build/sets/debian-512"},
};

const NamedSet* FindSet(const std::string& name) {
  for (const NamedSet& set : kSets) {
    if (name == set.name) return &set;
  }
  return nullptr;
}

absl::Status CheckFit(const DataSet& data) {
  if (data.queries.dim != data.base.dim) {
    return InvalidArgument("queries have ", data.queries.dim, " components, rows ", data.base.dim);
  }
  return absl::OkStatus();
}

absl::Status NormaliseAll(const char* what, Matrix* matrix) {
  for (size_t i = 0; i < matrix->rows(); ++i) {
    const float* row = matrix->row(i);
    if (std::all_of(row, row + matrix->dim, [](float value) { return value == 0; })) {
      return InvalidArgument(what, " ", i, " is all zeros, which has no direction under cos");
    }
  }
  Normalise(matrix);
  return absl::OkStatus();
}

absl::StatusOr<DataSet> Generate(const SetChoice& choice, const NamedSet& set) {
  DataSet data;
  GenerateClusters({choice.rows > 0 ? choice.rows : set.rows, choice.queries_count, set.dim, choice.seed}, &data);
  return data;
}

absl::StatusOr<DataSet> ReadFolder(const NamedSet& set) {
  const std::string base = StrCat(set.folder, "/base.npy");
  if (!PosixFileSystem()->Exists(base)) {
    return NotFound(base, " is not there: `./dev bench ann --set ", set.name, "` writes it");
  }
  DataSet data;
  LINEAL_ASSIGN_OR_RETURN(data.base, ReadMatrix(base));
  LINEAL_ASSIGN_OR_RETURN(data.queries, ReadMatrix(StrCat(set.folder, "/queries.npy")));
  return data;
}

absl::StatusOr<DataSet> ReadFiles(const SetChoice& choice) {
  DataSet data;
  LINEAL_ASSIGN_OR_RETURN(data.base, ReadMatrix(choice.base));
  if (choice.queries.empty()) {
    data.queries = data.base;
    data.queries.Truncate(choice.queries_count);
  } else {
    LINEAL_ASSIGN_OR_RETURN(data.queries, ReadMatrix(choice.queries));
  }
  data.distance = choice.metric == "l2"   ? index::Distance::kL2
                  : choice.metric == "ip" ? index::Distance::kDot
                                          : index::Distance::kCosine;
  return data;
}

}  // namespace

void AddSetOptions(CLI::App* app, SetChoice* choice) {
  app->add_option("--set", choice->sets, "Sets by name, with commas between: " + DescribeSets())
      ->delimiter(',')
      ->check([](const std::string& name) {
        return FindSet(name) != nullptr ? "" : "there is no set '" + name + "'; known are " + DescribeSets();
      });
  app->add_option("--base", choice->base, "Rows from a .fbin, .fvecs or .npy file instead");
  app->add_option("--queries", choice->queries, "Queries from such a file; else the first rows of --base");
  app->add_option("--truth", choice->truth, "Exact answers from an .ibin, .ivecs or .npy file; else computed");
  app->add_option("--metric,--distance", choice->metric, "Of --base: l2, ip or cos")
      ->transform(CLI::CheckedTransformer(std::map<std::string, std::string>{
          {"l2", "l2"}, {"ip", "ip"}, {"dot", "ip"}, {"cos", "cos"}, {"cosine", "cos"}}))
      ->capture_default_str();
  app->add_option("--rows", choice->rows, "At most so many rows")->check(CLI::Range(size_t{1}, kRowsMax));
  app->add_option("--queries-count", choice->queries_count, "At most so many queries")
      ->check(CLI::Range(size_t{1}, kRowsMax))
      ->capture_default_str();
  app->add_option("--seed", choice->seed, "Of generated sets")->capture_default_str();
}

std::string DescribeSets() {
  std::string out;
  for (const NamedSet& set : kSets) {
    StrAppend(&out, out.empty() ? "" : ", ", set.name, " (", set.rows, " × ", set.dim, ", ", NameOf(set.distance),
              set.folder != nullptr ? ", real)" : ")");
  }
  return out;
}

std::vector<std::string> NamesOf(const SetChoice& choice) {
  if (!choice.base.empty()) return {choice.base};
  return choice.sets;
}

absl::StatusOr<DataSet> LoadSet(const SetChoice& choice, const std::string& name) {
  if (choice.base.empty() && !(choice.queries.empty() && choice.truth.empty())) {
    return InvalidArgument("--queries and --truth go with --base");
  }
  const NamedSet* named = choice.base.empty() ? FindSet(name) : nullptr;
  if (choice.base.empty() && named == nullptr) return NotFound("there is no set '", name, "'");
  auto data = named == nullptr           ? ReadFiles(choice)
              : named->folder == nullptr ? Generate(choice, *named)
                                         : ReadFolder(*named);
  LINEAL_RETURN_IF_ERROR(data.status());
  data->name = name;
  if (named != nullptr) data->distance = named->distance;
  LINEAL_RETURN_IF_ERROR(CheckFit(*data));
  if (choice.rows > 0 && choice.rows < data->base.rows()) {
    if (!choice.truth.empty()) {
      return InvalidArgument("--truth answers for all ", data->base.rows(), " rows, --rows leaves ", choice.rows);
    }
    data->base.Truncate(choice.rows);
  }
  // Truth is read for all queries and then cut with them.
  if (choice.truth.empty()) data->queries.Truncate(choice.queries_count);
  if (data->distance == index::Distance::kCosine) {
    LINEAL_RETURN_IF_ERROR(NormaliseAll("row", &data->base));
    LINEAL_RETURN_IF_ERROR(NormaliseAll("query", &data->queries));
  }
  return data;
}

absl::Status LoadTruth(const SetChoice& choice, size_t k, Executor* executor, DataSet* data) {
  if (k < 1 || k > data->base.rows()) {
    return InvalidArgument("k is ", k, ", allowed are 1 to ", data->base.rows(), ", the number of rows");
  }
  if (choice.truth.empty()) {
    ComputeTruth(k, executor, data);
    return absl::OkStatus();
  }
  LINEAL_RETURN_IF_ERROR(ReadTruth(choice.truth, k, data));
  data->queries.Truncate(choice.queries_count);
  data->truth.resize(data->queries.rows() * data->truth_k);
  return absl::OkStatus();
}

const char* NameOf(index::Distance distance) {
  switch (distance) {
    case index::Distance::kL2:
      return "l2";
    case index::Distance::kDot:
      return "ip";
    case index::Distance::kCosine:
      return "cos";
    case index::Distance::kL1:
      break;
  }
  LINEAL_CHECK(false);
  return "";
}

}  // namespace lineal::bench
