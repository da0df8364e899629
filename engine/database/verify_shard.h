// Checks one shard's derived files against its rows, without opening the shard for use.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "base/file_system.h"
#include "engine/segment/table_schema.h"
#include "storage/rows/shard_store.h"

namespace lineal::engine {

// Every segment file is read and its checksum compared; every row a segment holds must be in the data with the same
// point, birth and vectors; every row of the data must be in a segment or after the last sealed one. Calls `problem`
// with each finding.
absl::Status VerifySegments(const std::string& directory, FileSystem* files, const TableSchema& schema,
                            const storage::ShardStore& store, const std::function<void(const std::string&)>& problem);

}  // namespace lineal::engine
