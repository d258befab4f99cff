import { prepareEnvironment, startKeycloak } from './server.mjs';

/** One Keycloak for all specs of a run; they find it by the environment. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default async function startForAllSpecs() {
  await prepareEnvironment();
  await startKeycloak();
}
