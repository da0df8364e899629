// Libraries that are npm packages, each searched by a program of its own (bench/peers).
#pragma once

#include <memory>

#include "bench/ann/contender.h"

namespace lineal::bench {

std::unique_ptr<Contender> MakeUsearch();
std::unique_ptr<Contender> MakeZvec();
std::unique_ptr<Contender> MakeLancedb();
std::unique_ptr<Contender> MakeChroma();

}  // namespace lineal::bench
