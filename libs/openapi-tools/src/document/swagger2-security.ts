import { own, ownObject, ownString, type JsonObject } from '../json.js';

const flowNames: Readonly<Record<string, string>> = {
  implicit: 'implicit',
  password: 'password',
  application: 'clientCredentials',
  accessCode: 'authorizationCode',
};

/** A Security Scheme Object of Swagger 2.0 in the shape of OpenAPI 3: `basic` is an HTTP scheme, an oauth2 `flow` one of `flows`. */
export function readSecurityDefinition(scheme: JsonObject): JsonObject {
  const description = ownString(scheme, 'description');
  const described = description === undefined ? {} : { description };
  const type = own(scheme, 'type');
  if (type === 'basic') return { ...described, type: 'http', scheme: 'basic' };
  if (type !== 'oauth2') return scheme;
  const written = ownString(scheme, 'flow') ?? '';
  const name = Object.hasOwn(flowNames, written) ? (flowNames[written] ?? written) : written;
  const flow = Object.fromEntries(
    ['authorizationUrl', 'tokenUrl'].flatMap((member) => {
      const value = ownString(scheme, member);
      return value === undefined ? [] : [[member, value]];
    }),
  );
  return { ...described, type: 'oauth2', flows: { [name]: { ...flow, scopes: ownObject(scheme, 'scopes') ?? {} } } };
}
