/** The OpenAPI documents of the run: a small API whose operations misbehave on demand, and one of more than a thousand operations. */

/** More than the gateway puts on one page. */
export const BULK_OPERATIONS = 1_050;
/** What every caller of the small API sees, whatever was added during the run. */
export const PROBE_TOOLS = ['probe_echo', 'probe_fail', 'probe_wait', 'probe_write'];

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const answers = { 200: { description: 'Done', content: { 'application/json': { schema: { type: 'object' } } } } };

/** @param {number} additions how many operations it has got since the start: adding one never breaks a caller */
export function describeProbe(additions) {
  /** @type {Record<string, object>} */
  const paths = {
    '/echo/{id}': {
      post: {
        operationId: 'echo',
        summary: 'Takes values of every kind',
        parameters: [id, { name: 'q', in: 'query', required: true, schema: { type: 'string' } }],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  text: { type: 'string' },
                  decimal: { type: 'number' },
                  big: { type: 'integer' },
                  flag: { type: 'boolean' },
                  list: { type: 'array', items: { type: 'string' } },
                  inner: { type: 'object', properties: { empty: { type: 'string' } } },
                },
                required: ['text', 'decimal', 'big', 'flag', 'list', 'inner'],
              },
            },
          },
        },
        responses: answers,
      },
    },
    '/fail/{id}': { get: { operationId: 'fail', summary: 'Always refused by the API', parameters: [id], responses: answers } },
    '/wait/{id}': { get: { operationId: 'wait', summary: 'Answers after a long time', parameters: [id], responses: answers } },
    '/write/{id}': { post: { operationId: 'write', summary: 'Needs a scope that signing in does not give at once', security: [{ oauth: ['orders:write'] }], parameters: [id], responses: answers } },
  };
  for (let addition = 1; addition <= additions; addition += 1) {
    paths[`/added/${addition}`] = { get: { operationId: `added${addition}`, summary: `Added while clients listen, number ${addition}`, responses: answers } };
  }
  return describeApi('Probe', paths);
}

export function describeBulk() {
  const paths = Object.fromEntries(
    Array.from({ length: BULK_OPERATIONS }, (_, index) => [
      `/bulk/${index}/{id}`,
      {
        get: {
          operationId: nameBulk(index),
          summary: `Reads record ${index} of the large API`,
          parameters: [id, { name: 'fields', in: 'query', schema: { type: 'array', items: { type: 'string' } } }],
          responses: answers,
        },
      },
    ]),
  );
  return describeApi('Bulk', paths);
}

/** @param {number} index */
export function nameBulk(index) {
  return `read${String(index).padStart(4, '0')}`;
}

/** @param {string} title @param {Record<string, object>} paths */
function describeApi(title, paths) {
  return {
    openapi: '3.1.0',
    info: { title, version: '1' },
    components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
    security: [{ oauth: ['orders:read'] }],
    paths,
  };
}
