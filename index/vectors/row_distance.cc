#include "index/vectors/row_distance.h"

#include "index/kernels/active_kernels.h"

namespace lineal::index {
namespace {

Sum SumOf(Distance distance) {
  switch (distance) {
    case Distance::kL2:
      return Sum::kL2;
    case Distance::kDot:
    case Distance::kCosine:
      return Sum::kDot;
    case Distance::kL1:
      return Sum::kL1;
  }
  __builtin_unreachable();
}

}  // namespace

Operands RowOperands(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return Operands::kF32F32;
    case ElementType::kF16:
      return Operands::kF16F16;
    case ElementType::kU8:
      return Operands::kU8U8;
    case ElementType::kBF16:
      return Operands::kBF16BF16;
  }
  __builtin_unreachable();
}

Operands QueryOperands(ElementType type) {
  if (type == ElementType::kF16) return Operands::kF32F16;
  if (type == ElementType::kBF16) return Operands::kF32BF16;
  return RowOperands(type);
}

RowDistance::RowDistance(const RowFormat& format, Operands operands)
    : kernel_(KernelOf(ActiveKernels(), operands, SumOf(format.distance))),
      dim_(format.dim),
      norm_offset_(static_cast<uint32_t>(format.row_bytes() - sizeof(float))),
      finish_(SumOf(format.distance) != Sum::kDot ? Finishing::kNone : Finishing::kNegate) {
  if (format.type == ElementType::kU8 && format.distance == Distance::kCosine) finish_ = Finishing::kNegateByNorms;
}

RowDistance RowDistance::BetweenRows(const RowFormat& format) { return {format, RowOperands(format.type)}; }

RowDistance RowDistance::FromQuery(const RowFormat& format) { return {format, QueryOperands(format.type)}; }

}  // namespace lineal::index
