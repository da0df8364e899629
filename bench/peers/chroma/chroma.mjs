// Chroma: its own server in a program of its own, asked over HTTP; the server's CPU time counts beside this one's.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort } from '../../../clients/quickstart/processes.mjs';
import { BEAM_WIDTHS, serve } from '../serve.mjs';

const ROWS_A_CALL = 1000;
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;
const START_MS_MAX = 30_000;

const binding = `chromadb-js-bindings-linux-${process.arch}-gnu`;

async function startServer(folder) {
  const require = createRequire(import.meta.url);
  require(binding); // so that one that does not load says why
  const port = await freePort(0);
  const run = ['chroma', 'run', '--path', join(folder, 'chroma'), '--port', String(port), '--host', '127.0.0.1'];
  const script = `require(${JSON.stringify(require.resolve(binding))}).cli(${JSON.stringify(run)})`;
  const server = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { server, port };
}

async function untilReady(client, server) {
  const started = performance.now();
  for (;;) {
    try {
      return await client.heartbeat();
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`chroma's server ended with ${server.exitCode}`);
      if (performance.now() - started > START_MS_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

serve(async (job, base, folder) => {
  const { ChromaClient } = await import('chromadb');
  const { server, port } = await startServer(folder);
  const client = new ChromaClient({ host: '127.0.0.1', port });
  await untilReady(client, server);
  const collection = await client.createCollection({
    name: 'vectors',
    embeddingFunction: null,
    configuration: {
      hnsw: { space: { l2: 'l2', ip: 'ip', cos: 'cosine' }[job.metric], max_neighbors: job.m, ef_construction: job.ef_construct },
    },
  });
  const ofServer = (file) => readFileSync(`/proc/${server.pid}/${file}`, 'utf8').split(') ').pop().split(' ');
  return {
    effortNames: ['ef_search'],
    widths: BEAM_WIDTHS,
    asynchronous: true,
    async build() {
      for (let begin = 0; begin < base.rows; begin += ROWS_A_CALL) {
        const length = Math.min(base.rows - begin, ROWS_A_CALL);
        await collection.add({
          ids: Array.from({ length }, (_, i) => String(begin + i)),
          embeddings: Array.from({ length }, (_, i) => Array.from(base.row(begin + i))),
        });
      }
    },
    setEffort: (width) => collection.modify({ configuration: { hnsw: { ef_search: width } } }),
    search: (query, k) => collection.query({ queryEmbeddings: [Array.from(query)], nResults: k, include: [] }),
    idsOf: (answer) => answer.ids[0].map(Number),
    // Fields 14 and 15 of stat are the CPU ticks; the name, field 2, may hold spaces.
    cpuSeconds: () => (Number(ofServer('stat')[11]) + Number(ofServer('stat')[12])) / TICKS_A_SECOND,
    residentMb: () => (Number(ofServer('statm')[1]) * PAGE_BYTES) / 1e6,
    close: () => server.kill(),
  };
});
