/** The native entry that is measured: the answer of the API in the other runs, without the API. */
const item = { id: '42', status: 'open', title: 'bench-marker-7d1c', lines: [{ sku: 'a-1', quantity: 2 }, { sku: 'b-2', quantity: 1 }], total: 129.9 };

export default ({ defineEntries, tool, z }) => defineEntries('own', [tool({ name: 'getItem', description: 'Gets an item.', input: z.strictObject({ id: z.string() }) }, ({ id }) => ({ ...item, id }))]);
