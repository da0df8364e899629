#!/usr/bin/env node
// node server.js [--host 127.0.0.1] [--port 8080] [--workers N]
import os from "node:os";
import { parseArgs } from "node:util";
import { Batcher } from "./batcher.js";
import { MODEL, makeServer } from "./api.js";

const usage = "usage: server.js [--host 127.0.0.1] [--port 8080] [--workers N]   (port 0 picks a free one)";

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8080" },
        workers: { type: "string", default: String(Math.max(1, Math.min(2, os.cpus().length))) },
        help: { type: "boolean", default: false },
      },
    });
    const port = Number(values.port);
    const workers = Number(values.workers);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port is 0 to 65535, got ${values.port}`);
    if (!Number.isInteger(workers) || workers < 1 || workers > 64) throw new Error(`--workers is 1 to 64, got ${values.workers}`);
    return { ...values, port, workers };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

const flags = readFlags();
if (flags.help) {
  console.log(usage);
  process.exit(0);
}
const batcher = await Batcher.start(flags.workers);
const server = makeServer(batcher);
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(flags.port, flags.host, () => {
  console.log(`embedding server ready  http://${flags.host}:${server.address().port}/v1  model=${MODEL}`);
});
const stop = async () => {
  server.close();
  server.closeIdleConnections?.();
  await batcher.stop();
  process.exit(0);
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
