#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/status.h"
#include "base/strings.h"
#include "bench/load/load_run.h"

namespace lineal::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

// Bodies are kept as they come and read after the run, so that reading them is not measured.
struct RestRun {
  const QuestionSet* questions;
  RunClock clock;
  LoadRun run;
  std::vector<std::string> bodies;

  void Fail(const std::string& error) {
    if (run.errors++ == 0) run.first_error = error;
  }
};

tcp::endpoint EndpointOf(asio::io_context* context, const std::string& address) {
  const size_t colon = address.rfind(':');
  tcp::resolver resolver(*context);
  return *resolver.resolve(address.substr(0, colon), address.substr(colon + 1)).begin();
}

asio::awaitable<void> Ask(tcp::endpoint endpoint, RestRun* state) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(endpoint, asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  boost::beast::flat_buffer buffer;
  while (!state->clock.over()) {
    const size_t question = state->clock.NextQuestion();
    const int64_t started_ns = SystemClock()->MonotonicNs();
    co_await asio::async_write(socket, asio::buffer(state->questions->http_requests[question]), asio::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(socket, buffer, response, asio::use_awaitable);
    if (response.result_int() != 200) {
      state->Fail(StrCat(response.result_int(), " ", response.body().substr(0, 200)));
      if (!response.keep_alive()) break;
      continue;
    }
    state->clock.Note(started_ns, &state->run);
    state->bodies[question] = std::move(response.body());
  }
}

std::vector<uint64_t> IdsIn(const std::string& body) {
  std::vector<uint64_t> ids;
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  if (answer.is_discarded()) return ids;
  for (const auto& point : answer["result"]["points"]) ids.push_back(point["id"].get<uint64_t>());
  return ids;
}

}  // namespace

absl::StatusOr<double> ReadCounter(const std::string& rest_address, const std::string& name) {
  asio::io_context context(1);
  tcp::socket socket(context);
  boost::beast::error_code error;
  socket.connect(EndpointOf(&context, rest_address), error);
  http::request<http::empty_body> request(http::verb::get, "/metrics", 11);
  request.set(http::field::host, rest_address);
  if (!error) http::write(socket, request, error);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  if (!error) http::read(socket, buffer, response, error);
  if (error) return Unavailable("reading /metrics of ", rest_address, ": ", error.message());
  const std::string& text = response.body();
  const size_t line = text.find(StrCat("\n", name, " "));
  if (line == std::string::npos) return NotFound("/metrics has no counter ", name);
  return std::strtod(text.c_str() + line + 1 + name.size(), nullptr);
}

LoadRun RunRest(const RunOptions& options, const QuestionSet& questions) {
  RestRun state{&questions, RunClock(options, questions.messages.size()), {}, {}};
  state.run.protocol = "REST";
  state.run.connections = options.connections;
  state.run.answers.resize(questions.messages.size());
  state.bodies.resize(questions.messages.size());
  asio::io_context context(1);
  const tcp::endpoint endpoint = EndpointOf(&context, options.address);
  for (size_t i = 0; i < options.connections; ++i) {
    asio::co_spawn(context, Ask(endpoint, &state), [&state](std::exception_ptr thrown) {
      if (!thrown) return;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        state.Fail(error.what());
      }
    });
  }
  context.run();
  for (size_t i = 0; i < state.bodies.size(); ++i) {
    if (!state.bodies[i].empty()) state.run.answers[i] = IdsIn(state.bodies[i]);
  }
  state.run.seconds = state.clock.measured_seconds();
  state.run.Seal();
  return std::move(state.run);
}

}  // namespace lineal::bench
