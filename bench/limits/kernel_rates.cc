#include "bench/limits/kernel_rates.h"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "base/strings.h"
#include "index/kernels/active_kernels.h"

namespace lineal::bench {
namespace {

using index::Operands;

struct OperandNames {
  const char* name;
  size_t query_bytes, row_bytes;
};
constexpr OperandNames kOperands[index::kOperandKinds] = {{"f32·f32", 4, 4}, {"f32·f16", 4, 2},  {"f16·f16", 2, 2},
                                                          {"u8·u8", 1, 1},   {"f32·bf16", 4, 2}, {"bf16·bf16", 2, 2}};
constexpr const char* kSumNames[index::kSums] = {"L2", "dot", "L1"};

// A kernel over `count` rows of `dim` components, one after another from `rows`.
using Pass = std::function<void(const std::byte* query, const std::byte* rows, size_t count, size_t dim)>;

struct Candidate {
  std::string name;
  size_t query_bytes;  // a component
  double row_bytes;
  double query_loads;  // of a query's components, for one of a row's
  const Arithmetic* arithmetic;
  size_t dim_multiple;
  Pass pass;
};

Pass OneByOne(index::KernelOne kernel, size_t row_bytes) {
  return [=](const std::byte* query, const std::byte* rows, size_t count, size_t dim) {
    float sum = 0;
    for (size_t i = 0; i < count; ++i) sum += kernel(query, rows + i * dim * row_bytes, dim);
    asm volatile("" : : "r"(&sum) : "memory");
  };
}

template <class Kernel, class Out>
Pass FourByFour(Kernel kernel, size_t row_bytes, Out) {
  return [=](const std::byte* query, const std::byte* rows, size_t count, size_t dim) {
    Out out[4];
    const size_t stride = dim * row_bytes;
    for (size_t i = 0; i + 4 <= count; i += 4, rows += 4 * stride) {
      const std::byte* four[4] = {rows, rows + stride, rows + 2 * stride, rows + 3 * stride};
      kernel(query, four, dim, out);
      asm volatile("" : : "r"(out) : "memory");
    }
  };
}

Pass Packed(index::PackedDotFour kernel, size_t bits) {
  return [=](const std::byte* query, const std::byte* rows, size_t count, size_t dim) {
    int32_t out[4];
    const size_t stride = dim * bits / 8;
    for (size_t i = 0; i + 4 <= count; i += 4, rows += 4 * stride) {
      const std::byte* four[4] = {rows, rows + stride, rows + 2 * stride, rows + 3 * stride};
      kernel(query, four, stride, out);
      asm volatile("" : : "r"(out) : "memory");
    }
  };
}

// Four queries, which lie one after another where the one query of the others does.
Pass Tiles(index::DotTile tile, size_t query_bytes, size_t row_bytes) {
  return [=](const std::byte* query, const std::byte* rows, size_t count, size_t dim) {
    float out[16];
    const size_t step = dim * query_bytes, stride = dim * row_bytes;
    const std::byte* left[4] = {query, query + step, query + 2 * step, query + 3 * step};
    for (size_t i = 0; i + 4 <= count; i += 4, rows += 4 * stride) {
      const std::byte* four[4] = {rows, rows + stride, rows + 2 * stride, rows + 3 * stride};
      tile(left, four, dim, out, 4);
      asm volatile("" : : "r"(out) : "memory");
    }
  };
}

std::vector<Candidate> Candidates(const ArithmeticTable& arithmetic) {
  const index::KernelTable& table = index::ActiveKernels();
  std::vector<Candidate> all;
  for (size_t i = 0; i < index::kOperandKinds; ++i) {
    const OperandNames& of = kOperands[i];
    for (size_t j = 0; j < index::kSums; ++j) {
      const index::Kernel& kernel = table.kernels[i][j];
      const std::string name = StrCat(of.name, " ", kSumNames[j]);
      all.push_back({name + " one", of.query_bytes, static_cast<double>(of.row_bytes), 1, &arithmetic.one[i][j], 1,
                     OneByOne(kernel.one, of.row_bytes)});
      all.push_back({name + " four", of.query_bytes, static_cast<double>(of.row_bytes), 0.25, &arithmetic.four[i][j], 1,
                     FourByFour(kernel.four, of.row_bytes, float{})});
    }
  }
  all.push_back(
      {"code_dot four", 1, 1, 0.25, &arithmetic.code_dot, index::kCodeBlock, FourByFour(table.code_dot, 1, int32_t{})});
  for (const uint32_t bits : {8u, 4u, 2u}) {
    const size_t width = index::PackedWidth(bits);
    all.push_back({StrCat("packed_dot of ", bits, " bits four"), 1, bits / 8.0, 0.25, &arithmetic.packed_dots[width],
                   index::kPackedBlock * 8 / bits, Packed(table.packed_dots[width], bits)});
  }
  return all;
}

struct Bound {
  double seconds;
  const char* name;
};
Bound BoundOf(const Candidate& candidate, const MachineLimits& limits, Level level, size_t dim, double arithmetic_s) {
  const auto components = static_cast<double>(dim);
  const double row = components * candidate.row_bytes;
  const double query = components * static_cast<double>(candidate.query_bytes) * candidate.query_loads;
  Bound bound{row / limits.bytes_s[static_cast<size_t>(level)], "bandwidth"};
  const double loads = (row + query) / limits.first_cache_bytes_s;
  if (loads > bound.seconds) bound = {loads, "loads"};
  if (arithmetic_s > bound.seconds) bound = {arithmetic_s, "arithmetic"};
  return bound;
}

}  // namespace

std::vector<KernelRate> MeasureKernels(const Effort& effort, const Arena& arena, const MachineLimits& limits,
                                       const ArithmeticTable& arithmetic, const std::vector<size_t>& dims) {
  std::vector<KernelRate> rates;
  const Arena query(size_t{1} << 20);
  std::vector<Candidate> candidates = Candidates(arithmetic);
  for (size_t i = 0; i < index::kOperandKinds; ++i) {
    const index::DotTile tile = index::ActiveKernels().dot_tiles[i];
    if (tile == nullptr) continue;
    const OperandNames& of = kOperands[i];
    candidates.push_back({StrCat(of.name, " dot tile"), of.query_bytes, static_cast<double>(of.row_bytes), 1,
                          &arithmetic.fused_multiply_add, 1, Tiles(tile, of.query_bytes, of.row_bytes)});
  }
  for (const Candidate& candidate : candidates) {
    std::fprintf(stderr, "%s …\n", candidate.name.c_str());
    const bool tile = candidate.name.ends_with("tile");
    double components_s = 0;
    if (candidate.arithmetic->run != nullptr) components_s = RateOf(effort, *candidate.arithmetic) / (tile ? 4 : 1);
    for (const Level level : kLevels) {
      for (const size_t dim : dims) {
        if (dim % candidate.dim_multiple != 0) continue;
        const double row = static_cast<double>(dim) * candidate.row_bytes;
        const size_t count = BytesOf(level, arena.bytes()) / static_cast<size_t>(row) / 4 * 4;
        if (count == 0) continue;
        const double seconds = SecondsOf(effort, [&] { candidate.pass(query.data(), arena.data(), count, dim); });
        const double arithmetic_s = components_s == 0 ? 0 : static_cast<double>(dim) / components_s;
        const Bound bound = BoundOf(candidate, limits, level, dim, arithmetic_s);
        rates.push_back({candidate.name, level, dim, seconds / static_cast<double>(count), bound.seconds, bound.name});
      }
    }
  }
  return rates;
}

}  // namespace lineal::bench
