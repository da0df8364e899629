// Recall against speed of the graph index beside other libraries, on the same rows in one run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/file_system.h"
#include "base/status.h"
#include "bench/ann/measure.h"
#include "bench/ann/recall_plot.h"
#include "bench/ann/report.h"
#include "bench/sets/set_choice.h"

namespace lineal::bench {
namespace {

constexpr size_t kThreadsMax = 1024;

struct Flags {
  SetChoice data;
  std::vector<std::string> systems;
  size_t m = 16, ef_construct = 200, threads = 2;
  SearchSettings search;
  std::string svg;
  bool json = false;
};

std::string SystemNames() {
  std::string out;
  for (const System& system : Systems()) StrAppend(&out, out.empty() ? "" : ", ", system.name);
  return out;
}

const System* FindSystem(const std::string& name) {
  for (const System& system : Systems()) {
    if (name == system.name) return &system;
  }
  return nullptr;
}

void AddFlags(CLI::App* app, Flags* flags) {
  AddSetOptions(app, &flags->data);
  app->add_option("--systems,--only", flags->systems,
                  "With commas between: " + SystemNames() + "; by default those in this process")
      ->delimiter(',')
      ->check([](const std::string& name) {
        return FindSystem(name) != nullptr ? "" : "there is no system '" + name + "'; known are " + SystemNames();
      });
  app->add_option("--k", flags->search.k, "Answers a query")->capture_default_str();
  app->add_option("--m", flags->m, "Links a node")->check(CLI::Range(2, 512))->capture_default_str();
  app->add_option("--ef-construct", flags->ef_construct, "Beam of the build")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app->add_option("--threads", flags->threads, "Of the build, and of the searches at once")
      ->check(CLI::Range(size_t{1}, kThreadsMax))
      ->capture_default_str();
  app->add_option("--repeats", flags->search.repeats, "Of every measurement")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app->add_option("--svg", flags->svg,
                  "Draws recall against queries a second into this file; of several sets, one each");
  app->add_flag("--json", flags->json, "One JSON object for each system and recall target instead of tables");
}

// Builds those that are wanted and can be had.
std::vector<Entrant> BuildAll(const Flags& flags, const DataSet& data, const BuildSettings& settings) {
  std::vector<Entrant> entrants;
  for (const System& system : Systems()) {
    const bool named = std::ranges::find(flags.systems, system.name) != flags.systems.end();
    if (!named && !(flags.systems.empty() && !system.is_peer)) continue;
    Entrant entrant{system.make(), {}};
    const absl::Status status =
        entrant.contender ? BuildEntrant(data, settings, &entrant) : NotFound("is not installed: ", system.what);
    if (status.ok()) {
      entrants.push_back(std::move(entrant));
    } else {
      std::fprintf(stderr, "%s: %s; going on without it\n", system.name, std::string(MessageOf(status)).c_str());
    }
  }
  return entrants;
}

// FILE, or FILE with the set's name before its ending when there are several.
std::string SvgPath(const Flags& flags, const DataSet& data) {
  if (NamesOf(flags.data).size() < 2) return flags.svg;
  const std::filesystem::path path(flags.svg);
  return (path.parent_path() / (path.stem().string() + "-" + data.name + path.extension().string())).string();
}

absl::Status RunSet(const Flags& flags, const std::string& name) {
  Executor executor("bench", flags.threads - 1);
  LINEAL_ASSIGN_OR_RETURN(DataSet data, LoadSet(flags.data, name));
  LINEAL_RETURN_IF_ERROR(LoadTruth(flags.data, flags.search.k, &executor, &data));
  const BuildSettings settings{flags.m, flags.ef_construct, flags.threads, flags.threads > 1 ? &executor : nullptr};
  std::vector<Entrant> entrants = BuildAll(flags, data, settings);
  SearchAll(data, flags.search, &entrants);
  if (entrants.empty()) return Unavailable("none of the systems could be measured");
  const std::string report =
      flags.json ? JsonReport(data, entrants) : MarkdownReport(data, settings, flags.search, entrants);
  std::fputs(report.c_str(), stdout);
  std::fflush(stdout);
  if (flags.svg.empty()) return absl::OkStatus();
  return PosixFileSystem()->WriteAtomically(SvgPath(flags, data), RecallPlot(data, flags.search.k, entrants));
}

int Run(int argc, char** argv) {
  CLI::App app("Recall against queries a second, build time and memory, beside other libraries.");
  Flags flags;
  AddFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  flags.search.threads = flags.threads;
  if (flags.data.sets.empty()) flags.data.sets = {"clustered-128", "clustered-768"};
  std::fprintf(flags.json ? stderr : stdout, "%s\n", MachineLine().c_str());
  for (const std::string& name : NamesOf(flags.data)) {
    const absl::Status status = RunSet(flags, name);
    if (!status.ok()) {
      std::fprintf(stderr, "lineal_bench_ann: %s\n", std::string(MessageOf(status)).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace lineal::bench

int main(int argc, char** argv) { return lineal::bench::Run(argc, argv); }
