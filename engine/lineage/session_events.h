// Ingest sessions as OpenLineage events: that one began and how it ended, with the collections that it wrote. Equal
// sessions give equal bytes.
#pragma once

#include <string>
#include <vector>

#include "engine/api/lineage.h"
#include "engine/lineage/open_lineage_options.h"

namespace lineal::engine {

// A collection as a run left it.
struct WrittenCollection {
  std::string name;
  uint64_t points = 0;            // of the run, that live
  std::vector<uint64_t> seqs;     // of its shards: what `as_of_seq` takes
  uint64_t revision = 0;          // the one with just these; 0 for none
  std::vector<std::string> tags;  // of that revision
  struct Space {
    std::string vector;
    EmbeddingSpace space;
  };
  std::vector<Space> spaces;
};

std::string StartEventOf(const IngestSession& session, const SessionEventNames& names);
// Of a session that is closed.
std::string EndEventOf(const IngestSession& session, const std::vector<WrittenCollection>& written,
                       const SessionEventNames& names);

}  // namespace lineal::engine
