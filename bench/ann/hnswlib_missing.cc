#include "bench/ann/contender.h"

namespace lineal::bench {

std::unique_ptr<Contender> MakeHnswlib() { return nullptr; }

}  // namespace lineal::bench
