import { itemsDocument } from './gateway.js';

const nouns = ['invoice', 'customer', 'shipment', 'refund', 'warehouse', 'supplier', 'contract', 'employee', 'vehicle', 'ticket'];

/** The document of the API `items` with as many further operations: `readInvoice0`, … */
export function largeDocument(further: number): object {
  const paths: Record<string, unknown> = { ...itemsDocument.paths };
  for (let number = 0; number < further; number += 1) {
    const noun = nouns[number % nouns.length] ?? '';
    const at = Math.floor(number / nouns.length);
    paths[`/${noun}s-${at}/{id}`] = {
      get: {
        operationId: `read${noun.charAt(0).toUpperCase()}${noun.slice(1)}${at}`,
        summary: `Read one ${noun} of kind ${at}`,
        description: `Gives the ${noun} with its state and history.`,
        tags: [`${noun}s`],
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
          { name: `X-${noun}.Version`, in: 'header', schema: { type: 'string' } },
        ],
        responses: {},
      },
    };
  }
  return { ...itemsDocument, paths };
}
