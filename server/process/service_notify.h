// Tells systemd, if it started us with a notification socket (Type=notify), that we are ready or stopping.
//
// Threads: any.
#pragma once

#include <string_view>

namespace lineal::server {

// `state` is "READY=1" or "STOPPING=1". Without NOTIFY_SOCKET in the environment, nothing happens.
void NotifyServiceManager(std::string_view state);

}  // namespace lineal::server
