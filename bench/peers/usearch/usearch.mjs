// USearch: HNSW in memory, vectors kept as bf16, which is what its authors advise for such processors. The binding takes
// the beam of searches when an index is made, so that each width is the saved index loaded again.
import { join } from 'node:path';
import { BEAM_WIDTHS, serve } from '../serve.mjs';

const ROUNDS_MS = 500;

serve(async (job, base, folder) => {
  const { Index, MetricKind, ScalarKind } = (await import('usearch')).default;
  const file = join(folder, 'usearch.index');
  const make = (width) =>
    new Index({
      dimensions: base.dim,
      metric: { l2: MetricKind.L2sq, ip: MetricKind.IP, cos: MetricKind.Cos }[job.metric],
      quantization: ScalarKind.BF16,
      connectivity: job.m,
      expansion_add: job.ef_construct,
      expansion_search: width,
      multi: false,
    });
  let index = make(BEAM_WIDTHS[0]);
  let loaded = BEAM_WIDTHS[0];
  let saved = false;
  return {
    effortNames: ['expansion_search'],
    widths: BEAM_WIDTHS,
    build() {
      index.add(BigUint64Array.from({ length: base.rows }, (_, i) => BigInt(i)), base.values, job.threads);
    },
    setEffort(width) {
      if (!saved) index.save(file);
      saved = true;
      if (width === loaded) return;
      index = make(width);
      index.load(file);
      loaded = width;
    },
    search: (query, k) => index.search(query, k, 1),
    idsOf: (answer) => answer.keys,
    // All queries in one call on so many threads: the binding has no other way.
    together(queries, k, threads) {
      const started = performance.now();
      let asked = 0;
      for (; performance.now() - started < ROUNDS_MS; asked += queries.length) index.search(queries, k, threads);
      return (1000 * asked) / (performance.now() - started);
    },
  };
});
