// The loops themselves, for whatever registers the includer has. Each includer is compiled for its instruction set and
// keeps everything in its anonymous namespace.
#pragma once

#include <cstddef>

namespace lineal::bench {
namespace {

// Eight sums in flight hide the latency of any of the instructions.
constexpr size_t kInFlight = 8;

// What the compiler cannot look through is done anew every time.
template <class T>
inline void Renew(T& value) {
  asm volatile("" : "+v"(value));
}

// `Op::Step(sum, query, row)` is the arithmetic of one register of row; `Op::Widen(query)` that of a query's register,
// once in `kRows` rows.
template <class Op, size_t kRows>
void Loop(size_t steps) {
  typename Op::Sum s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{};
  typename Op::Raw raw{}, row{};
  typename Op::Query query = Op::Widen(raw);
  const auto step = [&](size_t i, typename Op::Sum & sum) __attribute__((always_inline)) {
    if (i % kRows == 0) {
      Renew(raw);
      query = Op::Widen(raw);
    }
    Renew(row);
    sum = Op::Step(sum, query, row);
  };
  for (size_t i = 0; i < steps; ++i) {
    step(0, s0);
    step(1, s1);
    step(2, s2);
    step(3, s3);
    step(4, s4);
    step(5, s5);
    step(6, s6);
    step(7, s7);
  }
  Renew(s0), Renew(s1), Renew(s2), Renew(s3), Renew(s4), Renew(s5), Renew(s6), Renew(s7);
}

template <class Op>
constexpr Arithmetic kOne = {Loop<Op, 1>, kInFlight* Op::kComponents};
template <class Op>
constexpr Arithmetic kFour = {Loop<Op, 4>, kInFlight* Op::kComponents};

}  // namespace
}  // namespace lineal::bench
