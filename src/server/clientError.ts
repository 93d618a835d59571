import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../app/errors.ts';
import { PROBLEM_TYPE, problemDocument } from './problem.ts';

/** What cannot be read as a request, so that Node refuses it before the framework sees it, is told as any other problem. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answerOf(problemOf(error.code)));
  socket.destroy(error);
}

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(
      'head_too_large',
      'The address and the headers are larger together than what is taken here.',
    );
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request_timeout', 'The request did not arrive whole in time. Send it again.');
  return new Problem('invalid_request', 'This is not an HTTP request that can be read.');
}

function answerOf(problem: Problem): string {
  const body = JSON.stringify(problemDocument(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
