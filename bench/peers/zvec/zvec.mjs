// Zvec: a collection on disk, opened in this process, with an HNSW index.
import { join } from 'node:path';
import { BEAM_WIDTHS, serve } from '../serve.mjs';

const ROWS_A_CALL = 500;

serve(async (job, base, folder) => {
  const zvec = (await import('@zvec/zvec')).default;
  zvec.ZVecInitialize({ logLevel: zvec.ZVecLogLevel.ERROR, queryThreads: job.threads, optimizeThreads: job.threads });
  const { L2, IP, COSINE } = zvec.ZVecMetricType;
  const schema = new zvec.ZVecCollectionSchema({
    name: 'vectors',
    vectors: [
      {
        name: 'v',
        dataType: zvec.ZVecDataType.VECTOR_FP32,
        dimension: base.dim,
        indexParams: {
          indexType: zvec.ZVecIndexType.HNSW,
          metricType: { l2: L2, ip: IP, cos: COSINE }[job.metric],
          m: job.m,
          efConstruction: job.ef_construct,
          useContiguousMemory: true,
        },
      },
    ],
  });
  const collection = zvec.ZVecCreateAndOpen(join(folder, 'zvec'), schema);
  let ef = BEAM_WIDTHS[0];
  const question = (query, k) => ({
    fieldName: 'v',
    vector: query,
    topk: k,
    outputFields: [],
    params: { indexType: zvec.ZVecIndexType.HNSW, ef },
  });
  return {
    effortNames: ['ef'],
    widths: BEAM_WIDTHS,
    build() {
      const started = performance.now();
      for (let begin = 0; begin < base.rows; begin += ROWS_A_CALL) {
        const documents = [];
        for (let i = begin; i < Math.min(base.rows, begin + ROWS_A_CALL); i++) {
          documents.push({ id: String(i), vectors: { v: base.row(i) } });
        }
        const refused = collection.insertSync(documents).find((status) => !status.ok);
        if (refused) throw new Error(refused.message);
      }
      const inserted = performance.now();
      collection.optimizeSync({ concurrency: job.threads });
      return { insert_s: (inserted - started) / 1000, optimize_s: (performance.now() - inserted) / 1000 };
    },
    setEffort(width) {
      ef = width;
    },
    search: (query, k) => collection.querySync(question(query, k)),
    searchAsync: (query, k) => collection.query(question(query, k)),
    idsOf: (documents) => documents.map((document) => Number(document.id)),
  };
});
