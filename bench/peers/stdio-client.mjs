/** A lenient MCP client over stdio: the official ones refuse whole lists for one bad tool, and here lists are to be seen as they are. */
import { spawn } from 'node:child_process';

const PROTOCOL = '2025-06-18';

/** @typedef {{ command: string, args: string[], environment: Record<string, string> }} ServerCommand */

export class StdioClient {
  #child;
  #pending = new Map();
  #chunks = /** @type {Buffer[]} */ ([]);
  #errors = '';
  #id = 0;

  /** @param {ServerCommand} server @param {number} limitMs after which the server is ended */
  constructor({ command, args, environment }, limitMs) {
    this.#child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout.on('data', (chunk) => this.#read(chunk));
    this.#child.stderr.on('data', (chunk) => (this.#errors = (this.#errors + chunk).slice(-2_000)));
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', (error) => this.#failAll(error));
    this.#child.on('exit', (code, signal) => this.#failAll(new Error(`the server ended (${signal ?? code}): ${lastLine(this.#errors)}`)));
    this.timer = setTimeout(() => this.#failAll(new Error(`no answer in ${limitMs / 1000} s`)), limitMs);
  }

  async initialize() {
    await this.request('initialize', { protocolVersion: PROTOCOL, capabilities: {}, clientInfo: { name: 'peers', version: '1' } });
    this.#write({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  /** All pages. @returns {Promise<Record<string, any>[]>} */
  async listTools() {
    const tools = [];
    let cursor;
    do {
      const page = await this.request('tools/list', cursor === undefined ? {} : { cursor });
      tools.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return tools;
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  request(method, params) {
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#write({ jsonrpc: '2.0', id, method, params });
    });
  }

  close() {
    clearTimeout(this.timer);
    this.#child.removeAllListeners('exit');
    this.#child.kill('SIGKILL');
  }

  /** @param {object} message */
  #write(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#chunks.push(chunk.subarray(start, end));
      this.#take(Buffer.concat(this.#chunks));
      this.#chunks = [];
      start = end + 1;
    }
    if (start < chunk.length) this.#chunks.push(chunk.subarray(start));
  }

  /** @param {Buffer} line */
  #take(line) {
    let message;
    try {
      message = JSON.parse(line.toString());
    } catch (error) {
      // Chatter of a server; but a list of more than V8's longest string is an answer that no client can read.
      if (line.length > 1e8) this.#failAll(error);
      return;
    }
    const waiting = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error.message));
  }

  /** @param {unknown} error */
  #failAll(error) {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** @param {string} text */
const lastLine = (text) => text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
