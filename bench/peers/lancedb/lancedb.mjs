// LanceDB: a table on disk, opened in this process, with an IVF-PQ index and refinement by the vectors.
import { join } from 'node:path';
import { PROBE_WIDTHS, serve } from '../serve.mjs';

const ROWS_A_CALL = 50_000;

serve(async (job, base, folder) => {
  process.env.RUST_LOG ??= 'error';
  const { connect, Index } = await import('@lancedb/lancedb');
  const arrow = await import('apache-arrow');
  const schema = new arrow.Schema([
    new arrow.Field('id', new arrow.Int32(), false),
    new arrow.Field('vector', new arrow.FixedSizeList(base.dim, new arrow.Field('item', new arrow.Float32(), true)), false),
  ]);
  const tableOf = (begin, end) => {
    const length = end - begin;
    const ids = arrow.makeData({ type: new arrow.Int32(), data: Int32Array.from({ length }, (_, i) => begin + i) });
    const items = arrow.makeData({ type: new arrow.Float32(), data: base.values.subarray(begin * base.dim, end * base.dim) });
    const vectors = arrow.makeData({ type: schema.fields[1].type, length, nullCount: 0, child: items });
    const rows = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children: [ids, vectors] });
    return new arrow.Table(schema, [new arrow.RecordBatch(schema, rows)]);
  };
  const database = await connect(join(folder, 'lancedb'));
  const distanceType = { l2: 'l2', ip: 'dot', cos: 'cosine' }[job.metric];
  let table;
  let effort = { width: 1, refine: 1 };
  return {
    effortNames: ['nprobes', 'refine_factor'],
    widths: PROBE_WIDTHS,
    refines: [4, 16],
    asynchronous: true,
    async build() {
      for (let begin = 0; begin < base.rows; begin += ROWS_A_CALL) {
        const part = tableOf(begin, Math.min(base.rows, begin + ROWS_A_CALL));
        if (table) await table.add(part);
        else table = await database.createTable('vectors', part);
      }
      const numPartitions = Math.max(1, Math.floor(2 * Math.sqrt(base.rows)));
      const numSubVectors = base.dim % 4 === 0 ? base.dim / 4 : base.dim % 2 === 0 ? base.dim / 2 : base.dim;
      await table.createIndex('vector', { config: Index.ivfPq({ distanceType, numPartitions, numSubVectors }) });
    },
    setEffort(width, refine) {
      effort = { width, refine };
    },
    search: (query, k) =>
      table
        .query()
        .nearestTo(query)
        .distanceType(distanceType)
        .nprobes(effort.width)
        .refineFactor(effort.refine)
        .select(['id', '_distance'])
        .limit(k)
        .toArrow(),
    idsOf: (answer) => answer.getChild('id').toArray(),
  };
});
