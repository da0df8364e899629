// What the program of every peer does: reads the job, builds, then answers questions, all in JSON lines.
//
//   node PEER.mjs FOLDER     with job.json, base.fbin and queries.fbin in FOLDER
//   it says  {"build_s", "build_cpu_s", "memory_mb", "widths", "refines", "effort_names"}, and
//            "insert_s", "optimize_s" where build() gives these parts of build_s
//   asked    {"search": {"width", "refine", "k"}}                 one query a call, one call at a time;
//   it says  {"cpu_s"}, the answers being in FOLDER/answers.ibin
//   asked    {"together": {"width", "refine", "k", "threads"}}    so many calls at once;
//   it says  {"qps"} by the wall clock, 0 where the library has no way to
//   or       {"error"}
//
// A peer has
//   effortNames, widths, refines      what its searches can be told, and values worth measuring
//   build()                           may be asynchronous, as all of these; may give what its parts took
//   setEffort(width, refine)
//   search(query, k)                  the library's own answer to one Float32Array; a promise if `asynchronous`
//   idsOf(answer)                     row numbers, nearest first
//   together(queries, k, threads)     queries a second; without it, `threads` calls of an asynchronous search are kept
//                                     going
//   cpuSeconds()                      of another process that searches; without it, this one's alone counts
//   close()                           optional
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import readline from 'node:readline';

const TOGETHER_MS = 500;
const ANSWERS_NONE = 0xffffffff;

export const BEAM_WIDTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
export const PROBE_WIDTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

// The library's own message may be long: its first line is what matters.
function fail(error) {
  process.stdout.write(`${JSON.stringify({ error: String(error?.message ?? error).split('\n')[0] })}\n`, () => process.exit(1));
}

function readFbin(file) {
  const bytes = readFileSync(file);
  const [rows, dim] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 8, bytes.byteOffset + 8 + rows * dim * 4));
  return { rows, dim, values, row: (i) => values.subarray(i * dim, (i + 1) * dim) };
}

function cpuSeconds(peer) {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (peer.cpuSeconds?.() ?? 0);
}

function residentMb(peer) {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6 + (peer.residentMb?.() ?? 0);
}

function writeAnswers(file, answers, k) {
  const bytes = Buffer.alloc(8 + answers.length * k * 4);
  bytes.writeUInt32LE(answers.length, 0);
  bytes.writeUInt32LE(k, 4);
  answers.forEach((ids, i) => {
    for (let j = 0; j < k; j++) bytes.writeUInt32LE(j < ids.length ? Number(ids[j]) : ANSWERS_NONE, 8 + (i * k + j) * 4);
  });
  writeFileSync(file, bytes);
}

async function search(peer, queries, k, file) {
  const answers = new Array(queries.length);
  const started = cpuSeconds(peer);
  if (peer.asynchronous) {
    for (let i = 0; i < queries.length; i++) answers[i] = await peer.search(queries[i], k);
  } else {
    for (let i = 0; i < queries.length; i++) answers[i] = peer.search(queries[i], k);
  }
  const seconds = cpuSeconds(peer) - started;
  writeAnswers(file, answers.map(peer.idsOf), k);
  return { cpu_s: seconds };
}

async function together(peer, queries, k, threads) {
  if (peer.together) return { qps: await peer.together(queries, k, threads) };
  const ask = peer.searchAsync ?? (peer.asynchronous ? peer.search : null);
  if (!ask) return { qps: 0 };
  let asked = 0;
  const started = performance.now();
  const loop = async () => {
    while (performance.now() - started < TOGETHER_MS) await ask(queries[asked++ % queries.length], k);
  };
  await Promise.all(Array.from({ length: threads }, loop));
  return { qps: (1000 * asked) / (performance.now() - started) };
}

async function build(peer) {
  const resident = residentMb(peer);
  const cpu = cpuSeconds(peer);
  const started = performance.now();
  const parts = await peer.build();
  const seconds = (performance.now() - started) / 1000;
  say({
    build_s: seconds,
    build_cpu_s: cpuSeconds(peer) - cpu,
    memory_mb: residentMb(peer) - resident,
    widths: peer.widths,
    refines: peer.refines ?? [0],
    effort_names: peer.effortNames,
    ...parts,
  });
}

async function answerAll(peer, folder) {
  const all = readFbin(join(folder, 'queries.fbin'));
  const queries = Array.from({ length: all.rows }, (_, i) => all.row(i));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    const { width, refine, k, threads } = question.search ?? question.together;
    await peer.setEffort(width, refine);
    if (question.search) say(await search(peer, queries, k, join(folder, 'answers.ibin')));
    else say(await together(peer, queries, k, threads));
  }
}

// `open(job, base, folder)` gives the peer; it imports the library, so that one that does not load is said to.
export async function serve(open) {
  const folder = process.argv[2];
  if (!folder) {
    console.error(`usage: node ${process.argv[1]} FOLDER`);
    process.exit(2);
  }
  let peer;
  process.on('SIGTERM', () => process.exit(0));
  process.on('exit', () => peer?.close?.());
  try {
    const job = JSON.parse(readFileSync(join(folder, 'job.json'), 'utf8'));
    peer = await open(job, readFbin(join(folder, 'base.fbin')), folder);
    await build(peer);
    await answerAll(peer, folder);
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}
