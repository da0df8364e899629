// The two servers that the quickstart runs: started, waited for until they say that they are ready, and stopped.
import { spawn } from "node:child_process";
import net from "node:net";
import readline from "node:readline";

// `wanted` if nothing has it, else any free port of this machine.
export function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", (error) => (wanted !== 0 && error.code === "EADDRINUSE" ? freePort(0).then(resolve, reject) : reject(error)));
    probe.listen(wanted, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// A child process whose first line on stdout that matches `ready` says that it serves. What it logs is kept for the case
// that it ends before.
export async function startServer(name, command, args, ready) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const log = [];
  const keep = (text) => {
    log.push(text);
    if (log.length > 20) log.shift();
  };
  readline.createInterface({ input: child.stderr }).on("line", keep);
  const match = await new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`cannot start ${name}: ${error.message}`)));
    child.on("close", (code) => reject(new Error(`${name} ended with ${code}\n${log.join("\n")}`)));
    readline.createInterface({ input: child.stdout }).on("line", (text) => {
      const found = text.match(ready);
      if (found) resolve(found);
    });
  });
  return { name, child, match };
}

export async function stopServer({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(timer);
}

// Runs a command to its end. Gives its stdout; stderr goes through, so that progress is seen.
export function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text) => (out += text));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(`${command} ${args.join(" ")} ended with ${code}`))));
  });
}
