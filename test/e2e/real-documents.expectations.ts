import { gitlab } from './real-documents/gitlab.expectations.js';
import { jira } from './real-documents/jira.expectations.js';
import { kubernetes } from './real-documents/kubernetes.expectations.js';
import type { DocumentExpectation } from './real-documents/request.expectation.js';
import { stripe } from './real-documents/stripe.expectations.js';

/** Operation counts were taken with a JSON query of the documents (`paths.*.{method}`), not with our index. */
export const realDocuments: readonly DocumentExpectation[] = [
  { file: 'jira.json', operations: 499, requests: jira },
  { file: 'kubernetes-v3.json', operations: 845, requests: kubernetes },
  { file: 'stripe-2022-04-v3.json', operations: 417, requests: stripe },
  { file: 'gitlab.json', operations: 358, requests: gitlab },
];
