#include "server/core/version.h"

namespace lineal::server {

const char kCommit[] = LINEAL_COMMIT;

}  // namespace lineal::server
