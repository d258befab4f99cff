import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The whole OpenAPI document of Keycloak's Admin REST API (of Keycloak 10; what is used here is as it was). */
const whole = resolve(import.meta.dirname, '../../../../shared/openapi/keycloak.json');

const query = (name: string, type = 'string') => ({ in: 'query', name, schema: { type } });
const path = (name: string) => ({ in: 'path', name, required: true, schema: { type: 'string' } });

/** What the tests call of it, where the whole is not at hand. */
const excerpt = {
  openapi: '3.0.2',
  info: { title: 'Keycloak Admin REST API', version: '1' },
  servers: [{ url: 'http://keycloak.local' }],
  security: [{ access_token: [] }],
  components: { securitySchemes: { access_token: { scheme: 'bearer', type: 'http' } } },
  paths: {
    '/{realm}/users': { parameters: [path('realm')], get: { summary: 'Get users', parameters: [query('username'), query('max', 'integer')], responses: {} } },
    '/{realm}/users/{id}': { parameters: [path('realm'), path('id')], get: { summary: 'Get representation of the user', responses: {} } },
    '/{realm}/clients': { parameters: [path('realm')], get: { summary: 'Get clients belonging to the realm', parameters: [query('clientId')], responses: {} } },
  },
};

export const hasWholeDocument = existsSync(whole);

export const adminApiDocument: string = hasWholeDocument ? readFileSync(whole, 'utf8') : JSON.stringify(excerpt);
