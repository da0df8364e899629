// Makers of the contenders in this process. Each gives null where the library was not found when this program was
// built.
#pragma once

#include <memory>

#include "bench/ann/contender.h"

namespace lineal::bench {

std::unique_ptr<Contender> MakeLineal();          // what the server does: the graph is walked by 8-bit codes
std::unique_ptr<Contender> MakeLinealF32();       // the graph is walked by the vectors
std::unique_ptr<Contender> MakeLinealIvf();       // inverted files with one-bit codes
std::unique_ptr<Contender> MakeLinealCompact4();  // the same over mapped rows, judged by codes of four bits
std::unique_ptr<Contender> MakeLinealCompact2();
std::unique_ptr<Contender> MakeLinealCompact1();  // judged by the rows
std::unique_ptr<Contender> MakeHnswlib();
std::unique_ptr<Contender> MakeFaissHnsw();
std::unique_ptr<Contender> MakeFaissIvf();
std::unique_ptr<Contender> MakeFaissIvfPq();

}  // namespace lineal::bench
