// Scalar quantization to eight bits: one affine map for all components of a set of rows, so that sums of products of
// codes stand for distances of rows and can be had from integer instructions.
//
// A component x becomes round((x - low) / step), cut to 0..255. The range is that of a sample, and some room; a few
// components far outside of all others are cut off. Cutting brings rows nearer to everything else, never farther, under
// L2 and cosine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/ids.h"
#include "index/vectors/row_format.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

struct Sq8Range {
  float low = 0;
  float step = 1;               // above zero
  float mean_square_error = 0;  // of a component within the range
  float mean_square_norm = 0;   // of a row
  // The code of zero, if the range holds zero.
  int32_t zero_point() const;
  friend bool operator==(const Sq8Range&, const Sq8Range&) = default;
};

// Whether rows of this format can be walked through by their codes: f32 and f16 rows of at most kCodeDimMax components
// under L2, dot and cosine.
bool CanQuantize(const RowFormat& format);
// Bytes of a row of codes: its components and padding, a multiple of kCodeBlock.
size_t CodeBytes(const RowFormat& format);
// Whether a row of codes is so much smaller than the row that walking by it is worth its memory.
bool CodesPay(const RowFormat& format);

// The range for `rows` below `count` of which `has` says yes, from a sample of some million components. Under dot it
// holds zero.
Sq8Range TrainSq8(const RowFormat& format, const RowView& rows, uint32_t count,
                  const std::function<bool(LocalId)>& has);

}  // namespace lineal::index
