#include "bench/ann/local_libraries.h"

namespace lineal::bench {

std::unique_ptr<Contender> MakeFaissHnsw() { return nullptr; }
std::unique_ptr<Contender> MakeFaissIvf() { return nullptr; }
std::unique_ptr<Contender> MakeFaissIvfPq() { return nullptr; }

}  // namespace lineal::bench
