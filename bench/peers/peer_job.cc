#include "bench/peers/peer_job.h"

#include "base/file_system.h"
#include "base/status.h"
#include "bench/sets/data_files.h"
#include "bench/sets/set_choice.h"

namespace lineal::bench {

absl::StatusOr<std::unique_ptr<PeerProcess>> StartPeer(const std::string& name, const std::string& folder,
                                                       const DataSet& data, const PeerJob& job) {
  LINEAL_RETURN_IF_ERROR(WriteMatrix(folder + "/base.fbin", data.base));
  LINEAL_RETURN_IF_ERROR(WriteMatrix(folder + "/queries.fbin", data.queries));
  const nlohmann::json line = {
      {"metric", NameOf(data.distance)}, {"m", job.m}, {"ef_construct", job.ef_construct}, {"threads", job.threads}};
  LINEAL_RETURN_IF_ERROR(PosixFileSystem()->WriteAtomically(folder + "/job.json", line.dump()));
  return PeerProcess::Start(name, folder, job.threads);
}

}  // namespace lineal::bench
