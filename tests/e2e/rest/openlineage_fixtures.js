// Events as producers write them: one for each published facet, and one with all that an event can have.
const producer = 'https://example.com/producer/1.4';
const facetSchema = (name) => `https://example.com/facets/1-0-0/${name}.json#/$defs/${name}`;
const facet = (name, fields) => ({_producer: producer, _schemaURL: facetSchema(name), ...fields});
const dataset = (name, fields = {}) => ({namespace: 's3://warehouse:9000', name, ...fields});

export const runEvent = (type, time, runId, {job, run, inputs, outputs} = {}) => ({
    eventType: type,
    eventTime: time,
    producer,
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: {runId, ...run},
    job: job ?? {namespace: 'airflow://etl:8080', name: 'daily.load'},
    inputs: inputs ?? [],
    outputs: outputs ?? [],
});

// By entity and facet, the fields that make sense of it.
export const facets = {
    run: {
        agentAttribution: {agent: {name: 'planner', version: '2'}},
        environmentVariables: {environmentVariables: [{name: 'STAGE', value: 'test'}]},
        errorMessage: {message: 'out of disk', programmingLanguage: 'PYTHON', stackTrace: 'line 1\nline 2'},
        executionParameters: {parameters: [{key: 'chunk_size', name: 'chunk size', value: '200'}]},
        externalQuery: {externalQueryId: 'q-17', source: 'bigquery'},
        extractionError: {totalTasks: 2, failedTasks: 1, errors: [{errorMessage: 'no such table', taskNumber: 1}]},
        jobDependencies: {upstream: [{job: {namespace: 'airflow://etl:8080', name: 'hourly'}}]},
        lineage: {lineage: []},
        nominalTime: {nominalStartTime: '2025-01-01T00:00:00Z', nominalEndTime: '2025-01-02T00:00:00Z'},
        parent: {run: {runId: '0193f0a0-0000-7000-8000-00000000000a'}, job: {namespace: 'airflow://etl:8080', name: 'daily'}},
        processing_engine: {version: '3.5', name: 'spark', openlineageAdapterVersion: '1.30'},
        tags: {tags: [{key: 'tier', value: 'gold', source: 'CONFIG'}]},
        test: {tests: [{name: 'row count', status: 'pass', severity: 'error', type: 'row_count'}]},
    },
    job: {
        documentation: {description: 'loads a day', contentType: 'text/plain'},
        jobType: {processingType: 'STREAMING', integration: 'FLINK', jobType: 'JOB'},
        lineage: {lineage: [{namespace: 's3://warehouse:9000', name: 'copy', type: 'DATASET',
            inputs: [{namespace: 's3://warehouse:9000', name: 'original', type: 'DATASET'}]}]},
        ownership: {owners: [{name: 'team:search', type: 'MAINTAINER'}]},
        sourceCode: {language: 'python', sourceCode: 'print("é")'},
        sourceCodeLocation: {type: 'git', url: 'https://example.com/repo/load.py', version: 'abc123'},
        sql: {query: 'SELECT "x" FROM t', dialect: 'ansi'},
        tags: {tags: [{key: 'owner', value: 'search'}]},
    },
    dataset: {
        catalog: {framework: 'iceberg', type: 'hive', name: 'main', metadataUri: 'hive://m:9083'},
        columnLineage: {fields: {vector: {inputFields: [{namespace: 's3://warehouse:9000', name: 'texts', field: 'body',
            transformations: [{type: 'DIRECT', subtype: 'EMBEDDING', masking: false}]}]}}, dataset: []},
        dataQualityAssertions: {assertions: [{assertion: 'not_null', success: true, column: 'id'}]},
        dataQualityMetrics: {rowCount: 10, columnMetrics: {id: {nullCount: 0, quantiles: {0.5: 5.25}}}},
        dataSource: {name: 'warehouse', uri: 's3://warehouse:9000'},
        datasetType: {datasetType: 'TABLE', subType: 'EXTERNAL'},
        documentation: {description: 'texts', contentType: 'text/markdown'},
        hierarchy: {hierarchy: [{type: 'DATABASE', name: 'main'}, {type: 'TABLE', name: 'texts'}]},
        lifecycleStateChange: {lifecycleStateChange: 'OVERWRITE', previousIdentifier: {namespace: 'n', name: 'old'}},
        lineage: {inputs: [{namespace: 's3://warehouse:9000', name: 'base', type: 'DATASET'}], fields: {}},
        ownership: {owners: [{name: 'user:ada'}]},
        schema: {fields: [{name: 'id', type: 'BIGINT', ordinal_position: 1}, {name: 'body', type: 'STRING'}]},
        storage: {storageLayer: 'iceberg', fileFormat: 'parquet'},
        symlinks: {identifiers: [{namespace: 'hive://m:9083', name: 'main.texts', type: 'TABLE'}]},
        tags: {tags: [{key: 'pii', value: 'true', field: 'body'}]},
        version: {datasetVersion: '1f'},
    },
    input: {
        dataQualityAssertions: {assertions: [{assertion: 'unique', success: false, column: 'id'}]},
        dataQualityMetrics: {rowCount: 10, bytes: 1024, columnMetrics: {}},
        icebergScanReport: {snapshotId: 9007199254740993n, filterDescription: 'true', metadata: {}},
        inputStatistics: {rowCount: 10, size: 2048, fileCount: 2},
        subset: {inputCondition: {type: 'partition', partitions: [{identifier: 'day', dimensions: {day: '2025-01-01'}}]}},
    },
    output: {
        icebergCommitReport: {snapshotId: 12, sequenceNumber: 3, operation: 'append', commitMetrics: {}},
        outputStatistics: {rowCount: 3, size: 512, fileCount: 1},
        subset: {outputCondition: {type: 'location', locations: ['s3://warehouse:9000/texts/1']}},
    },
};

// JSON with numbers that a double cannot hold, as producers in other languages write them.
export const text = (value, indent) =>
    JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `#${one}#` : one), indent).replace(/"#(\d+)#"/g, '$1');

// [entity, facet, event]
export const facetEvents = () => Object.entries(facets).flatMap(([entity, all]) => Object.entries(all).map(([name, fields], i) => {
    const one = {[name]: facet(`${name}${entity}`, fields)};
    const time = `2025-01-01T10:00:${String(i).padStart(2, '0')}.000Z`;
    const parts = {
        run: {run: {facets: one}},
        job: {job: {namespace: 'airflow://etl:8080', name: `job of ${name}`, facets: one}},
        dataset: {outputs: [dataset(`dataset of ${name}`, {facets: one})]},
        input: {inputs: [dataset(`input of ${name}`, {inputFacets: one})]},
        output: {outputs: [dataset(`output of ${name}`, {outputFacets: one})]},
    };
    return [entity, name, runEvent('RUNNING', time, `facet-${entity}-${name}`, parts[entity])];
}));

export const fullEvent = () => {
    const of = (entity) => Object.fromEntries(Object.entries(facets[entity]).map(([name, fields]) => [name, facet(name, fields)]));
    return runEvent('COMPLETE', '2025-01-01T11:00:00.123456+01:00', '0193f0a0-0000-7000-8000-000000000001', {
        run: {facets: of('run')},
        job: {namespace: 'airflow://etl:8080', name: 'full', facets: of('job')},
        inputs: [dataset('full in', {facets: of('dataset'), inputFacets: of('input')})],
        outputs: [dataset('full out', {facets: of('dataset'), outputFacets: of('output')})],
    });
};
