import { stopKeycloak } from './server.mjs';

// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default stopKeycloak;
