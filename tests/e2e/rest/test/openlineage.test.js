// OpenLineage in and out, over a live server: what producers send, what Marquez's readers ask, what we say ourselves.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import Ajv2020 from 'ajv/dist/2020.js';
import {LiveServer} from '../live_server.js';
import {facetEvents, facets, fullEvent, runEvent, text} from '../openlineage_fixtures.js';
import {formats, publishedFacets, runEventSchema} from '../openlineage_schema.js';

const kAdmin = 'an-admin-key-of-the-tests';
const kReader = 'a-reading-key-of-the-tests';
const kStore = 's3://warehouse:9000';
let server;

const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(server.url + path, {method, body, headers: {authorization: `Bearer ${kAdmin}`, ...headers}});
    return {status: answer.status, headers: answer.headers, text: await answer.text()};
};
const get = async (path) => {
    const answer = await call('GET', path);
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text);
};
const refused = async (method, path, body, status) => {
    const answer = await call(method, path, body);
    assert.equal(answer.status, status, answer.text);
    const error = JSON.parse(answer.text);
    assert.deepEqual([Object.keys(error), error.code], [['code', 'message'], status]);
    return error.message;
};
const send = async (event, headers) => {
    const answer = await call('POST', '/api/v1/lineage', typeof event === 'string' ? event : JSON.stringify(event), headers);
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text).id;
};
const native = async (method, path, body, headers) => {
    const answer = await call(method, path, body && JSON.stringify(body), {'content-type': 'application/json', ...headers});
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text).result;
};
const dataset = (name, more = {}, namespace = kStore) => ({namespace, name, ...more});
const part = encodeURIComponent;
const graphOf = async (nodeId, more = '') => get(`/api/v1/lineage?nodeId=${part(nodeId)}${more}`);
// "origin > destination", of all edges, each of which both of its ends know.
const edgesOf = ({graph}) => {
    const out = graph.flatMap((node) => node.outEdges.map((edge) => `${edge.origin} > ${edge.destination}`)).sort();
    const into = graph.flatMap((node) => node.inEdges.map((edge) => `${edge.origin} > ${edge.destination}`)).sort();
    assert.deepEqual(out, into);
    return out;
};

before(async () => {
    server = await LiveServer.start({env: {LINEAL_API_KEY: kAdmin, LINEAL_READ_ONLY_API_KEY: kReader}});
});
after(async () => server?.remove());

describe('Acceptance01: what is sent is taken and read back as it was', () => {
    test('an event of every published facet', async () => {
        const path = fileURLToPath(new URL('../../../../docs/format/openlineage_mapping.json', import.meta.url));
        const mapping = JSON.parse(readFileSync(path, 'utf8')).facets;
        const names = (all) => Object.fromEntries(Object.entries(all).map(([entity, of]) => [entity, Object.keys(of).sort()]));
        assert.deepEqual(names(facets), names(mapping));
        for (const [entity, name, event] of facetEvents()) {
            for (const sent of [text(event), text(event, 3)]) {
                const id = await send(sent);
                const raw = await call('GET', `/v1/openlineage/events/${id}`);
                assert.equal(raw.text, sent, `${entity} ${name}`);
            }
        }
        assert.deepEqual((await native('GET', '/v1/openlineage/rejects')).rejects, []);
    });

    test('an event with everything', async () => {
        const sent = text(fullEvent());
        const id = await send(sent);
        assert.equal((await call('GET', `/v1/openlineage/events/${id}`)).text, sent);
        const {events, totalCount} = JSON.parse((await call('GET', '/api/v1/events/lineage?limit=1')).text);
        assert.deepEqual([events, totalCount], [[JSON.parse(sent)], 1]);
        assert.ok((await call('GET', '/api/v1/events/lineage?limit=1')).text.includes(sent));
        assert.equal(await send(sent), id);
        const all = (await native('GET', '/v1/openlineage/events?limit=1000')).events;
        assert.equal(all.filter((event) => event.id === id).length, 1);
    });

    test('what it says is shown', async () => {
        const job = await get(`/api/v1/namespaces/${part('airflow://etl:8080')}/jobs/full`);
        assert.deepEqual([job.type, job.location, job.description],
            ['STREAMING', 'https://example.com/repo/load.py', 'loads a day']);
        assert.deepEqual(job.inputs, [dataset('full in')]);
        assert.equal(job.latestRun.state, 'COMPLETED');
        const out = await get(`/api/v1/namespaces/${part(kStore)}/datasets/${part('full out')}`);
        assert.deepEqual(out.fields.map(({name, type}) => [name, type]), [['id', 'BIGINT'], ['body', 'STRING']]);
        assert.deepEqual([out.sourceName, out.lastLifecycleState, out.currentVersion], ['warehouse', 'OVERWRITE', '1f']);
        assert.deepEqual(out.symlinks, [{namespace: 'hive://m:9083', name: 'main.texts'}]);
        const {versions} = await get(`/api/v1/namespaces/${part(kStore)}/datasets/${part('full out')}/versions`);
        assert.deepEqual(versions.map(({version, createdByRun, createdAt}) => [version, createdByRun.id, createdAt]),
            [['1f', '0193f0a0-0000-7000-8000-000000000001', '2025-01-01T10:00:00.123456Z']]);
        const run = await get('/api/v1/jobs/runs/0193f0a0-0000-7000-8000-000000000001');
        assert.equal(run.outputDatasets[0].outputFacets.outputStatistics.rowCount, 3);
        assert.equal(run.parentRunId, '0193f0a0-0000-7000-8000-00000000000a');
        const fields = await graphOf(`datasetField:${kStore}:full out:vector`);
        assert.ok(edgesOf(fields).includes(`datasetField:${kStore}:texts:body > datasetField:${kStore}:full out:vector`));
    });

    test('events of datasets and jobs without a run', async () => {
        const base = {eventTime: '2025-02-01T00:00:00Z', producer: 'p', schemaURL: 's'};
        await send({...base, dataset: dataset('alone')});
        await send({...base, job: {namespace: 'static', name: 'declared'}, inputs: [dataset('alone')], outputs: [dataset('made')]});
        assert.deepEqual(edgesOf(await graphOf('job:static:declared')), [
            `dataset:${kStore}:alone > job:static:declared`, `job:static:declared > dataset:${kStore}:made`]);
    });
});

test('Acceptance02: a run id that is no UUID and a producer that is no URI', async () => {
    await send({eventType: 'START', eventTime: '2025-01-01T00:00:00Z', producer: 'producer', schemaURL: 'schema',
        run: {runId: 'run_id'}, job: {namespace: 'namespace', name: 'simple'}});
    const run = await get('/api/v1/jobs/runs/run_id');
    assert.deepEqual([run.id, run.state, run.startedAt, run.endedAt], ['run_id', 'RUNNING', '2025-01-01T00:00:00.000Z', null]);
    assert.deepEqual(run.job, {namespace: 'namespace', name: 'simple'});
});

test('Acceptance03: an end that comes before its start', async () => {
    const job = {namespace: 'late', name: 'start'};
    await send(runEvent('COMPLETE', '2025-01-01T10:10:00Z', 'reordered', {job, outputs: [dataset('late out')]}));
    await send(runEvent('START', '2025-01-01T10:00:00Z', 'reordered', {job, inputs: [dataset('late in')]}));
    const {runs} = await get('/api/v1/namespaces/late/jobs/start/runs');
    assert.deepEqual(runs.map(({id, state, durationMs}) => [id, state, durationMs]), [['reordered', 'COMPLETED', 600_000]]);
    assert.deepEqual(edgesOf(await graphOf(`dataset:${kStore}:late in`)),
        [`dataset:${kStore}:late in > job:late:start`, `job:late:start > dataset:${kStore}:late out`]);
});

describe('Acceptance04: the wire', () => {
    // Text that folds to about a half, as plans do; what folds to nothing is refused as a bomb.
    let random = 1;
    const words = (bytes) => Array.from({length: bytes / 8}, () => {
        random = (random * 1103515245 + 12345) % 2147483648;
        return random.toString(16).padStart(8, '0');
    }).join('');
    const large = (bytes, runId) => JSON.stringify(runEvent('START', '2025-01-01T10:00:00Z', runId, {
        job: {namespace: 'large', name: 'plan'}, run: {facets: {plan: {_producer: 'p', _schemaURL: 's', tree: words(bytes)}}},
    }));

    test('events of 20 kB and 5 MB, plain and gzip', async () => {
        for (const bytes of [20_000, 5_000_000]) {
            for (const encoding of ['plain', 'gzip']) {
                const sent = large(bytes, `${encoding}-${bytes}`);
                const body = encoding === 'gzip' ? gzipSync(sent) : sent;
                const answer = await call('POST', '/api/v1/lineage', body, {
                    'content-type': 'application/json', ...(encoding === 'gzip' && {'content-encoding': 'gzip'})});
                assert.equal(answer.status, 200, answer.text);
                assert.ok((await call('GET', `/v1/openlineage/events/${JSON.parse(answer.text).id}`)).text === sent);
            }
        }
        const listed = await call('GET', '/api/v1/events/lineage?limit=1000');
        assert.ok(listed.text.length < 25_000_000, `${listed.text.length}`);
        const broken = await call('POST', '/api/v1/lineage', 'no gzip', {'content-encoding': 'gzip'});
        assert.equal(broken.status, 400);
    });

    test('keys as elsewhere', async () => {
        const event = JSON.stringify(runEvent('START', '2025-01-01T10:00:00Z', 'unauthorized'));
        for (const [headers, status] of [[{authorization: ''}, 401], [{authorization: 'Bearer wrong'}, 401],
            [{authorization: `Bearer ${kReader}`}, 403], [{authorization: '', 'api-key': kAdmin}, 200]]) {
            assert.equal((await call('POST', '/api/v1/lineage', event, headers)).status, status);
        }
        assert.equal((await call('GET', '/api/v1/namespaces', undefined, {authorization: `Bearer ${kReader}`})).status, 200);
    });

    test('a batch with one bad event of ten', async () => {
        const events = Array.from({length: 10}, (_, i) => runEvent('START', '2025-01-01T10:00:00Z', `batch-${i}`, {
            job: {namespace: 'batch', name: 'b,[{"\\'}}));
        delete events[6].job.name;
        const answer = await call('POST', '/api/v1/lineage/batch', JSON.stringify(events, null, 1));
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(JSON.parse(answer.text), {
            status: 'partial_success', summary: {received: 10, successful: 9, failed: 1},
            failed_events: [{index: 6, reason: 'job.name is missing', retriable: false}]});
        assert.equal((await get('/api/v1/jobs/runs/batch-9')).state, 'RUNNING');
        await refused('GET', '/api/v1/jobs/runs/batch-6', undefined, 404);
        const whole = await call('POST', '/api/v1/lineage/batch', JSON.stringify(events.slice(0, 6)));
        assert.deepEqual(JSON.parse(whole.text), {status: 'success', summary: {received: 6, successful: 6, failed: 0}});
        const {rejects} = await native('GET', '/v1/openlineage/rejects?limit=1');
        assert.deepEqual([rejects[0].reason, JSON.parse(rejects[0].body)], ['job.name is missing', events[6]]);
    });

    test('what is no event is refused in words', async () => {
        assert.match(await refused('POST', '/api/v1/lineage', '{"eventTime":', 400), /invalid JSON/);
        assert.match(await refused('POST', '/api/v1/lineage', '{}', 400), /eventTime is missing/);
        assert.match(await refused('POST', '/api/v1/lineage', '', 400), /invalid JSON/);
        assert.match(await refused('POST', '/api/v1/lineage/batch', '{}', 400), /list of events/);
        assert.match(await refused('POST', '/api/v1/lineage/batch', '[{},]', 400), /an event is missing/);
        assert.match(await refused('POST', '/api/v1/lineage', Buffer.from('{"eventTime":"\xff"}', 'latin1'), 400), /UTF-8/);
        assert.equal(await refused('GET', '/api/v1/nothing', undefined, 404), 'Not found: there is no such path');
        assert.match(await refused('GET', '/api/v1/lineage', undefined, 400), /nodeId is missing/);
        assert.match(await refused('GET', '/api/v1/lineage?nodeId=job:a:b&depth=-1', undefined, 400), /depth/);
        const {rejects} = await native('GET', '/v1/openlineage/rejects?limit=1');
        assert.deepEqual(Buffer.from(rejects[0].body_base64, 'base64').toString('latin1'), '{"eventTime":"\xff"}');
    });
});

describe('Acceptance05: what we say ourselves', () => {
    const ajv = new Ajv2020({strict: true, allErrors: true, formats});
    const validate = (schema, value) => assert.ok(ajv.validate(schema, value), JSON.stringify(ajv.errors));
    const runId = '0193f0a0-1111-7000-8000-000000000001';
    const upstream = {namespace: 'airflow://etl:8080', name: 'embed'};
    const ours = (name) => `lineal://${new URL(server.url).host}:${name}`;
    let session;

    before(async () => {
        const vectors = {size: 2, distance: 'Cosine'};
        await native('PUT', '/collections/docs', {vectors});
        await native('PUT', '/collections/untouched', {vectors});
        await send(runEvent('START', '2025-03-01T10:00:00Z', runId, {job: upstream, inputs: [dataset('pages')]}));
        session = await native('POST', '/v1/lineage/sessions', {job: 'nightly', run: runId, transform: 'chunks', parameters: {size: 200}});
        const points = [{id: 1, vector: [1, 0]}, {id: 2, vector: [0, 1]}, {id: 3, vector: [1, 1]}];
        await native('PUT', '/collections/docs/points?wait=true', {points}, {'lineal-session': session.id});
        await native('POST', '/v1/lineage/sessions/' + session.id + '/close', {state: 'complete'});
    });

    test('is valid, and its own facets have schemas that are served', async () => {
        const {events} = await native('GET', `/v1/exports/openlineage/sessions/${session.id}`);
        assert.deepEqual(events.map((event) => event.eventType), ['START', 'COMPLETE']);
        const own = new Set();
        for (const event of events) {
            validate(runEventSchema, event);
            assert.equal(event.run.runId, runId);
            const all = [event.run, event.job, ...event.inputs, ...event.outputs];
            for (const [name, one] of all.flatMap((of) => Object.entries({...of.facets, ...of.inputFacets, ...of.outputFacets}))) {
                const [url, pointer] = one._schemaURL.split('#');
                if (name in publishedFacets) {
                    validate(publishedFacets[name], one);
                    continue;
                }
                assert.match(name, /^lineal_[a-zA-Z]+$/);
                own.add(name);
                const schema = await (await fetch(url)).json();
                if (!ajv.getSchema(url)) ajv.addSchema(schema, url);
                validate({$ref: one._schemaURL}, one);
                assert.equal(pointer, schema.properties[name].$ref.slice(1));
                assert.ok(!ajv.validate({$ref: one._schemaURL}, {...one, surprise: 1}));
            }
        }
        assert.deepEqual([...own].sort(), ['lineal_revision', 'lineal_session']);
        const [output] = events[1].outputs;
        const {seqs} = output.facets.lineal_revision;
        assert.deepEqual([output.namespace, output.name, output.outputFacets.outputStatistics.rowCount],
            [`lineal://${new URL(server.url).host}`, 'docs', 3]);
        assert.equal(output.facets.version.datasetVersion, seqs.join(','));
        const count = await native('POST', `/collections/docs/points/count?as_of_seq=${seqs.join(',')}`, {exact: true});
        assert.equal(count.count, 3);
        assert.equal(events[1].outputs.length, 1);
    });

    test('the facet of spaces has the shape of its schema', async () => {
        const name = 'LinealEmbeddingSpaceDatasetFacet';
        const schema = await (await fetch(`${server.url}/v1/schemas/${name}.json`)).json();
        const validates = new Ajv2020({strict: true, formats}).compile(schema);
        // As engine/lineage/session_events_test.cc has it.
        const space = {vector: 'text', id: '00112233445566778899aabbccddeeff', model: 'use-lite', dimension: 384};
        const one = {_producer: 'urn:lineal', _schemaURL: `${server.url}/v1/schemas/${name}.json#/$defs/${name}`};
        assert.ok(validates({lineal_embeddingSpace: {...one, spaces: [space]}}), JSON.stringify(validates.errors));
        assert.ok(validates({lineal_embeddingSpace: {...one, spaces: [{...space, name: 'n', modelVersion: '2', metric: 'Cosine'}]}}));
        for (const bad of [{...space, id: 'short'}, {...space, dimension: 0}, {...space, model: undefined}]) {
            assert.ok(!validates({lineal_embeddingSpace: {...one, spaces: [JSON.parse(JSON.stringify(bad))]}}));
        }
    });

    test('every schema is one, and an unknown one is not there', async () => {
        for (const name of ['LinealSessionRunFacet', 'LinealEmbeddingSpaceDatasetFacet', 'LinealRevisionDatasetFacet']) {
            const answer = await fetch(`${server.url}/v1/schemas/${name}.json`);
            const schema = await answer.json();
            assert.ok(new Ajv2020({strict: true, formats}).validateSchema(schema));
            assert.ok(schema.$defs[name]);
        }
        assert.equal((await fetch(`${server.url}/v1/schemas/nothing.json`)).status, 404);
    });

    test('joins what others say of the same run', async () => {
        const job = 'job:airflow://etl:8080:embed';
        assert.deepEqual(edgesOf(await graphOf(job)), [
            `dataset:${kStore}:pages > ${job}`, `dataset:${kStore}:pages > job:${ours('nightly')}`,
            `${job} > dataset:${ours('docs')}`, `job:${ours('nightly')} > dataset:${ours('docs')}`].sort());
        const run = await get(`/api/v1/jobs/runs/${runId}`);
        assert.deepEqual([run.job, run.state], [upstream, 'RUNNING']);
        await send(runEvent('FAIL', '2025-03-01T10:30:00Z', runId, {job: upstream}));
        assert.equal((await get(`/api/v1/jobs/runs/${runId}`)).state, 'FAILED');
    });

    test('a session without a run of others is a run, and one that failed says so', async () => {
        const alone = await native('POST', '/v1/lineage/sessions', {});
        assert.equal((await get(`/api/v1/jobs/runs/${alone.id}`)).state, 'RUNNING');
        await native('POST', `/v1/lineage/sessions/${alone.id}/close`, {state: 'failed'});
        const run = await get(`/api/v1/jobs/runs/${alone.id}`);
        assert.deepEqual([run.state, run.job], ['FAILED', {namespace: `lineal://${new URL(server.url).host}`, name: 'ingest'}]);
        const {events} = await native('GET', `/v1/exports/openlineage/sessions/${alone.id}`);
        for (const event of events) validate(runEventSchema, event);
        assert.deepEqual(events.map((event) => event.eventType), ['START', 'FAIL']);
    });
});

describe('Acceptance06: names that are easily cut in the wrong place', () => {
    const names = [['postgres://db.host:5432', 'shop.public.orders'], ['s3://bucket:9000', '2024/01/data'],
        ['kafka://h:9092', '1:2:3'], ['n', '7'], ['with space/é', '100%25 of #1'], ['file', '/a//b:80'], ['a:b', 'c:d']];

    test('round-trip through every path', async () => {
        for (const [namespace, name] of names) {
            const job = {namespace, name: `${name}:job`};
            await send(runEvent('COMPLETE', '2025-01-01T10:00:00Z', `of ${namespace}/${name}`, {
                job, outputs: [dataset(name, {facets: {version: {_producer: 'p', _schemaURL: 's', datasetVersion: '1'}}}, namespace)]}));
            const listed = (await get('/api/v1/namespaces')).namespaces.map((one) => one.name);
            assert.ok(listed.includes(namespace), namespace);
            const {datasets} = await get(`/api/v1/namespaces/${part(namespace)}/datasets`);
            assert.ok(datasets.some((one) => one.name === name && one.namespace === namespace));
            const one = await get(`/api/v1/namespaces/${part(namespace)}/datasets/${part(name)}`);
            assert.deepEqual(one.id, {namespace, name});
            const {versions} = await get(`/api/v1/namespaces/${part(namespace)}/datasets/${part(name)}/versions`);
            assert.deepEqual(versions.map((version) => version.version), ['1']);
            const {runs} = await get(`/api/v1/namespaces/${part(namespace)}/jobs/${part(job.name)}/runs`);
            assert.deepEqual(runs.map((run) => run.id), [`of ${namespace}/${name}`]);
            assert.equal((await get(`/api/v1/jobs/runs/${part(runs[0].id)}`)).id, runs[0].id);
            const id = `dataset:${namespace}:${name}`;
            const from = await graphOf(id);
            assert.equal(from.graph[0].id, id);
            assert.deepEqual(from.graph[0].data.id, {namespace, name});
            for (const node of from.graph) assert.deepEqual((await graphOf(node.id)).graph[0].id, node.id);
            const escaped = await graphOf(`dataset:${part(namespace)}:${part(name)}`);
            assert.equal(escaped.graph[0].id, id);
        }
    });

    test('an id that fits two nodes is refused until it is escaped', async () => {
        for (const [namespace, name] of [['x:y', 'z'], ['x', 'y:z']]) {
            await send({eventTime: '2025-01-01T10:00:00Z', producer: 'p', schemaURL: 's', dataset: {namespace, name}});
        }
        const message = await refused('GET', `/api/v1/lineage?nodeId=${part('dataset:x:y:z')}`, undefined, 400);
        assert.match(message, /fits 2 nodes/);
        for (const [id, namespace] of [['dataset:x%3Ay:z', 'x:y'], ['dataset:x:y%3Az', 'x']]) {
            assert.equal((await graphOf(id)).graph[0].data.namespace, namespace);
        }
        await refused('GET', `/api/v1/lineage?nodeId=${part('dataset:x:nowhere')}`, undefined, 404);
        await refused('GET', `/api/v1/lineage?nodeId=${part('thing:x:y')}`, undefined, 400);
    });
});

test('all of it is there after a kill', async () => {
    const sent = text(runEvent('START', '2025-05-01T10:00:00Z', 'survivor', {inputs: [dataset('kept')]}));
    const id = await send(sent);
    const {home, dataDir} = server;
    await server.stop('SIGKILL');
    server = await LiveServer.start({dataDir, env: {LINEAL_API_KEY: kAdmin, LINEAL_READ_ONLY_API_KEY: kReader}});
    server.home = home;
    assert.equal((await call('GET', `/v1/openlineage/events/${id}`)).text, sent);
    assert.equal((await get('/api/v1/jobs/runs/survivor')).state, 'RUNNING');
});
