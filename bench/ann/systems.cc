#include "bench/ann/contender.h"
#include "bench/ann/local_libraries.h"
#include "bench/ann/peer_contender.h"

namespace lineal::bench {

const std::vector<System>& Systems() {
  static const std::vector<System> systems = {
      {"lineal", "lists with one-bit codes: what the server does", false, MakeLinealIvf},
      {"lineal-hnsw", "HNSW walked by 8-bit codes: `hnsw_config.index` hnsw", false, MakeLineal},
      {"lineal-f32", "HNSW walked by the vectors", false, MakeLinealF32},
      {"lineal-compact", "the same judged by codes of 4 bits, rows in a mapped file", true, MakeLinealCompact4},
      {"lineal-compact-2", "of 2 bits", true, MakeLinealCompact2},
      {"lineal-compact-1", "by the rows alone", true, MakeLinealCompact1},
      {"hnswlib", "libhnswlib-dev", false, MakeHnswlib},
      {"faiss-hnsw", "libfaiss-dev", false, MakeFaissHnsw},
      {"faiss-ivf", "libfaiss-dev", false, MakeFaissIvf},
      {"faiss-ivfpq", "libfaiss-dev, 4-bit fast-scan and refinement", false, MakeFaissIvfPq},
      {"usearch", "npm usearch", true, MakeUsearch},
      {"zvec", "npm @zvec/zvec", true, MakeZvec},
      {"lancedb", "npm @lancedb/lancedb", true, MakeLancedb},
      {"chroma", "npm chromadb", true, MakeChroma},
  };
  return systems;
}

}  // namespace lineal::bench
