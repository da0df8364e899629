// A set of rows of one segment: a compressed bitmap (CRoaring).
#pragma once

#include <roaring/roaring.hh>

namespace lineal::engine {

using RowSet = Roaring;

}  // namespace lineal::engine
