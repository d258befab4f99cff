import { installPackages } from '../corpus/packages.mjs';

/** Installs the suite as its lock file says, outside what git sees. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default function installSuite() {
  process.env['CONFORMANCE_PACKAGES'] = installPackages(import.meta.dirname, 'conformance');
}
