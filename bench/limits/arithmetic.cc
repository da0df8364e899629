#include "bench/limits/arithmetic.h"

#include <cstring>
#include <string_view>

namespace lineal::bench {
namespace {

void Read(const std::byte* at, size_t bytes) {
  for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, at + i, sizeof word);
    asm volatile("" : : "r"(word));
  }
}

constexpr ArithmeticTable kNoArithmetic = {"reference", {}, {}, {}, {}, Read};

}  // namespace

const ArithmeticTable& ArithmeticOf(const char* kernels) {
#ifdef LINEAL_X86_KERNELS
  if (std::string_view(kernels).starts_with("avx512")) return kAvx512Arithmetic;
  if (std::string_view(kernels) == "avx2") return kAvx2Arithmetic;
#endif
  (void)kernels;
  return kNoArithmetic;
}

}  // namespace lineal::bench
