/** One person or machine of the demo; the password is the name. */
export interface DemoAccount {
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
}

export const apiScopes = ['orders:read', 'orders:write'] as const;

export const users: readonly DemoAccount[] = [
  { name: 'alice', tenant: 'acme', scopes: ['orders:read', 'orders:write'] },
  { name: 'carol', tenant: 'acme', scopes: ['orders:read'] },
  { name: 'bob', tenant: 'globex', scopes: ['orders:read', 'orders:write'] },
];

export const machines: readonly DemoAccount[] = [{ name: 'ci', tenant: 'acme', scopes: ['orders:read', 'orders:write'] }];

export function findUser(name: string | undefined): DemoAccount | undefined {
  return users.find((user) => user.name === name);
}

export function findUserByPassword(name: string, password: string): DemoAccount | undefined {
  return password === name ? findUser(name) : undefined;
}

export function findMachine(clientId: string | undefined): DemoAccount | undefined {
  return machines.find((machine) => machine.name === clientId);
}
