// Which lists a search scans, and in which order.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lineal::index {

// The places of the `wanted` least of `ranks` (at least one of each), the least first. Order and choice are by about a
// thousandth of the range: one pass of counting instead of a sort, whose branches nobody can predict.
std::vector<uint32_t> ChooseLists(std::span<const float> ranks, size_t wanted);

}  // namespace lineal::index
