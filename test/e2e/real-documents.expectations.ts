/**
 * What calls of real documents' operations must look like on the wire. Written by hand from the documents and the OpenAPI
 * Specification's style tables, never from the output of our code.
 */
export interface RequestExpectation {
  /** What it shows. */
  readonly shows: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly method: string;
  /** Raw path below the base URL. */
  readonly path: string;
  /** Raw query without `?`; empty when there is none. */
  readonly query: string;
  /** Headers that must have exactly this value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exact text of the body; absent when there must be none. */
  readonly body?: string;
}

export interface DocumentExpectation {
  /** File below `shared/openapi`. */
  readonly file: string;
  readonly operations: number;
  readonly requests: readonly RequestExpectation[];
}

const accept = 'application/json, */*;q=0.1';
const json = { accept, 'content-type': 'application/json' };

const jira: readonly RequestExpectation[] = [
  {
    shows: 'a path parameter, an exploded array, a boolean; defaults are not sent',
    tool: 'getIssue',
    arguments: { issueIdOrKey: 'PROJ-123', fields: ['summary', '*all', '-comment'], updateHistory: true },
    method: 'GET',
    path: '/rest/api/3/issue/PROJ-123',
    query: 'fields=summary&fields=%2Aall&fields=-comment&updateHistory=true',
    headers: { accept },
  },
  {
    shows: 'reserved characters and UTF-8 in the query',
    tool: 'searchForIssuesUsingJql',
    arguments: { jql: 'project = "R&D" AND text ~ "größe+1" ORDER BY created', startAt: 0, maxResults: 25, validateQuery: 'warn' },
    method: 'GET',
    path: '/rest/api/3/search',
    query:
      'jql=project%20%3D%20%22R%26D%22%20AND%20text%20~%20%22gr%C3%B6%C3%9Fe%2B1%22%20ORDER%20BY%20created&startAt=0&maxResults=25&validateQuery=warn',
    headers: { accept },
  },
  {
    shows: 'a flattened body beside a query parameter, an explicit null kept',
    tool: 'createIssue',
    arguments: {
      updateHistory: false,
      fields: { project: { key: 'PROJ' }, summary: 'Prüfung "A/B"', duedate: null },
      update: { labels: [{ add: 'triage' }] },
    },
    method: 'POST',
    path: '/rest/api/3/issue',
    query: 'updateHistory=false',
    headers: json,
    body: '{"fields":{"project":{"key":"PROJ"},"summary":"Prüfung \\"A/B\\"","duedate":null},"update":{"labels":[{"add":"triage"}]}}',
  },
  {
    shows: 'a body without a schema, unusual characters in a path segment',
    tool: 'setIssueProperty',
    arguments: { issueIdOrKey: '10001', propertyKey: 'my key/ä;v=1?#%', body: { done: true, note: null, list: [1, 2.5] } },
    method: 'PUT',
    path: '/rest/api/3/issue/10001/properties/my%20key%2F%C3%A4%3Bv%3D1%3F%23%25',
    query: '',
    headers: json,
    body: '{"done":true,"note":null,"list":[1,2.5]}',
  },
  {
    shows: 'a body that is one string',
    tool: 'addWatcher',
    arguments: { issueIdOrKey: 'PROJ-1', body: '5b10ac8d82e05b22cc7d4ef5' },
    method: 'POST',
    path: '/rest/api/3/issue/PROJ-1/watchers',
    query: '',
    headers: json,
    body: '"5b10ac8d82e05b22cc7d4ef5"',
  },
  {
    shows: 'a body property that is itself called "body"',
    tool: 'addComment',
    arguments: {
      issueIdOrKey: 'PROJ-1',
      expand: 'renderedBody',
      body: { type: 'doc', version: 1, content: [] },
      visibility: { type: 'role', value: 'Administrators' },
    },
    method: 'POST',
    path: '/rest/api/3/issue/PROJ-1/comment',
    query: 'expand=renderedBody',
    headers: json,
    body: '{"body":{"type":"doc","version":1,"content":[]},"visibility":{"type":"role","value":"Administrators"}}',
  },
  {
    shows: 'a delete without a body; the text "true" of a string enum stays text',
    tool: 'deleteIssue',
    arguments: { issueIdOrKey: 'PROJ-1', deleteSubtasks: 'true' },
    method: 'DELETE',
    path: '/rest/api/3/issue/PROJ-1',
    query: 'deleteSubtasks=true',
    headers: { accept },
  },
  {
    shows: 'an array body of media type */*, sent as JSON',
    tool: 'setUserColumns',
    arguments: { accountId: '557058:f58131cb-b67d', body: ['issuetype', 'summary'] },
    method: 'PUT',
    path: '/rest/api/3/user/columns',
    query: 'accountId=557058%3Af58131cb-b67d',
    headers: json,
    body: '["issuetype","summary"]',
  },
  {
    shows: 'a header parameter beside a flattened body',
    tool: 'MigrationResource_workflowRuleSearch_post',
    arguments: {
      'Atlassian-Transfer-Id': '11111111-2222-4333-8444-555555555555',
      workflowEntityId: 'a498d711-685d-428d-8c3e-bc03bb450ea7',
      ruleIds: ['55d44f1d-c859-42e5-9c27-2c5ec3f340b1'],
    },
    method: 'POST',
    path: '/rest/atlassian-connect/1/migration/workflow/rule/search',
    query: '',
    headers: { ...json, 'atlassian-transfer-id': '11111111-2222-4333-8444-555555555555' },
    body: '{"workflowEntityId":"a498d711-685d-428d-8c3e-bc03bb450ea7","ruleIds":["55d44f1d-c859-42e5-9c27-2c5ec3f340b1"]}',
  },
  {
    shows: 'arrays of integers and of enum values, a plus sign that must not become a space',
    tool: 'searchProjects',
    arguments: { maxResults: 10, orderBy: '+name', id: [10000, 10001], query: 'key & name', status: ['live', 'archived'], typeKey: 'business,software' },
    method: 'GET',
    path: '/rest/api/3/project/search',
    query: 'maxResults=10&orderBy=%2Bname&id=10000&id=10001&query=key%20%26%20name&typeKey=business%2Csoftware&status=live&status=archived',
    headers: { accept },
  },
];

const kubernetes: readonly RequestExpectation[] = [
  {
    shows: 'no arguments; the path keeps its trailing slash',
    tool: 'getCodeVersion',
    arguments: {},
    method: 'GET',
    path: '/version/',
    query: '',
    headers: { accept },
  },
  {
    shows: 'a label selector with every kind of delimiter',
    tool: 'listCoreV1NamespacedPod',
    arguments: { namespace: 'kube-system', labelSelector: 'app in (web,api),tier!=db', limit: 500, continue: 'eyJ2IjoibWV0YSJ9==' },
    method: 'GET',
    path: '/api/v1/namespaces/kube-system/pods',
    query: 'continue=eyJ2IjoibWV0YSJ9%3D%3D&labelSelector=app%20in%20%28web%2Capi%29%2Ctier%21%3Ddb&limit=500',
    headers: { accept },
  },
  {
    shows: 'watch flags; path parameters declared after query parameters',
    tool: 'watchCoreV1NamespacedPod',
    arguments: { name: 'web-0', namespace: 'default', watch: true, allowWatchBookmarks: false, timeoutSeconds: 5 },
    method: 'GET',
    path: '/api/v1/watch/namespaces/default/pods/web-0',
    query: 'allowWatchBookmarks=false&timeoutSeconds=5&watch=true',
    headers: { accept },
  },
  {
    shows: 'a large recursive body schema, the body behind a $ref',
    tool: 'createCoreV1NamespacedPod',
    arguments: {
      namespace: 'default',
      dryRun: 'All',
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }] },
    },
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    query: 'dryRun=All',
    headers: json,
    body: '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app.kubernetes.io/name":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.29","ports":[{"containerPort":80}]}]}}',
  },
  {
    shows: 'a delete with a body whose properties share names with query parameters',
    tool: 'deleteCoreV1NamespacedPod',
    arguments: {
      name: 'web',
      namespace: 'default',
      gracePeriodSeconds__query: 0,
      propagationPolicy__query: 'Foreground',
      gracePeriodSeconds: 30,
      preconditions: { uid: '5d2f' },
    },
    method: 'DELETE',
    path: '/api/v1/namespaces/default/pods/web',
    query: 'gracePeriodSeconds=0&propagationPolicy=Foreground',
    headers: json,
    body: '{"gracePeriodSeconds":30,"preconditions":{"uid":"5d2f"}}',
  },
  {
    shows: 'the same delete without any body property sends no body',
    tool: 'deleteCoreV1NamespacedPod',
    arguments: { name: 'web', namespace: 'default', dryRun__query: 'All' },
    method: 'DELETE',
    path: '/api/v1/namespaces/default/pods/web',
    query: 'dryRun=All',
    headers: { accept },
  },
  {
    shows: 'a merge patch: its own media type, null kept because it deletes',
    tool: 'patchCoreV1NamespacedPod',
    arguments: { name: 'web', namespace: 'default', fieldManager: 'gatehouse', force: true, body: { metadata: { labels: { old: null, new: 'yes' } } } },
    method: 'PATCH',
    path: '/api/v1/namespaces/default/pods/web',
    query: 'fieldManager=gatehouse&force=true',
    headers: { accept, 'content-type': 'application/merge-patch+json' },
    body: '{"metadata":{"labels":{"old":null,"new":"yes"}}}',
  },
  {
    shows: 'map values with unusual keys and characters',
    tool: 'replaceCoreV1NamespacedConfigMap',
    arguments: {
      name: 'settings',
      namespace: 'default',
      fieldValidation: 'Strict',
      metadata: { name: 'settings' },
      data: { 'a.b/c': 'line1\nline2', 'ключ': '€ "q" \\ </script>', empty: '' },
      immutable: false,
    },
    method: 'PUT',
    path: '/api/v1/namespaces/default/configmaps/settings',
    query: 'fieldValidation=Strict',
    headers: json,
    body: '{"metadata":{"name":"settings"},"data":{"a.b/c":"line1\\nline2","ключ":"€ \\"q\\" \\\\ </script>","empty":""},"immutable":false}',
  },
  {
    shows: 'a path parameter and a query parameter of one name; slashes stay inside their segment',
    tool: 'connectCoreV1GetNamespacedPodProxyWithPath',
    arguments: { name: 'web:8080', namespace: 'default', path: 'metrics/v1', path__query: '/metrics?x=1' },
    method: 'GET',
    path: '/api/v1/namespaces/default/pods/web%3A8080/proxy/metrics%2Fv1',
    query: 'path=%2Fmetrics%3Fx%3D1',
    headers: { accept },
  },
  {
    shows: 'a body written inline with a required property, a tool name of exactly 44 characters',
    tool: 'createAuthorizationV1SelfSubjectAccessReview',
    arguments: { spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } }, pretty: 'true' },
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    query: 'pretty=true',
    headers: json,
    body: '{"spec":{"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}}',
  },
  {
    shows: 'a log request: integers, booleans, a container name',
    tool: 'readCoreV1NamespacedPodLog',
    arguments: { name: 'web', namespace: 'default', container: 'side car', tailLines: 100, timestamps: true, follow: false },
    method: 'GET',
    path: '/api/v1/namespaces/default/pods/web/log',
    query: 'container=side%20car&follow=false&tailLines=100&timestamps=true',
    headers: { accept },
  },
];

/** Operation counts were taken with a JSON query of the documents (`paths.*.{method}`), not with our index. */
export const realDocuments: readonly DocumentExpectation[] = [
  { file: 'jira.json', operations: 499, requests: jira },
  { file: 'kubernetes-v3.json', operations: 845, requests: kubernetes },
];
