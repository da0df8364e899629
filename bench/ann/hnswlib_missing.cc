#include "bench/ann/local_libraries.h"

namespace lineal::bench {

std::unique_ptr<Contender> MakeHnswlib() { return nullptr; }

}  // namespace lineal::bench
