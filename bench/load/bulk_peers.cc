#include "bench/load/bulk_peers.h"

#include <cstdio>

#include "base/status.h"
#include "base/temporary_directory.h"
#include "bench/peers/peer_process.h"

namespace lineal::bench {
namespace {

absl::StatusOr<BulkRun> RunOurs(const BulkPeersOptions& options, const DataSet& data) {
  TemporaryDirectory directory;
  ServerProcessOptions process = options.process;
  process.data_dir = directory.path() + "/data";
  LINEAL_ASSIGN_OR_RETURN(const auto server, ServerProcess::Start(process));
  BulkTarget bulk = ConnectBulk(server->grpc_address(), "", options.collection);
  bulk.metric = options.metric;
  LINEAL_RETURN_IF_ERROR(CreateFresh(bulk, data.base.dim, options.m, options.ef_construct));
  BulkRun run;
  run.system = "lineal";
  LINEAL_ASSIGN_OR_RETURN(run.insert_s, UploadAll(bulk, data.base, options.rows_per_message));
  LINEAL_ASSIGN_OR_RETURN(run.optimize_s, AwaitIndexed(bulk, options.index_seconds_max));
  LINEAL_ASSIGN_OR_RETURN(run.indexed_rows, CountIndexed(bulk));
  return run;
}

absl::StatusOr<BulkRun> RunPeer(const std::string& name, const PeerJob& job, const DataSet& data) {
  const TemporaryDirectory folder;
  LINEAL_ASSIGN_OR_RETURN(const auto process, StartPeer(name, folder.path(), data, job));
  LINEAL_ASSIGN_OR_RETURN(const nlohmann::json built, process->Read());
  try {
    BulkRun run;
    run.system = name;
    run.insert_s = built.at("insert_s");
    run.optimize_s = built.at("optimize_s");
    return run;
  } catch (const nlohmann::json::exception& error) {
    return Unavailable("its program answered ", built.dump(), ": ", error.what());
  }
}

// A peer's errors do not say whose they are.
absl::Status Named(const std::string& name, const absl::Status& status) {
  return status.ok() ? status : absl::Status(status.code(), StrCat(name, ": ", MessageOf(status)));
}

}  // namespace

absl::StatusOr<std::vector<BulkRun>> MeasureBulkPeers(const BulkPeersOptions& options, const DataSet& data) {
  for (const std::string& peer : options.peers) {
    LINEAL_RETURN_IF_ERROR(Named(peer, PeerProcess::CheckInstalled(peer)));
  }
  std::vector<BulkRun> runs;
  const auto keep = [&](const std::string& name, absl::StatusOr<BulkRun> run) -> absl::Status {
    LINEAL_RETURN_IF_ERROR(Named(name, run.status()));
    std::fprintf(stderr, "%s: %zu rows in %.2f s, indexed %.2f s later\n", name.c_str(), data.base.rows(),
                 run->insert_s, run->optimize_s);
    runs.push_back(*std::move(run));
    return absl::OkStatus();
  };
  for (size_t repeat = 0; repeat < options.repeats; ++repeat) {
    LINEAL_RETURN_IF_ERROR(keep("lineal", RunOurs(options, data)));
    for (const std::string& peer : options.peers) {
      LINEAL_RETURN_IF_ERROR(keep(peer, RunPeer(peer, options.job, data)));
    }
  }
  return runs;
}

}  // namespace lineal::bench
