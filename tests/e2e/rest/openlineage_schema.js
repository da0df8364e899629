// The structure of a run's event as OpenLineage's specification has it, for what we send: written from its facts.
const facets = {
    type: 'object',
    additionalProperties: {
        type: 'object',
        properties: {_producer: {type: 'string', format: 'uri'}, _schemaURL: {type: 'string', format: 'uri'}},
        required: ['_producer', '_schemaURL'],
    },
};
const dataset = (side) => ({
    type: 'object',
    properties: {namespace: {type: 'string'}, name: {type: 'string'}, facets, [side]: facets},
    required: ['namespace', 'name'],
    additionalProperties: false,
});

export const runEventSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
        eventType: {enum: ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']},
        eventTime: {type: 'string', format: 'date-time'},
        producer: {type: 'string', format: 'uri'},
        schemaURL: {type: 'string', format: 'uri'},
        run: {
            type: 'object', properties: {runId: {type: 'string', format: 'uuid'}, facets}, required: ['runId'],
            additionalProperties: false,
        },
        job: {
            type: 'object', properties: {namespace: {type: 'string'}, name: {type: 'string'}, facets},
            required: ['namespace', 'name'], additionalProperties: false,
        },
        inputs: {type: 'array', items: dataset('inputFacets')},
        outputs: {type: 'array', items: dataset('outputFacets')},
    },
    required: ['eventTime', 'producer', 'schemaURL', 'run', 'job'],
    additionalProperties: false,
};

// The two published facets that we send.
export const publishedFacets = {
    version: {type: 'object', properties: {datasetVersion: {type: 'string'}}, required: ['datasetVersion']},
    outputStatistics: {
        type: 'object',
        properties: {rowCount: {type: 'integer'}, size: {type: 'integer'}, fileCount: {type: 'integer'}},
    },
};

// What formats mean here; ajv knows none by itself.
export const formats = {
    uri: (text) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(text),
    uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
    'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
};
