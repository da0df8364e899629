// Does on purpose what the sanitizers are there to find; a test expects their reports. The race lies between a callback
// that gRPC runs and its caller, where the suppressions of tsan.supp must not hide it.
#include <grpc/support/time.h>
#include <grpcpp/alarm.h>

#include <climits>
#include <cstdio>
#include <future>
#include <memory>
#include <string_view>

namespace {

int shared_count = 0;

void Race() {
  std::promise<void> done;
  grpc::Alarm alarm;
  alarm.Set(gpr_inf_past(GPR_CLOCK_REALTIME), [&done](bool) {
    ++shared_count;
    done.set_value();
  });
  ++shared_count;
  done.get_future().wait();
}

void UseAfterFree() {
  auto value = std::make_unique<volatile int>(1);
  volatile int* stale = value.get();
  value.reset();
  std::printf("%d\n", *stale);
}

void Leak() {
  static void* volatile kept = nullptr;
  kept = new int[100];
  kept = nullptr;
}

void Overflow() {
  volatile int greatest = INT_MAX;
  std::printf("%d\n", greatest + 1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view fault = argc > 1 ? argv[1] : "";
  if (fault == "race") {
    Race();
  } else if (fault == "use-after-free") {
    UseAfterFree();
  } else if (fault == "leak") {
    Leak();
  } else if (fault == "overflow") {
    Overflow();
  } else {
    std::fprintf(stderr, "usage: sanitizer_canary race|use-after-free|leak|overflow\n");
    return 2;
  }
  return 0;
}
