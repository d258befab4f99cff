/** What standing streams are measured against: node:http, which holds every response open and knows nothing of it. */
import { createServer } from 'node:http';

const [port = ''] = process.argv.slice(2);

createServer((request, response) => {
  if (request.url === '/ready') return void response.end();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}).listen(Number(port), '127.0.0.1');
