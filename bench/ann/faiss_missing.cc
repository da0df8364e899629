#include "bench/ann/contender.h"

namespace lineal::bench {

std::unique_ptr<Contender> MakeFaissHnsw() { return nullptr; }
std::unique_ptr<Contender> MakeFaissIvf() { return nullptr; }

}  // namespace lineal::bench
