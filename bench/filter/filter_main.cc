// lineal_bench_filter: filtered search of the database in this process, at several selectivities and with filters that
// have to do with the query or not.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "bench/filter/filter_database.h"
#include "bench/filter/filter_plan.h"
#include "bench/filter/filter_report.h"
#include "bench/filter/filter_run.h"
#include "bench/sets/set_choice.h"

namespace lineal::bench {
namespace {

struct Flags {
  SetChoice data;
  DatabaseSettings database;
  size_t k = 10, pivots = 8, repeats = 5;
  std::optional<uint32_t> ef_search;
  std::vector<double> selectivities{std::begin(kSelectivities), std::end(kSelectivities)};
  bool tenants = false;
  bool json = false;
};

void AddFlags(CLI::App* app, Flags* flags) {
  AddSetOptions(app, &flags->data);
  app->add_option("--k", flags->k, "Answers a query")->check(CLI::Range(size_t{1}, size_t{engine::kLimitMax}));
  app->add_option("--m", flags->database.m, "Links a node")->check(CLI::Range(2, 512))->capture_default_str();
  app->add_option("--ef-construct", flags->database.ef_construct, "Beam of the build")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app->add_option("--ef-search", flags->ef_search, "Beam of the search; by default the database's")
      ->check(CLI::Range(1, 100'000));
  app->add_option("--threads", flags->database.threads, "Of searches and of building")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app->add_option("--pivots", flags->pivots, "Directions that filters correlate with")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app->add_option("--repeats", flags->repeats, "Of every measurement")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app->add_option("--graph-kb", flags->database.graph_kb,
                  "Vectors of fewer KB have no graph; else the database's limit");
  app->add_option("--selectivity", flags->selectivities, "Shares of the rows that pass, with commas between")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app->add_flag("--tenants", flags->tenants,
                "Also a tenant for each share: the rows of the uncorrelated filter, by a field declared is_tenant");
  app->add_flag("--json", flags->json, "One JSON object a filter instead of a table");
}

absl::Status RunSet(const Flags& flags, const std::string& name) {
  if (!flags.data.truth.empty()) return InvalidArgument("--truth has no place here: every filter has its own answers");
  LINEAL_ASSIGN_OR_RETURN(const DataSet data, LoadSet(flags.data, name));
  if (data.base.rows() <= flags.pivots) {
    return InvalidArgument("there are ", data.base.rows(), " rows, more than ", flags.pivots, " pivots are needed");
  }
  FilterPlan plan = PlanFilters(data, flags.pivots, flags.data.seed);
  if (flags.tenants) plan.tenants = flags.selectivities;
  LINEAL_ASSIGN_OR_RETURN(const auto database, FilterDatabase::Make(data, plan, flags.database));
  LINEAL_ASSIGN_OR_RETURN(const auto results, RunFilters(data, plan, flags.k, flags.ef_search, flags.selectivities,
                                                         flags.repeats, &database->collection()));
  LINEAL_ASSIGN_OR_RETURN(const engine::CollectionInfo info, database->collection().Info());
  const FilterFacts facts{data.name,
                          data.base.rows(),
                          data.base.dim,
                          plan.questions.size(),
                          flags.k,
                          info.segments.size(),
                          database->load_seconds(),
                          database->index_seconds()};
  std::fputs((flags.json ? JsonReport : MarkdownReport)(facts, results).c_str(), stdout);
  std::fflush(stdout);
  return absl::OkStatus();
}

int Run(int argc, char** argv) {
  CLI::App app("Filtered search of the database in this process: recall, queries a second, ratio to unfiltered.");
  Flags flags;
  AddFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  if (flags.data.sets.empty()) flags.data.sets = {"clustered-128"};
  for (const std::string& name : NamesOf(flags.data)) {
    const absl::Status status = RunSet(flags, name);
    if (!status.ok()) {
      std::fprintf(stderr, "lineal_bench_filter: %s\n", std::string(MessageOf(status)).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Run(argc, argv); }
