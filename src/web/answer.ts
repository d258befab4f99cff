import type { FastifyReply } from 'fastify';
import type { Html } from './html.js';

export function sendPage(reply: FastifyReply, page: Html, status = 200): void {
  reply.code(status).type('text/html; charset=utf-8').send(page.text);
}

/** 303, so that whatever came is followed by a GET. */
export function sendTo(reply: FastifyReply, location: string, cookies: readonly string[] = []): void {
  if (cookies.length > 0) reply.header('set-cookie', [...cookies]);
  reply.code(303).header('location', location).send();
}
