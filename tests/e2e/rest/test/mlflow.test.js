// The model registry as MLflow's clients see it, over a live server.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {LiveServer} from '../live_server.js';

let server;

const send = async (method, path, fields, {prefix = '/api', headers = {}} = {}) => {
    const target = new URL(`${server.url}${prefix}/2.0/mlflow/${path}`);
    const init = {method, headers: {...headers}};
    if (method === 'GET') {
        for (const [name, value] of Object.entries(fields)) {
            for (const one of [value].flat()) target.searchParams.append(name, one);
        }
    } else {
        init.headers['content-type'] = 'application/json';
        init.body = JSON.stringify(fields);
    }
    const answer = await fetch(target, init);
    return {status: answer.status, body: await answer.json()};
};
const call = async (method, path, fields, options) => {
    const {status, body} = await send(method, path, fields, options);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
};
const refused = async (method, path, fields, status, code) => {
    const answer = await send(method, path, fields);
    assert.deepEqual([answer.status, answer.body.error_code], [status, code], JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body).sort(), ['error_code', 'message']);
    return answer.body.message;
};
const native = async (method, path, body) => {
    const answer = await fetch(server.url + path, {method, body: body && JSON.stringify(body)});
    return {status: answer.status, ...(await answer.json())};
};
const create = async (name, fields = {}) =>
    (await call('POST', 'model-versions/create', {name, source: `s3://bucket/${name}`, ...fields})).model_version;
const restart = async (signal) => {
    const {home, dataDir} = server;
    await server.stop(signal);
    server = await LiveServer.start({dataDir});
    server.home = home;
};

before(async () => {
    server = await LiveServer.start();
});
after(async () => server?.remove());

describe('MLflow', () => {
    test('registers a model as register_model does', async () => {
        const began = Date.now();
        const {registered_model: model} = await call('POST', 'registered-models/create', {
            name: 'use lite é@1', description: 'sentences', tags: [{key: 'team', value: 'search'}],
        });
        assert.equal(model.name, 'use lite é@1');
        assert.deepEqual(model.tags, [{key: 'team', value: 'search'}]);
        assert.equal(typeof model.creation_timestamp, 'number');
        assert.ok(model.creation_timestamp >= began - 1000 && model.creation_timestamp <= Date.now() + 1000);
        await refused('POST', 'registered-models/create', {name: 'use lite é@1'}, 400, 'RESOURCE_ALREADY_EXISTS');
        const version = await create('use lite é@1', {run_id: '0123'});
        assert.deepEqual([version.version, version.status, version.current_stage], ['1', 'READY', 'None']);
        const got = await call('GET', 'model-versions/get', {name: 'use lite é@1', version: '1'}, {prefix: '/ajax-api'});
        assert.deepEqual(got.model_version, version);
        const {registered_model: again} = await call('GET', 'registered-models/get', {name: 'use lite é@1'});
        assert.deepEqual(again.latest_versions, [version]);
    });

    test('sets, reads and deletes an alias, and keeps how it moved', async () => {
        await call('POST', 'registered-models/create', {name: 'aliased'});
        for (const version of ['1', '2']) assert.equal((await create('aliased')).version, version);
        for (const version of ['1', '2']) {
            await call('POST', 'registered-models/alias', {name: 'aliased', alias: 'champion', version});
            const {model_version: found} = await call('GET', 'registered-models/alias', {name: 'aliased', alias: 'champion'});
            assert.deepEqual([found.version, found.aliases], [version, ['champion']]);
        }
        const {artifact_uri: uri} = await call('GET', 'model-versions/get-download-uri', {name: 'aliased', version: '2'});
        assert.equal(uri, 's3://bucket/aliased');
        await call('DELETE', 'registered-models/alias', {name: 'aliased', alias: 'champion'});
        const said = await refused('GET', 'registered-models/alias', {name: 'aliased', alias: 'champion'}, 400, 'INVALID_PARAMETER_VALUE');
        assert.equal(said, 'Registered model alias champion not found.');
        const {result} = await native('GET', '/v1/models/aliased/aliases/champion/moves');
        assert.deepEqual(result.moves.map(({from, to}) => [from, to]), [[undefined, 1], [1, 2], [2, undefined]]);
    });

    test('moves versions between stages', async () => {
        await call('POST', 'registered-models/create', {name: 'staged'});
        for (const version of ['1', '2']) {
            await create('staged');
            await call('POST', 'model-versions/transition-stage', {name: 'staged', version, stage: 'Production', archive_existing_versions: true});
        }
        const {model_versions: latest} = await call('GET', 'registered-models/get-latest-versions', {name: 'staged'});
        assert.deepEqual(latest.map(({version, current_stage}) => [version, current_stage]).sort(), [['1', 'Archived'], ['2', 'Production']]);
    });

    test('moves a guarded alias only with a verdict', async () => {
        await call('POST', 'registered-models/create', {name: 'guarded', tags: [{key: 'lineal.guarded_aliases', value: 'production'}]});
        await create('guarded');
        const move = {name: 'guarded', alias: 'production', version: '1'};
        assert.match(await refused('POST', 'registered-models/alias', move, 409, 'RESOURCE_CONFLICT'), /lineal\.verdict/);
        assert.equal((await call('GET', 'registered-models/get', {name: 'guarded'})).registered_model.aliases, undefined);
        await call('POST', 'model-versions/set-tag', {name: 'guarded', version: '1', key: 'lineal.verdict', value: 'pass'});
        await call('POST', 'registered-models/alias', move);
    });

    test('searches page by page', async () => {
        for (const name of ['page a', 'page b', 'page c']) await call('POST', 'registered-models/create', {name});
        const names = [];
        for (let page_token; ; ) {
            const page = await call('GET', 'registered-models/search', {
                filter: "name LIKE 'page %'", max_results: 2, order_by: ['name DESC'], ...(page_token && {page_token}),
            });
            names.push(...page.registered_models.map(({name}) => name));
            page_token = page.next_page_token;
            if (!page_token) break;
        }
        assert.deepEqual(names, ['page c', 'page b', 'page a']);
        const found = await call('GET', 'model-versions/search', {filter: "name = 'use lite é@1' AND run_id IN ('0123')"});
        assert.deepEqual(found.model_versions.map(({version}) => version), ['1']);
        await refused('GET', 'model-versions/search', {filter: 'size > 3'}, 400, 'INVALID_PARAMETER_VALUE');
    });

    test('refuses sources that lead to files', async () => {
        for (const source of ['/etc/passwd', 'file:///etc/passwd', 's3://b/../c', 'https://h/%2e%2e/c']) {
            await refused('POST', 'model-versions/create', {name: 'aliased', source}, 400, 'INVALID_PARAMETER_VALUE');
        }
    });
});

describe('a withdrawn version', () => {
    test('stays withdrawn over a kill, and no alias moves to it', async () => {
        await call('POST', 'registered-models/create', {name: 'leaky'});
        await create('leaky');
        await create('leaky');
        await call('POST', 'registered-models/alias', {name: 'leaky', alias: 'live', version: '2'});
        const {result} = await native('POST', '/v1/models/leaky/versions/1/withdraw', {reason: 'trained on secrets'});
        assert.deepEqual([result.state, result.reason], ['withdrawn', 'trained on secrets']);
        await restart('SIGKILL');
        const {result: kept} = await native('GET', '/v1/models/leaky/versions/1');
        assert.deepEqual([kept.state, kept.reason], ['withdrawn', 'trained on secrets']);
        const {model_version: seen} = await call('GET', 'model-versions/get', {name: 'leaky', version: '1'});
        assert.deepEqual([seen.status, seen.status_message], ['FAILED_REGISTRATION', 'withdrawn: trained on secrets']);
        const said = await refused('POST', 'registered-models/alias', {name: 'leaky', alias: 'live', version: '1'}, 409, 'RESOURCE_CONFLICT');
        assert.match(said, /trained on secrets/);
        const {model_version: live} = await call('GET', 'registered-models/alias', {name: 'leaky', alias: 'live'});
        assert.equal(live.version, '2');
        await refused('DELETE', 'model-versions/delete', {name: 'leaky', version: '1'}, 409, 'RESOURCE_CONFLICT');
        assert.equal((await create('leaky')).version, '3');
    });
});

describe('keys', () => {
    test('are taken as a bearer token, and refusals have the same shape', async () => {
        const open = server;
        server = await LiveServer.start({env: {LINEAL_API_KEY: 'admin-key-0123456789', LINEAL_READ_ONLY_API_KEY: 'reader-key-0123456789'}});
        try {
            const bearer = (key) => ({headers: {authorization: `Bearer ${key}`}});
            const code = async (options) => {
                const {status, body} = await send('POST', 'registered-models/create', {name: 'm'}, options);
                return [status, body.error_code];
            };
            assert.deepEqual(await code({}), [401, 'UNAUTHENTICATED']);
            assert.deepEqual(await code(bearer('reader-key-0123456789')), [403, 'PERMISSION_DENIED']);
            assert.deepEqual(await code(bearer('admin-key-0123456789')), [200, undefined]);
            await call('GET', 'registered-models/get', {name: 'm'}, bearer('reader-key-0123456789'));
        } finally {
            await server.remove();
            server = open;
        }
    });
});
